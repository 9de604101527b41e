import { hasCode, SitefleetError } from "../../errors/index.ts";
import { decided, journalScript } from "../commands/journal.ts";
import { markBadScript } from "../commands/release.ts";
import { resetScript } from "../commands/reset.ts";
import { switchScript } from "../commands/switch.ts";
import { EXIT } from "../exit-codes.ts";
import type { Target } from "../input.ts";
import type { Session } from "../remote/session.ts";
import { journalOf, putBack, ROLLED_BACK, recovered, type Undo, undo } from "../transaction/back.ts";
import { resetCode } from "../transaction/code-reset.ts";
import { type Run, type RunOptions, startRun } from "../transaction/context.ts";
import { checkHealth, cleanUp, commit } from "../transaction/finish.ts";
import { type Inspection, parseInspection } from "../transaction/inspection.ts";
import { type Edited, editedOf, type Kept, lookAtKept } from "../transaction/kept.ts";
import { lockOrLeave } from "../transaction/lock.ts";
import { runPhase, runStep, stepsOf } from "../transaction/service-steps.ts";
import { restoreSnapshot, takeSnapshot } from "../transaction/snapshot.ts";
import { backOf, refuseObstacles, releaseBefore, snapshotOf, usable } from "../transaction/standing.ts";
import { forServices, type ManyOptions, type Outcome } from "./session.ts";

/** How to go back. */
export interface RollbackOptions extends RunOptions {
  /** Release to make live: its id, or at least six of its first digits, or `original`. @default the one before the live one */
  readonly to?: string;
  /**
   * Also restore the snapshot that was taken before the live release migrated the database. What was written since is lost, so
   * that state is kept in a snapshot of its own first. `if-kept`: where there is such a snapshot, else the database stays. @default false
   */
  readonly database?: boolean | "if-kept";
  /** Snapshots from before this do not count, ms since 1970. @default all do */
  readonly since?: number;
  /** Go to a release that has lost files as well. @default false: refused */
  readonly incomplete?: boolean;
  /** Called before anything is switched when the kept release is not what was deployed. */
  readonly onEdited?: (service: string, edited: Edited) => void;
}

/** What a rollback did. */
export interface RollbackResult {
  readonly service: string;
  /** Live release now. */
  readonly release: string;
  /** Live release before; it counts as bad from now on. */
  readonly before: string | null;
  /** Snapshot that was restored; null when the database was left alone. */
  readonly restored: string | null;
  /** Snapshot of the database as it was before that; null when it was left alone. */
  readonly kept: string | null;
  /** How the release that is live now differs from what was deployed as it; null when it does not, or when the host cannot tell. */
  readonly edited: Edited | null;
  /** What went wrong after the earlier release was live again; empty when nothing did. */
  readonly warnings: readonly string[];
  readonly steps: Readonly<Record<string, number>>;
}

const SHORTEST_PREFIX = 6;

/**
 * Which release a rollback makes live. Pure.
 *
 * @param to Id of a release, or its beginning. @default see `releaseBefore`
 * @throws SitefleetError `plesk.rollback` when there is none, more than one matches, or it is not complete.
 */
export function chooseRelease(inspection: Pick<Inspection, "live" | "previous" | "releases">, to?: string): string {
  const fail = (message: string): SitefleetError =>
    new SitefleetError({
      code: "plesk.rollback",
      message,
      hint: "see `sitefleet plesk releases`",
      exitCode: EXIT.refused,
    });
  const wanted = to ?? releaseBefore(inspection);
  if (wanted === undefined) throw fail("no release was live before this one");
  const matches = inspection.releases.filter(
    ({ id }) =>
      id === wanted || (wanted.length >= SHORTEST_PREFIX && /^[0-9a-f]+$/.test(wanted) && id.startsWith(wanted)),
  );
  if (matches.length > 1) throw fail(`${wanted} is the beginning of ${matches.length} releases`);
  const [release] = matches;
  if (release === undefined) throw fail(`release ${wanted} is not on the host`);
  if (!usable(release)) throw fail(`release ${wanted} is not complete`);
  if (release.id === inspection.live) throw fail(`release ${wanted} is live already`);
  return release.id;
}

/**
 * The release that a deployment was making live when it was cut off. Only when recovering from that has already made the release live
 * that the rollback asks for; undefined otherwise. Pure.
 */
function leftBy(found: Inspection, now: Inspection, to: string | undefined): string | undefined {
  const { journal, current } = found;
  if (journal === undefined || journal.returns || decided(journal) || now.live === undefined) return undefined;
  if (journal.next !== current || journal.next === now.live || journal.back !== now.live) return undefined;
  const meant = to === undefined || (to.length >= SHORTEST_PREFIX && now.live.startsWith(to));
  return meant ? journal.next : undefined;
}

/**
 * Makes an earlier release of a service live again. Needs nothing but the host: no artifact, no build, no git. The release that was live
 * is marked bad, so that the next deployment does not bring it back unasked.
 *
 * @throws SitefleetError `plesk.rollback`, and those of a deployment; when it fails, what was live before stays live.
 */
