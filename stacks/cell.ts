import * as pulumi from "@pulumi/pulumi";
import { skewProtectionIn } from "../components/vercel-site/project-plan.ts";
import { VercelSite } from "../components/vercel-site/vercel-site.ts";
import type { Declared, Part } from "./declared.ts";
import type { CellState } from "./desired.ts";
import { makeProviders } from "./providers.ts";
import { readSettings } from "./settings.ts";
import { openShared } from "./shared-outputs.ts";
import { declaredOf } from "./site-targets.ts";

/**
 * The program of a cell: its sites, nothing else.
 *
 * @param part what the engine is limited to; of other sites nothing is declared then, and it leaves them as they are. @default all
 */
export async function cellProgram(state: CellState, part?: Part): Promise<Declared> {
  const settings = readSettings({ kind: "cell" });
  const skewProtection = skewProtectionIn(settings.values);
  const ownProjects = state.sites.some((site) => site.project.kind === "own");
  const providers = await makeProviders(settings, ownProjects ? ["vercel", "sitefleet"] : ["vercel"]);
  const usesShared = state.sites.some((site) => site.project.kind === "shared");
  const shared = usesShared ? await openShared(["projects"]) : undefined;
  const verified: pulumi.Output<boolean>[] = [];
  const verify = !part?.adopting;
  for (const site of declaredOf(state, part?.cell).sites) {
    if (site.project.kind === "own") {
      const { check, ...spec } = site;
      const project = { ...site.project, skewProtection };
      const args = { ...spec, project, release: check ? { check } : undefined, verify };
      verified.push(new VercelSite(site.host, args, { providers }).verified);
      // In an adoption a site whose project was not taken over stays out, and the others go on.
    } else if (shared && (verify || shared.has("projects", site.project.name))) {
      const projectId = shared.get("projects", site.project.name);
      const args = { host: site.host, project: { kind: "shared" as const, projectId }, verify };
      verified.push(new VercelSite(site.host, args, { providers }).verified);
    }
  }
  // A stack with a domain that is not ours yet is not as declared: the next run looks again. A preview stores nothing.
  const complete = pulumi.runtime.isDryRun() ? undefined : pulumi.all(verified).apply((all) => all.every((one) => one));
  return { outputs: { sites: state.sites.length }, shared: shared?.values ?? {}, complete };
}
