import pLimit from "p-limit";
import type { StackState } from "../../../stacks/desired.ts";
import { PLESK_STACK } from "../../../stacks/names.ts";
import type { StackChange } from "../../../stacks/state.ts";
import type { GoingBack, JournalEvent } from "../../backend/journal/journal.ts";
import { type HealthResult, keepEvidence } from "../../health/index.ts";
import type { Session } from "../../run/session.ts";
import { newestWhole, stackVersions, type WholeVersion } from "../rollback/index.ts";
import { targetState } from "../rollout/start.ts";
import type { Known } from "../rollout/types.ts";
import { type AskOptions, askSites, judgeWave, knownFailures } from "../step/index.ts";
import { type Affected, affectedSites, stacksBeside } from "./affected.ts";
import { expectedBack, goingBack } from "./back.ts";
import { endsOf, type StackEnd, type Unfinished } from "./unfinished.ts";

/** Histories that are read at once. */
const HISTORIES_AT_ONCE = 8;

/** What is known of the sites of a run before it changes anything. */
export interface Watch {
  readonly changes: readonly StackChange[];
  readonly affected: Affected;
  /** Versions that the stacks have; null = none that is known whole. */
  readonly before: Readonly<Record<string, number | null>>;
  /** What fails already. */
  readonly known: readonly Known[];
  /** Stacks of runs before that are judged with this one, and how they ended there. */
  readonly carried: Readonly<Record<string, "done" | "failed">>;
  /** The run that they are of. */
  readonly carries?: string;
}

/** The judgement of a run, as it stands in its journal; with what was seen. */
export interface JudgedRun extends Omit<Extract<JournalEvent, { event: "run-judged" }>, "event"> {
  readonly results: readonly HealthResult[];
}

/**
 * Finds the sites that the updates of these stacks change, and asks those that exist already. What fails now is not blamed on the
 * run later. Where every site is new, none is asked.
 *
 * @param carried A run that this one goes on with: what was before it counts, and its stacks are judged as well
 * @throws SitefleetError `rollback.history`, `store.unreachable`, those of `checkTargets`; what `signal` was aborted with
 */
export async function beginWatch(
  session: Session,
  stacks: readonly string[],
  { carried, ...options }: AskOptions & { readonly carried?: Unfinished | undefined } = {},
): Promise<Watch> {
  const found = await lookBefore(session, stacks, carried);
  // What failed before the run that is continued is known from then: now its changes are part of what is seen.
  const now = found.affected.sites.filter((one) => !one.stacks.some((stack) => found.carried[stack] !== undefined));
  const expected = new Map(now.map(({ site, before }) => [site.host, before]));
  const results = await askSites(
    session,
    now.map(({ site }) => site),
    expected,
    options,
  );
  return { ...found, known: [...(carried?.run.watched?.known ?? []), ...knownFailures(results)] };
}

/** What a run that has ended had before, from its journal: for a judgement that was not reached. Asks no site. */
export async function recallWatch(session: Session, left: Unfinished): Promise<Watch> {
  return { ...(await lookBefore(session, [], left)), known: left.run.watched?.known ?? [] };
}

/** The run's event of what was known before. Pure. */
export function watchedEvent(watch: Watch): Extract<JournalEvent, { event: "run-watched" }> {
  const { before, known, affected, carried, carries } = watch;
  const sites = affected.sites.length;
  const of = carries === undefined ? {} : { carries };
  return { event: "run-watched", before: { ...before }, known: [...known], sites, carried: { ...carried }, ...of };
}