export async function rollbackOn(
  target: Target,
  session: Session,
  options: RollbackOptions = {},
): Promise<RollbackResult> {
  const run = startRun(target, options);
  const lock = await lockOrLeave(run, session);
  let inspection = parseInspection(lock.said, run.layout.docrootTarget);
  let done = undo("", inspection.live ?? "");
  const warnings: string[] = [];
  let result: Omit<RollbackResult, "service" | "warnings" | "steps">;
  try {
    const found = inspection;
    inspection = await recovered(run, session, inspection);
    refuseObstacles(inspection, run.layout, target.service.key);
    const left = leftBy(found, inspection, options.to);
    if (left !== undefined) {
      // Putting back what a run left that was cut off was the way back already.
      const { live = "" } = inspection;
      if (run.reset) await session.run("preparing the check", resetScript(run.layout, run.token, run.reset, live));
      done = undo("", live);
      const edited = await told(run, session, live, { ...options, incomplete: true }, warnings);
      warnings.push(...(await checkHealth(run, live)));
      lock.check();
      await session.run("marking", markBadScript(run.layout, run.token, left, run.now(), ROLLED_BACK));
      warnings.push(...(await commit(run, session, { id: live })));
      result = { release: live, before: left, restored: null, kept: null, edited };
    } else {
      const next = chooseRelease(inspection, options.to);
      const before = backOf(inspection);
      // A rollback to the release that an earlier rollback had left undoes that one. The release that it had gone to stays good.
      const undoes = inspection.releases.some(({ id, bad }) => id === next && bad);
      const edited = await told(run, session, next, options, warnings);
      done = undo(next, before, !undoes);
      const { restored, kept } = await goTo(run, session, inspection, done, options);
      warnings.push(...(await checkHealth(run, next)));
      if (done.maintenance) await runPhase(run, session, "maintenance-off", next);
      lock.check();
      warnings.push(...(await commit(run, session, { id: next, before, leaves: undoes ? undefined : ROLLED_BACK })));
      result = { release: next, before: before || null, restored, kept, edited };
    }
  } catch (error) {
    await lock.stop();
    if (!hasCode(error, "plesk.stuck")) await putBack(run, session, done, error);
    throw error;
  }
  warnings.push(...(await cleanUp(run, session, lock, [])).warnings);
  const snapshot = snapshotOf(inspection, result.release);
  if (result.restored === null && target.database !== undefined && snapshot !== undefined) {
    warnings.push(
      `only the code went back; ${snapshot} is the database from when ${result.release.slice(0, 12)} was live`,
    );
  }
  return { service: target.service.key, ...result, warnings, steps: run.steps.times };
}

/**
 * Compares the kept release with what was deployed, before anything is switched, and says how it differs. Edited and added files do not
 * stop a rollback, since the live release may have them too. Lost files do.
 */
async function told(
  run: Run,
  session: Session,
  release: string,
  options: RollbackOptions,
  warnings: string[],
): Promise<Edited | null> {
  let kept: Kept;
  try {
    kept = await lookAtKept(run, session, release);
  } catch (error) {
    if (run.signal?.aborted) throw error;
    warnings.push(`the release could not be compared with what was deployed: ${(error as Error).message}`);
    return null;
  }
  const edited = editedOf(kept);
  if (edited === undefined) return null;
  const { key } = run.document.service;
  if (kept.lost.length > 0 && !options.incomplete) {
    throw new SitefleetError({
      code: "plesk.rollback",
      subject: key,
      message: `release ${release.slice(0, 12)} is not complete: it has lost ${kept.lost.length} of its files`,
      details: edited.paths,
      hint: "choose another with --to (see `sitefleet plesk releases`), or go there all the same with --incomplete",
      exitCode: EXIT.refused,
    });
  }
  options.onEdited?.(key, edited);
  warnings.push(
    `release ${release.slice(0, 12)} is not what was deployed: ${edited.paths.join(", ")}${edited.more > 0 ? ` and ${edited.more} more` : ""}`,
  );
  return edited;
}

async function goTo(
  run: Run,
  session: Session,
  inspection: Inspection,
  done: Undo,
  options: Pick<RollbackOptions, "database" | "since">,
): Promise<{ restored: string | null; kept: string | null }> {
  const { layout, token, document } = run;
  let restored: string | null = null;
  let kept: string | null = null;
  const name = snapshotOf(inspection, done.next, options.since);
  const there = document.database !== undefined && name !== undefined;
  if (options.database === true || (options.database === "if-kept" && there)) {
    if (document.database === undefined || name === undefined) {
      throw new SitefleetError({
        code: "plesk.rollback",
        message:
          document.database === undefined
            ? "the document names no database"
            : "there is no snapshot from before the live release",
        hint: "roll back without the database, or name the snapshot to `db restore`",
        exitCode: EXIT.refused,
      });
    }
    const note = async (more: Partial<Undo>): Promise<void> => {
      done.noted = true;
      await session.run("noting", journalScript(layout, token, journalOf({ ...done, ...more })));
      Object.assign(done, more);
    };
    await note({ maintenance: true });
    if (done.back !== "") await runPhase(run, session, "maintenance-on", done.back);
    kept = (await takeSnapshot(run, session, document.database, done.back)).name;
    done.snapshot = kept;
    await note({ migrating: true });
    await restoreSnapshot(run, session, document.database, name);
    restored = name;
  }
  done.switching = true;
  done.noted = true;
  const change = { id: done.next, now: run.now(), journal: journalOf(done), reset: run.reset };
  await run.steps.step("switch", () => session.run("the switch", switchScript(layout, token, change)));
  await resetCode(run, done.next);
  for (const step of stepsOf(document.service)) if (step.restarts) await runStep(run, session, done.next, step);
  return { restored, kept };
}

/** How several services go back. */
export interface RollbackAllOptions extends RollbackOptions, ManyOptions {
  /** Releases to make live by service, in place of `to`. @default `to` */
  readonly releases?: ReadonlyMap<string, string>;
}

/** Rolls several services back, over one connection a host; see {@link rollbackOn}. */
export function rollback(
  targets: readonly Target[],
  options: RollbackAllOptions = {},
): Promise<Outcome<RollbackResult>[]> {
  const to = ({ service }: Target) => options.releases?.get(service.key) ?? options.to;
  return forServices(
    targets,
    (target, session) => rollbackOn(target, session, { ...options, to: to(target) }),
    options,
  );
}
