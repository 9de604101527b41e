import { type Catalog, sharedProjects } from "../../model/index.ts";

/** The channel that each site with a project of its own, and each shared project, follows, by the name of its resources. Pure. */
export function channelsOf(catalog: Pick<Catalog, "sites" | "zones">): ReadonlyMap<string, string> {
  return new Map([
    ...catalog.sites.flatMap(({ project, host, channel }) => (project === "own" ? [[host, channel] as const] : [])),
    ...sharedProjects(catalog).map(({ name, channel }) => [name, channel] as const),
  ]);
}