/** What the stacks are and are to be, and the sites that it matters to. */
async function lookBefore(
  session: Session,
  stacks: readonly string[],
  carried: Unfinished | undefined,
): Promise<Omit<Watch, "known">> {
  const { catalog } = session.inputs;
  const versions = carried?.run.watched?.before ?? {};
  const open = carried?.stacks ?? [];
  const earlier = Object.fromEntries(open.map((stack) => [stack, versions[stack] ?? null]));
  const all = [...new Set([...Object.keys(earlier), ...stacks])].filter((stack) => stack !== PLESK_STACK);
  const limit = pLimit(HISTORIES_AT_ONCE);
  const read = (stack: string, version?: number | null) =>
    limit(async (): Promise<WholeVersion | undefined> => {
      // A preview leaves a stack that it had to make empty.
      if (version === null || !session.infos.get(stack)?.resources) return undefined;
      return version === undefined ? newestWhole(stack) : versionOf(stack, version);
    });
  const ends = carried === undefined ? [] : [...endsOf(carried.run)];
  const earlierEnds = ends.flatMap(([stack, end]) =>
    end === "untouched" || !open.includes(stack) ? [] : [[stack, end] as const],
  );
  const done = new Set(earlierEnds.flatMap(([stack, end]) => (end === "done" ? [stack] : [])));
  const looked = await Promise.all(
    all.map(async (stack) => {
      const before = await read(stack, earlier[stack]);
      // What an earlier run has brought is what it was then; the catalog may be another one by now.
      const brought = done.has(stack) && !stacks.includes(stack) ? (await read(stack))?.desired : undefined;
      return { stack, before, target: brought ?? (await targetState(session, stack)) };
    }),
  );
  const changes = looked.map(({ stack, before, target }) => ({ stack, before: before?.desired, target }));
  const beside = stacksBeside(catalog, changes).map(async (stack) => [stack, (await read(stack))?.desired] as const);
  const others = new Map<string, StackState>();
  for (const [stack, state] of await Promise.all(beside)) if (state !== undefined) others.set(stack, state);
  return {
    changes,
    affected: affectedSites(catalog, changes, others),
    before: Object.fromEntries(looked.map(({ stack, before }) => [stack, before?.version ?? null])),
    carried: Object.fromEntries(earlierEnds),
    carries: carried?.run.run,
  };
}

async function versionOf(stack: string, version: number): Promise<WholeVersion | undefined> {
  const found = (await stackVersions(stack)).find((one) => one.version === version);
  const desired = await found?.desired();
  return desired === undefined ? undefined : { version, desired };
}

/** How a judgement is made. */
export interface JudgeOptions extends AskOptions {
  /** Ends of the run's stacks. */
  readonly ends: ReadonlyMap<string, StackEnd>;
  /** Work out what goes back. @default true */
  readonly rollback?: boolean;
}

/**
 * Asks what a run has changed and judges it with the limits of rollout.yaml. Of a stack that failed it is not known which sites
 * have the new release, so either release passes there. Evidence is on disk before this returns.
 *
 * @returns undefined when nothing was changed that existed before
 * @throws those of `checkTargets`; what `signal` was aborted with
 */
export async function judgeRun(session: Session, watch: Watch, options: JudgeOptions): Promise<JudgedRun | undefined> {
  const { ends, rollback = true } = options;
  const reached = reachedSites(watch, ends);
  if (reached.length === 0) return undefined;
  const expected = new Map(
    reached.map(({ site, stacks, after }) => [
      site.host,
      stacks.every((stack) => ends.get(stack) === "done") ? after : {},
    ]),
  );
  const results = await askSites(
    session,
    reached.map(({ site }) => site),
    expected,
    options,
  );
  const judged = judgeWave(results, watch.known, session.inputs.catalog.rollout.limits);
  const whole = results.every(({ verdict }) => verdict === "pass");
  const changes = watch.changes.filter(({ stack }) => touched(ends, stack));
  return {
    ...judged,
    evidence: whole ? undefined : keepEvidence(session.folders.state, results),
    back: judged.verdict === "fail" && rollback ? goingBack(changes, reached, judged.figures.examples) : undefined,
    results,
  };
}

/** Asks the sites that are new with a run. They have nothing to go back to: what they answer is only told. */
export async function askFresh(
  session: Session,
  { affected }: Watch,
  { ends, ...options }: Omit<JudgeOptions, "rollback">,
): Promise<HealthResult[]> {
  const fresh = affected.fresh.filter(({ stacks }) => stacks.every((stack) => ends.get(stack) === "done"));
  return askSites(
    session,
    fresh.map(({ site }) => site),
    new Map(fresh.map(({ site, after }) => [site.host, after])),
    options,
  );
}

/**
 * Asks the sites that went back, with the release that they served before.
 *
 * @throws those of `checkTargets`; what `signal` was aborted with
 */
export async function askBack(session: Session, back: GoingBack, options: AskOptions): Promise<HealthResult[]> {
  const { catalog } = session.inputs;
  const expected = expectedBack(catalog, back);
  return askSites(
    session,
    catalog.sites.filter(({ host }) => expected.has(host)),
    expected,
    options,
  );
}

/** The sites that stacks of the run may have changed. Pure. */
export function reachedSites({ affected }: Watch, ends: ReadonlyMap<string, StackEnd>): Affected["sites"] {
  return affected.sites.filter(({ stacks }) => stacks.some((stack) => touched(ends, stack)));
}

const touched = (ends: ReadonlyMap<string, StackEnd>, stack: string): boolean =>
  ends.has(stack) && ends.get(stack) !== "untouched";
