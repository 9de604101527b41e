import { type Catalog, projectName, sharedProjects } from "../../model/index.ts";

/** A project that something is paid for. */
export interface CostProject {
  /** Name at the vendor. */
  readonly name: string;
  readonly kind: "own" | "shared";
  /** Hosts that it serves, each with its zone; `*.zone` for a wildcard. */
  readonly hosts: readonly { readonly host: string; readonly zone: string }[];
}

/** The projects that a catalog declares: one a site of its own, then the shared ones. Pure. */
export function projectsOf(catalog: Pick<Catalog, "sites" | "zones">): CostProject[] {
  return [
    ...catalog.sites
      .filter(({ project }) => project === "own")
      .map(
        (site): CostProject => ({
          name: projectName(site),
          kind: "own",
          hosts: [{ host: site.host, zone: site.zone }],
        }),
      ),
    ...sharedProjects(catalog).map(
      ({ name, sites, wildcardZones }): CostProject => ({
        name,
        kind: "shared",
        hosts: [
          ...sites.map(({ host, zone }) => ({ host, zone })),
          ...wildcardZones.map((zone) => ({ host: `*.${zone}`, zone })),
        ],
      }),
    ),
  ];
}
