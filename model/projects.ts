import type { Framework } from "./frameworks.ts";
import { sharedProjectKey, sharedProjectName } from "./names.ts";
import type { Site, Zone } from "./types.ts";

/** A Vercel project that several sites, or all other names of a zone, live in. */
export interface SharedProject {
  /** Name at Vercel, see `sharedProjectName`. */
  readonly name: string;
  readonly repository: string;
  readonly rootDirectory: string;
  readonly framework: Framework | null;
  readonly channel: string;
  /** Sites that are domains of it, in the catalog's order. */
  readonly sites: readonly Site[];
  /** Zones whose `*.zone` is a domain of it. */
  readonly wildcardZones: readonly string[];
}

/** All shared projects, sorted by name: those of sites and the catchAll projects of zones; one may be both. */
export function sharedProjects(catalog: {
  readonly sites: readonly Site[];
  readonly zones: readonly Zone[];
}): SharedProject[] {
  const found = new Map<string, SharedProject & { sites: Site[]; wildcardZones: string[] }>();
  const projectOf = (source: Pick<SharedProject, "repository" | "rootDirectory" | "framework" | "channel">) => {
    const key = sharedProjectKey(source);
    const known = found.get(key);
    if (known) return known;
    const { repository, rootDirectory, framework, channel } = source;
    const name = sharedProjectName(source);
    const created = { name, repository, rootDirectory, framework, channel, sites: [], wildcardZones: [] };
    found.set(key, created);
    return created;
  };
  for (const zone of catalog.zones) if (zone.catchAll) projectOf(zone.catchAll).wildcardZones.push(zone.name);
  for (const site of catalog.sites) if (site.project === "shared") projectOf(site).sites.push(site);
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
