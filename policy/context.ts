import type { Catalog } from "../model/index.ts";
import { projectName } from "../model/names.ts";
import type { Context } from "./resource.ts";

/** What rules know of a catalog. Pure. @param approved paid settings that were approved. @default none */
export function contextOf(catalog: Pick<Catalog, "zones" | "sites">, approved: readonly string[] = []): Context {
  const { zones, sites } = catalog;
  const answers = zones.filter(
    ({ name, wildcard, records }) => wildcard || records.some(({ host }) => host === `*.${name}`),
  );
  return {
    zones: zones.map(({ name }) => name),
    wildcards: new Set(answers.map(({ name }) => name)),
    sites: sites.map(({ host }) => host),
    privateProjects: new Set(
      sites.filter(({ tags, project }) => tags.includes("private") && project === "own").map(projectName),
    ),
    approved: new Set(approved),
  };
}
