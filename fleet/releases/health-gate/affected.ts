import { type Catalog, type Site, stackOf } from "../../../model/index.ts";
import type { SharedState, SiteState, StackState } from "../../../stacks/desired.ts";
import { canonicalJson } from "../../../stacks/digest.ts";
import { SHARED_STACK } from "../../../stacks/names.ts";
import { difference, type PartKind, type StackChange, sitesOf } from "../../../stacks/state.ts";
import type { Expected } from "../../health/index.ts";

/** A site that was there before and that a run changes. */
export interface AffectedSite {
  readonly site: Site;
  /** Stacks whose change reaches it: its cell's, the shared one, or both. */
  readonly stacks: readonly string[];
  /** The release that it serves before, as far as it is known. */
  readonly before: Expected;
  /** The one that it serves after. */
  readonly after: Expected;
}

/** The sites that a run has to do with. */
export interface Affected {
  readonly sites: readonly AffectedSite[];
  /** Sites that are new with it: there is nothing that they could be worse than. */
  readonly fresh: readonly Pick<AffectedSite, "site" | "stacks" | "after">[];
}

/** Names of shared projects and zones. */
export interface SharedNames {
  readonly projects: ReadonlySet<string>;
  readonly zones: ReadonlySet<string>;
}

/** Projects and zones of the shared stack that were there before and differ now. Pure. */
export function changedShared(changes: readonly StackChange[]): SharedNames {
  const change = changes.find(({ stack }) => stack === SHARED_STACK);
  const changed = difference(change?.before, change?.target, served).filter((one) => one.change === "changed");
  const named = (part: PartKind) => new Set(changed.filter((one) => one.part === part).map(({ name }) => name));
  return { projects: named("project"), zones: named("zone") };
}

/**
 * The sites whose declaration, shared project or zone a run changes, and those that it brings. A site that a run takes away
 * is neither. Pure.
 *
 * @param others What stacks are that the run leaves alone, as far as it matters: see {@link stacksBeside}
 */
export function affectedSites(
  catalog: Catalog,
  changes: readonly StackChange[],
  others: ReadonlyMap<string, StackState>,
): Affected {
  const beside = [...others].map(([stack, state]): StackChange => ({ stack, before: state, target: state }));
  const all = [...changes, ...beside];
  const inRun = new Set(changes.map(({ stack }) => stack));
  const [then, now] = [placesOf(all, "before"), placesOf(all, "target")];
  const shared = all.find(({ stack }) => stack === SHARED_STACK);
  const changed = changedShared(changes);
  const sites: AffectedSite[] = [];
  const fresh: Affected["fresh"][number][] = [];
  for (const site of catalog.sites) {
    const place = now.get(site.host);
    if (place === undefined) continue;
    const old = then.get(site.host);
    const after = expectedOf(place.state, shared?.target);
    if (old === undefined) {
      if (inRun.has(place.stack)) fresh.push({ site, stacks: [place.stack], after });
      continue;
    }
    const own = old.stack !== place.stack || canonicalJson(served(old.state)) !== canonicalJson(served(place.state));
    const { project } = place.state;
    const through = (project.kind === "shared" && changed.projects.has(project.name)) || changed.zones.has(site.zone);
    if (!own && !through) continue;
    const stacks = [...(own ? [place.stack] : []), ...(through ? [SHARED_STACK] : [])];
    sites.push({ site, stacks, before: expectedOf(old.state, shared?.before), after });
  }
  return { sites, fresh };
}

/**
 * Stacks whose state must be known beside those of a run: the shared one, for the release that sites of a shared project
 * serve; when its projects or zones change, the cells of all sites that these reach. Pure.
 */
export function stacksBeside(catalog: Catalog, changes: readonly StackChange[]): string[] {
  const inRun = new Set(changes.map(({ stack }) => stack));
  const { projects, zones } = changedShared(changes);
  const reached =
    projects.size + zones.size === 0
      ? []
      : catalog.sites.filter(({ zone, project }) => zones.has(zone) || (projects.size > 0 && project === "shared"));
  const cells = reached.map((site) => stackOf(site));
  const reads = changes.some(({ target }) => sitesOf(target).some(({ project }) => project.kind === "shared"));
  return [...new Set([...(reads ? [SHARED_STACK] : []), ...cells])].filter((stack) => !inRun.has(stack));
}

/** What decides what visitors get: not how a release is checked before it is promoted. Pure. */
const served = (part: object) => ({ ...part, check: undefined, release: undefined });

/** Where each host is. Pure. */
function placesOf(changes: readonly StackChange[], when: "before" | "target") {
  return new Map(
    changes.flatMap((change) =>
      sitesOf(change[when]).map((state) => [state.host, { stack: change.stack, state }] as const),
    ),
  );
}

function expectedOf({ project, commit }: SiteState, shared: StackState | undefined): Expected {
  const ref =
    project.kind === "own" ? commit : sharedOf(shared)?.projects.find(({ name }) => name === project.name)?.commit;
  return ref === undefined ? {} : { ref };
}

const sharedOf = (state: StackState | undefined): SharedState | undefined =>
  state?.kind === "shared" ? state : undefined;
