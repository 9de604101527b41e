import { SitefleetError } from "../../../errors/index.ts";
import type { CellState, StackState } from "../../../stacks/desired.ts";
import { merge, sameState } from "../../../stacks/state.ts";
import { firstWhole, type StackVersion, wholeState } from "../../backend/states/versions.ts";
import type { Current } from "./current.ts";

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
  /** An update since `from` failed or was cut off and has changed something. */
  readonly moved: boolean;
}

/** What else decides which version it is. */
export interface TargetOptions {
  /** What the stack is now. @default the last version that is known whole, unchanged */
  readonly now?: Current | undefined;
  /** Whether a version is chosen only by name, since it has a release that was rolled back. @default none */
  readonly avoid?: (desired: StackState, current: StackState) => boolean;
  /** The version that it was taken back to last: unless it has changed since, it goes on from there. @default none */
  readonly back?: number | undefined;
}

/**
 * Finds the version to go back to. Of a cell a few sites can go back while the others stay.
 *
 * @param versions the newest first
 * @throws SitefleetError `rollback.none`, `rollback.version`, `site.unknown`
 */
export async function chooseTarget(
  versions: readonly StackVersion[],
  aim: RollbackAim,
  options: TargetOptions = {},
): Promise<RollbackTarget> {
  const { stack, hosts, to } = aim;
  const newest = await firstWhole(versions);
  if (newest === undefined) throw none(aim, "no update of it is known whole");
  const current = options.now?.state ?? newest.desired;
  const apply = (old: StackState) => (hosts === undefined ? old : withSites(stack, current, old, hosts));
  const moved = options.now?.moved ?? new Set();
  const found = (version: number, desired: StackState): RollbackTarget => ({
    stack,
    version,
    from: newest.version,
    current,
    desired,
    moved: moved.size > 0,
  });
  if (to !== undefined) {
    const version = versions.find((one) => one.version === to);
    const desired = version && (await wholeState(version));
    if (desired !== undefined) return found(to, apply(desired));
    throw new SitefleetError({
      code: "rollback.version",
      message: `version ${to} is not one to go back to`,
      subject: stack,
      hint: "sitefleet rollback --list shows the versions",
    });
  }
  // What an update has left half done goes back to what it was before that update.
  const concerned = hosts === undefined ? moved.size > 0 : hosts.some((host) => moved.has(host));
  if (concerned && aim.before === undefined) return found(newest.version, apply(newest.desired));
  return earlier(versions, aim, options, { newest: newest.version, current, apply, found });
}

/** The last earlier version: of a moment, or else the last that differs. */
async function earlier(
  versions: readonly StackVersion[],
  aim: RollbackAim,
  { avoid, back }: TargetOptions,
  {
    newest,
    current,
    apply,
    found,
  }: {
    readonly newest: number;
    readonly current: StackState;
    readonly apply: (old: StackState) => StackState;
    readonly found: (version: number, desired: StackState) => RollbackTarget;
  },
): Promise<RollbackTarget> {
  const { before } = aim;
  const earlier = versions.find(({ version }) => version === back);
  const last = earlier && (await wholeState(earlier));
  const below = back !== undefined && last !== undefined && sameState(apply(last), current) ? back : newest;
  for (const version of versions) {
    if (before === undefined ? version.version >= below : version.endedAt >= before) continue;
    const desired = await wholeState(version);
    if (desired === undefined) continue;
    const next = apply(desired);
    // With a moment it is the state of then, also when nothing differs; else the last one that does.
    if (before !== undefined) return found(version.version, next);
    if (!sameState(next, current) && !avoid?.(next, current)) return found(version.version, next);
  }
  throw none(aim, before === undefined ? "no earlier version differs" : "it had no whole version before");
}

/** The current state with some sites as they were. A site that was not there then is removed, a site that is gone comes back. */
function withSites(stack: string, current: StackState, old: StackState, hosts: readonly string[]): CellState {
  if (current.kind !== "cell" || old.kind !== "cell") throw notACell(stack);
  const known = new Set([...current.sites, ...old.sites].map(({ host }) => host));
  for (const host of hosts) if (!known.has(host)) throw unknownSite(host, stack);
  return merge(current, old, hosts);
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
  return state.projects.flatMap(({ name, repository, commit }) =>
    commit === undefined ? [] : [{ name, repository, commit }],
  );
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
