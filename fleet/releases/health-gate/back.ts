import type { ZoneSpec } from "../../../components/wildcard-zone/plan.ts";
import { type Catalog, sharedProjectName } from "../../../model/index.ts";
import type { SiteState, StackState } from "../../../stacks/desired.ts";
import { SHARED_STACK } from "../../../stacks/names.ts";
import { merge, mergeShared, type StackChange, sitesOf } from "../../../stacks/state.ts";
import { dnsOf } from "../../../vendors/index.ts";
import type { GoingBack } from "../../backend/journal/journal.ts";
import type { Expected } from "../../health/index.ts";
import { lossesOf, type RollbackTarget, releasesLeft } from "../rollback/index.ts";
import { type AffectedSite, changedShared } from "./affected.ts";

/** Something that does not go back by itself. */
type Stay = GoingBack["stay"][number];

const MOVED = "it has come from another cell: its project there is gone";
const OWN = "it has got a project of its own, which would be deleted";
const SHARED = "its own project is gone: a new one would be made and built";
const madeAt = (zone: ZoneSpec) =>
  `who makes the zone has changed: going back would make or delete it at ${dnsOf(zone).vendor.title}`;

/**
 * What would not come back, or not as it was, if everything that a run changes went back: answered before the run begins.
 * Pure.
 */
export function staysBehind(changes: readonly StackChange[], sites: readonly AffectedSite[]): Stay[] {
  const found = new Map<string, Stay>();
  const add = (stay: Stay) => {
    const key = `${stay.stack} ${stay.name}`;
    if (!found.has(key)) found.set(key, stay);
  };
  for (const { stack, before, target } of changes) {
    for (const host of changedIn(sites, stack)) {
      const [old, now] = [siteIn(before, host), siteIn(target, host)];
      if (old === undefined) add({ stack, name: host, reason: MOVED });
      else if (old.project.kind !== now?.project.kind) {
        add({ stack, name: host, reason: old.project.kind === "own" ? SHARED : OWN });
      }
    }
    if (before?.kind === "shared" && target.kind === "shared") {
      const zones = new Map(before.zones.map((zone) => [zone.name, zone]));
      for (const zone of target.zones) {
        const old = zones.get(zone.name);
        const moved = old?.dns !== zone.dns && (old?.mode === "create" || zone.mode === "create");
        if (old !== undefined && (old.mode !== zone.mode || moved))
          add({ stack, name: zone.name, reason: madeAt(zone) });
      }
    }
  }
  // What the rollback command would say of the same, for what is not known here by name.
  for (const { stack, desired, current } of targetsOf(changes, sites, [...found.values()]))
    for (const { name, reason } of lossesOf({ stack, current, desired })) add({ stack, name, reason });
  return [...found.values()];
}

/**
 * The target of a run that has failed its judgement. Sites, shared projects and zones that the run has changed are as they were
 * before. New ones stay, and removed ones stay removed. Pure.
 *
 * @param failed Hosts that fail; only releases that they serve are bad. Empty: all that has come
 */
export function goingBack(
  changes: readonly StackChange[],
  sites: readonly AffectedSite[],
  failed: readonly string[],
): GoingBack {
  const stay = staysBehind(changes, sites);
  const targets = targetsOf(changes, sites, stay);
  const guilty = new Set(
    sites
      .filter(({ site }) => failed.length === 0 || failed.includes(site.host))
      .flatMap(({ site }) => [site.host, ...(site.project === "shared" ? [sharedProjectName(site)] : [])]),
  );
  const left = releasesLeft(targets).filter(({ names }) => names.some((name) => guilty.has(name)));
  const there = new Set(targets.map(({ stack }) => stack));
  const remains = new Set(stay.map(({ name }) => name));
  const shared = changedShared(changes);
  const moves = ({ site, stacks }: AffectedSite) =>
    stacks.some((stack) => {
      if (!there.has(stack)) return false;
      if (stack !== SHARED_STACK) return !remains.has(site.host);
      const project = site.project === "shared" && shared.projects.has(sharedProjectName(site));
      return project || (shared.zones.has(site.zone) && !remains.has(site.zone));
    });
  return {
    desired: Object.fromEntries(targets.map(({ stack, desired }) => [stack, desired])),
    hosts: sites.filter(moves).map(({ site }) => site.host),
    bad: left.map(({ repository, commit }) => ({ repository, commit })),
    stay,
  };
}

/** What the sites that go back must answer with, by host; those that the catalog has no more are not asked. Pure. */
export function expectedBack(catalog: Catalog, { desired, hosts }: GoingBack): Map<string, Expected> {
  const states = Object.values(desired);
  const own = new Map(states.flatMap(sitesOf).map((site) => [site.host, site]));
  const projects = new Map(
    states
      .flatMap((state) => (state.kind === "shared" ? state.projects : []))
      .map(({ name, commit }) => [name, commit]),
  );
  const wanted = new Set(hosts);
  return new Map(
    catalog.sites
      .filter(({ host }) => wanted.has(host))
      .map((site): [string, Expected] => {
        const shared = site.project === "shared" ? projects.get(sharedProjectName(site)) : undefined;
        const ref = own.get(site.host)?.commit ?? shared;
        return [site.host, ref === undefined ? {} : { ref }];
      }),
  );
}

type Target = Pick<RollbackTarget, "stack" | "current" | "desired">;

/** The stacks that go back, with what they are and what they are to be. */
function targetsOf(changes: readonly StackChange[], sites: readonly AffectedSite[], stay: readonly Stay[]): Target[] {
  return changes.flatMap(({ stack, before, target }): Target[] => {
    if (before === undefined) return [];
    const stays = new Set(stay.filter((one) => one.stack === stack).map(({ name }) => name));
    if (target.kind === "cell") {
      const hosts = changedIn(sites, stack).filter((host) => !stays.has(host) && siteIn(before, host) !== undefined);
      return hosts.length === 0 ? [] : [{ stack, current: target, desired: merge(target, before, hosts) }];
    }
    if (target.kind !== "shared" || before.kind !== "shared") return [];
    const { projects, zones } = changedShared(changes);
    const names = [...projects, ...zones].filter((name) => !stays.has(name));
    if (names.length === 0) return [];
    return [{ stack, current: target, desired: mergeShared(target, before, new Set(names)) }];
  });
}

/** Hosts of a cell that the cell's own change reaches. */
function changedIn(sites: readonly AffectedSite[], stack: string): string[] {
  if (stack === SHARED_STACK) return [];
  return sites.filter(({ stacks }) => stacks.includes(stack)).map(({ site }) => site.host);
}

function siteIn(state: StackState | undefined, host: string): SiteState | undefined {
  return sitesOf(state).find((site) => site.host === host);
}
