import type { CellState, PleskState, SharedState, StackState } from "../../../stacks/desired.ts";
import { canonicalJson } from "../../../stacks/digest.ts";
import { HOSTING } from "../../../vendors/index.ts";

/**
 * Whether the two declarations alone say what is deleted and replaced, so that no preview is needed. That holds for sites that
 * are added, removed, get another release or another setting of a project that the vendor changes in place, and for services that are added, removed or deployed again in the same place. Of
 * every other change only the provider knows what it replaces. Pure.
 */
export function isCertain(before: StackState, now: StackState, services?: readonly string[]): boolean {
  if (before.kind === "cell" && now.kind === "cell") return cell(before, now);
  if (before.kind === "plesk" && now.kind === "plesk") return plesk(before, now, services);
  return before.kind === "shared" && now.kind === "shared" && shared(before, now);
}

function cell(before: CellState, now: CellState): boolean {
  const then = new Map(before.sites.map(({ host, project }) => [host, project]));
  return now.sites.every(({ host, project }) => {
    const old = then.get(host);
    if (old === undefined || canonicalJson(old) === canonicalJson(project)) return true;
    return old.kind === "own" && project.kind === "own" && HOSTING.updatesInPlace(old, project);
  });
}

function plesk(before: PleskState, now: PleskState, services: readonly string[] | undefined): boolean {
  const then = new Map(before.services.map((service) => [service.key, placeOf(service)]));
  return now.services
    .filter(({ key }) => services === undefined || services.includes(key))
    .every((service) => !then.has(service.key) || then.get(service.key) === placeOf(service));
}

/** Where a service is and what its record says: its command is updated in place whatever else changes. */
function placeOf({
  key,
  server,
  host,
  zone,
  origin,
  path,
  kind,
  onRemoval,
  database,
}: PleskState["services"][number]): string {
  return canonicalJson({ key, server, host, zone, origin, path, kind, onRemoval, database });
}

function shared(before: SharedState, now: SharedState): boolean {
  const rest = (state: SharedState) =>
    canonicalJson({ ...state, projects: state.projects.map(({ commit: _, release: __, ...project }) => project) });
  return rest(before) === rest(now);
}
