import type { Hosting } from "../hosting.ts";
import { objectOf, textOf } from "../live.ts";

/** How Vercel is asked about projects and what it has built of them. */
export const hosting: Hosting = {
  releases: "sitefleet",
  // Vercel's own name for it: https://vercel.com/docs/deployment-protection
  bypass: "VERCEL_AUTOMATION_BYPASS_SECRET",
  // https://vercel.com/docs/domains/working-with-domains/add-a-domain: apex domains
  apex: { type: "A", content: "76.76.21.21" },
  example: "https://NAME-HASH-TEAM.vercel.app",
  placeOf(release, provider) {
    const projectId = textOf(release, "projectId");
    if (projectId === undefined) return undefined;
    const team = textOf(release, "teamId") ?? textOf(provider, "vercelTeam");
    return { projectId, team };
  },
  projectOf: (inputs) => ({
    name: textOf(inputs, "name") ?? "",
    repository: textOf(objectOf(inputs, "gitRepository"), "repo") ?? "",
    rootDirectory: textOf(inputs, "rootDirectory") ?? "",
    framework: textOf(inputs, "framework") ?? null,
  }),
  // The provider replaces a project for another team alone (`RequiresReplace` in resource_project.go of 5.4.1). A team is no field of a site.
  updatesInPlace: (before, now) => before.name === now.name,
  // Loaded only then: a stack's program needs nothing of it.
  lookForBuilds: async (...given) => (await import("./builds.ts")).lookForBuilds(...given),
};
