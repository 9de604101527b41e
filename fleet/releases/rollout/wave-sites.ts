import { type Catalog, releaseRef, type Site, sharedProjectName, stackOf } from "../../../model/index.ts";
import type { SharedState, StackState } from "../../../stacks/desired.ts";
import { SHARED_STACK } from "../../../stacks/names.ts";
import { difference, type PartKind, sitesOf as sitesIn } from "../../../stacks/state.ts";
import type { Expected } from "../../health/index.ts";
import type { RolloutRecord, WaveState } from "./types.ts";

/** What stacks are, by name; null = there is none. */
type States = Readonly<Record<string, StackState | null>>;

/** The sites that a wave is judged by: its own; for the shared stack those of the projects and zones that it changes. Pure. */
export function sitesOf(
  { sites }: Pick<Catalog, "sites">,
  { before, target }: Pick<RolloutRecord, "before" | "target">,
  wave: Pick<WaveState, "kind" | "hosts">,
): Site[] {
  if (wave.kind !== "shared") {
    const hosts = new Set(Object.values(wave.hosts).flat());
    return sites.filter(({ host }) => hosts.has(host));
  }
  const [then, now] = [sharedIn(before), sharedIn(target)];
  const changed = difference(then, now).filter(({ change }) => change === "changed");
  const named = (part: PartKind) => new Set(changed.filter((one) => one.part === part).map(({ name }) => name));
  const [projects, zones] = [named("project"), named("zone")];
  return sites.filter(
    (site) => zones.has(site.zone) || (site.project === "shared" && projects.has(sharedProjectName(site))),
  );
}

/**
 * What each site serves when stacks are like that; of other stacks the catalog says it. Sites that are not there then are left
 * out. Pure.
 */
export function expectedIn(states: States, catalog: Catalog, sites: readonly Site[]): Map<string, Expected> {
  const known = new Map(
    Object.values(states)
      .flatMap(sitesIn)
      .map((site) => [site.host, site]),
  );
  const projects = new Map(sharedIn(states)?.projects.map(({ name, commit }) => [name, commit]));
  const found = new Map<string, Expected>();
  for (const site of sites) {
    const state = known.get(site.host);
    if (state === undefined && stackOf(site) in states) continue;
    const shared = state ? state.project.kind === "shared" : site.project === "shared";
    const project = state?.project.kind === "shared" ? state.project.name : shared ? sharedProjectName(site) : "";
    const declared = releaseRef(catalog.releases, site.channel, site.repository);
    const ref = state?.commit ?? (shared ? (projects.get(project) ?? declared) : declared);
    found.set(site.host, ref === undefined ? {} : { ref });
  }
  return found;
}

/** The shared stack among these. */
export function sharedIn(states: States): SharedState | undefined {
  const state = states[SHARED_STACK];
  return state?.kind === "shared" ? state : undefined;
}
