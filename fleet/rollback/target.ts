import { SitefleetError } from "../../errors/index.ts";
import type { CellState, SiteState, StackState } from "../../stacks/desired.ts";
import { canonicalJson } from "../../stacks/digest.ts";
import { type Checkpoint, type StackVersion, stackCheckpoints } from "./versions.ts";

/** What is to go back, and how far. */
export interface RollbackAim {
  readonly stack: string;
  /** Only these sites of a cell. @default the whole stack */
  readonly hosts?: readonly string[];
  /** To this version. @default the last one that differs from what is declared now */
  readonly to?: number;
  /** To the last version before this moment, ms since 1970: a run's start. */
  readonly before?: number;
}

/** Where a stack goes back to. */
export interface RollbackTarget {
  readonly stack: string;
  /** Version that it goes back to. */
  readonly version: number;
  /** The version that it comes from: the last one that is known whole. */
  readonly from: number;
  readonly current: StackState;
  readonly desired: StackState;
}

/**
 * Finds the version to go back to. Of a cell a few sites can go back while the others stay.
 *
 * @param versions the newest first
 * @throws SitefleetError `rollback.none`, `rollback.version`, `site.unknown`
 */
export async function chooseTarget(versions: readonly StackVersion[], aim: RollbackAim): Promise<RollbackTarget> {
  const { stack, hosts, to, before } = aim;
  const newest = await firstWhole(versions);
  if (newest === undefined) throw none(aim, "no update of it is known whole");
  const apply = (old: StackState) => (hosts === undefined ? old : withSites(stack, newest.desired, old, hosts));
  if (to !== undefined) {
    const version = versions.find((one) => one.version === to);
    const desired = await version?.desired();
    if (desired !== undefined)
      return { stack, version: to, from: newest.version, current: newest.desired, desired: apply(desired) };
    throw new SitefleetError({
      code: "rollback.version",
      message: `version ${to} is not one to go back to`,
      subject: stack,
      hint: "sitefleet rollback --list shows the versions",
    });
  }
  const now = canonicalJson(newest.desired);
  for (const version of versions) {
    if (version.version >= newest.version && before === undefined) continue;
    if (before !== undefined && version.startedAt >= before) continue;
    const desired = version.succeeded ? await version.desired() : undefined;
    if (desired === undefined) continue;
    const next = apply(desired);
    // With a moment it is the state of then, also when nothing differs; else the last one that does.
    if (before !== undefined || canonicalJson(next) !== now)
      return { stack, version: version.version, from: newest.version, current: newest.desired, desired: next };
  }
  throw none(aim, before === undefined ? "no earlier version differs" : "it had no whole version before");
}

/** What a stack was declared to be, and in which version. */
export interface WholeVersion {
  readonly version: number;
  readonly desired: StackState;
}

/** What a stack was declared to be when it was last known whole, from its backend. @throws those of `stackCheckpoints` */
export async function newestWhole(stack: string): Promise<WholeVersion | undefined> {
  return firstWhole(await stackCheckpoints(stack));
}

/** What a stack was declared to be when it was last known whole. @param versions the newest first */
async function firstWhole(versions: readonly Checkpoint[]): Promise<WholeVersion | undefined> {
  for (const { version, desired } of versions) {
    const state = await desired();
    if (state !== undefined) return { version, desired: state };
  }
  return undefined;
}

/** The current state with some sites as they were; one that was not there then goes, one that is gone comes back. */
function withSites(stack: string, current: StackState, old: StackState, hosts: readonly string[]): CellState {
  if (current.kind !== "cell" || old.kind !== "cell") throw notACell(stack);
  const wanted = new Set(hosts);
  const known = [...current.sites, ...old.sites].map(({ host }) => host);
  for (const host of hosts) if (!known.includes(host)) throw unknownSite(host, stack);
  const sites: SiteState[] = [
    ...current.sites.filter(({ host }) => !wanted.has(host)),
    ...old.sites.filter(({ host }) => wanted.has(host)),
  ];
  return { kind: "cell", sites: sites.sort((a, b) => (a.host < b.host ? -1 : a.host > b.host ? 1 : 0)) };
}

/** A release that going back leaves: it is remembered as bad. */
export interface LeftRelease {
  /** Owner and name of the repository. */
  readonly repository: string;
  readonly commit: string;
  /** Sites and shared projects that left it. */
  readonly names: readonly string[];
}

/** The releases that are live now and not after going back. Pure. */
export function releasesLeft(targets: readonly Pick<RollbackTarget, "current" | "desired">[]): LeftRelease[] {
  const found = new Map<string, { repository: string; commit: string; names: string[] }>();
  for (const { current, desired } of targets) {
    const then = new Map(releasesOf(desired).map(({ name, commit }) => [name, commit]));
    for (const { name, repository, commit } of releasesOf(current)) {
      const old = then.get(name);
      if (old === undefined || old === commit) continue;
      const key = `${repository} ${commit}`;
      const entry = found.get(key) ?? { repository, commit, names: [] };
      entry.names.push(name);
      found.set(key, entry);
    }
  }
  return [...found.values()];
}

/** What a stack serves: site or shared project, repository, commit. Pure. */
export function releasesOf(state: StackState): { name: string; repository: string; commit: string }[] {
  if (state.kind === "cell") {
    return state.sites.flatMap(({ host, project, commit }) =>
      project.kind === "own" && commit !== undefined ? [{ name: host, repository: project.repository, commit }] : [],
    );
  }
  if (state.kind !== "shared") return [];
  return state.projects.map(({ name, repository, commit }) => ({ name, repository, commit }));
}

function none({ stack }: RollbackAim, why: string): SitefleetError {
  return new SitefleetError({
    code: "rollback.none",
    message: `there is nothing to go back to: ${why}`,
    subject: stack,
    hint: "sitefleet rollback --list shows the versions; a change can always be undone in the catalog",
  });
}

function notACell(stack: string): SitefleetError {
  return new SitefleetError({ code: "usage", message: "only a cell has sites", subject: stack });
}

function unknownSite(host: string, stack: string): SitefleetError {
  return new SitefleetError({
    code: "site.unknown",
    message: `${stack} has no such site, nor had it then`,
    subject: host,
  });
}
