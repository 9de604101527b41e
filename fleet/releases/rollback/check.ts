import { type Catalog, type Site, sharedProjectName } from "../../../model/index.ts";
import { changedHosts, slice } from "../../../stacks/state.ts";
import type { Expected } from "../../health/index.ts";
import { type RollbackTarget, releasesOf } from "./target.ts";

/** A site whose answer says whether going back has worked, and the release that it must answer with. */
export interface CheckAfter {
  readonly site: Site;
  readonly expected: Expected;
}

/**
 * The sites that something has changed for: those of cells that differ, and those of shared projects that did. Sites that
 * went with the rollback, or that the catalog has no more, are not asked. Pure.
 */
export function sitesToCheck(
  catalog: Catalog,
  targets: readonly Pick<RollbackTarget, "current" | "desired">[],
): CheckAfter[] {
  const moved = new Map<string, Expected>();
  const projects = new Map<string, string>();
  for (const { current, desired } of targets) {
    if (desired.kind === "cell" && current.kind === "cell") {
      for (const { host, commit } of slice(desired, changedHosts({ before: current, target: desired })).sites)
        moved.set(host, commit === undefined ? {} : { ref: commit });
    } else if (desired.kind === "shared") {
      const before = new Map(releasesOf(current).map(({ name, commit }) => [name, commit]));
      for (const { name, commit } of releasesOf(desired)) if (before.get(name) !== commit) projects.set(name, commit);
    }
  }
  return catalog.sites.flatMap((site): CheckAfter[] => {
    const own = moved.get(site.host);
    if (own !== undefined) return [{ site, expected: own }];
    const shared = site.project === "shared" ? projects.get(sharedProjectName(site)) : undefined;
    return shared === undefined ? [] : [{ site, expected: { ref: shared } }];
  });
}
