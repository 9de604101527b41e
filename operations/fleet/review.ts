import { join } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import { newRunId } from "../../fleet/backend/journal/journal.ts";
import { type ChangeSet, type ReviewedStack, reviewedStacks, sameChanges } from "../../fleet/change-set/index.ts";
import type { AppliedRun } from "../../fleet/run/apply.ts";
import type { RunResult } from "../../fleet/run/run.ts";
import type { Session } from "../../fleet/run/session.ts";
import { declaredDigests } from "../../fleet/run/survey.ts";
import { readsShared } from "../../stacks/fingerprint.ts";
import { SHARED_STACK } from "../../stacks/names.ts";
import { changeSetOf } from "./change-set.ts";
import type { FleetRun } from "./fleet-run.ts";
import { withUnopened } from "./over.ts";

/**
 * Previews once more, now that no other run can change the stacks, and refuses when that is not what was reviewed.
 *
 * @throws SitefleetError `change-set.differs`, with what differs and what of it is live
 */
export async function confirmReviewed(
  preview: (plans: ReadonlyMap<string, string>) => Promise<FleetRun>,
  session: Session,
  reviewed: ChangeSet,
  dir: string,
): Promise<ReadonlyMap<string, string>> {
  const plans = new Map(session.open.map((stack) => [stack, join(dir, `${stack}.json`)]));
  const now = changeSetOf(await preview(plans));
  if (now.digest === reviewed.digest) return holdingPlans(session, plans, now);
  const differs = new Set([...now.changes.map(({ stack }) => stack), ...now.errors.flatMap(({ stacks }) => stacks)]);
  throw notReviewed(reviewed, await reviewedIn(session, reviewed, (stack) => differs.has(stack)), [
    `reviewed ${reviewed.digest}`,
    `now      ${now.digest}`,
    ...sameChanges(reviewed, now).reasons,
  ]);
}

function notReviewed(reviewed: ChangeSet, found: readonly ReviewedStack[], details: readonly string[]): SitefleetError {
  return new SitefleetError({
    code: "change-set.differs",
    message: "what would be done is not what was reviewed; nothing was changed",
    subject: reviewed.digest.slice(0, 12),
    hint: "preview again, review that, and apply it",
    details: [...details, ...reviewedLines(found)],
  });
}

/** The stacks of a run that makes a reviewed change set: also those of it that look as declared, since it must say why. */
export function withReviewed({ choice, open, infos }: Session, reviewed: ChangeSet): string[] {
  const about = new Set(reviewed.changes.map(({ stack }) => stack));
  return choice.stacks.filter((stack) => open.includes(stack) || (about.has(stack) && infos.has(stack)));
}

/**
 * Whether nothing of a reviewed change set is left to do: no stack of it differs from what is declared.
 *
 * @throws SitefleetError `change-set.differs` when something else is live than what was reviewed
 */
export async function isLive(session: Session, reviewed: ChangeSet): Promise<boolean> {
  const about = new Set(reviewed.changes.map(({ stack }) => stack));
  const open = session.open.some((stack) => about.has(stack));
  if (open || (about.size === 0 && session.open.length > 0)) return false;
  const found = await reviewedNow(session, reviewed);
  if (found.some(({ reason }) => reason !== undefined)) throw notReviewed(reviewed, found, []);
  return true;
}

/** What of a reviewed change set is live, by the digests of the stacks. */
export const reviewedNow = (session: Session, reviewed: ChangeSet): Promise<ReviewedStack[]> =>
  reviewedIn(session, reviewed, (stack) => session.open.includes(stack));

async function reviewedIn(
  session: Session,
  reviewed: ChangeSet,
  differs: (stack: string) => boolean,
): Promise<ReviewedStack[]> {
  const { inputs, infos, configFile, folders, choice } = session;
  const about = [...new Set(reviewed.changes.map(({ stack }) => stack))].filter((stack) => infos.has(stack));
  const wanted = about.filter((stack) => !choice.retired.has(stack));
  const digests = await declaredDigests({ inputs, infos, configFile, dir: folders.state }, wanted);
  return reviewedStacks(reviewed, (stack) => ({
    exists: infos.has(stack),
    // Stacks that were not asked for were not previewed.
    differs: differs(stack) || !(choice.stacks.includes(stack) || choice.retired.has(stack)),
    declared: digests.get(stack) ?? [],
  }));
}

/** What of a reviewed change set is live after it was made. */
export function reviewedAfter(reviewed: ChangeSet, { results, skipped }: RunResult): ReviewedStack[] {
  const ends = new Map(results.map(({ stack, ok }) => [stack, ok]));
  const why = new Map(skipped.map(({ stack, reason }) => [stack, `not started: ${reason}`]));
  return reviewedStacks(reviewed, () => ({ exists: true, differs: false, declared: [] })).map(({ stack, changes }) => {
    if (ends.get(stack)) return { stack, changes };
    return { stack, changes, reason: ends.has(stack) ? "the update failed" : (why.get(stack) ?? "not started") };
  });
}

/** The result of a run whose reviewed change set is live already. */
export function nothingToDo(
  session: Session,
  reviewed: readonly ReviewedStack[],
): FleetRun & AppliedRun & { readonly reviewed: readonly ReviewedStack[] } {
  const run = { run: newRunId(), results: [], skipped: [], milliseconds: 0 };
  return { ...run, ...withUnopened({ ...session, open: [] }, run), reviewed };
}

/** Stacks that are named. */
const NAMED = 10;

/** What of a reviewed change set is live and what is not, in lines. Pure. */
export function reviewedLines(found: readonly ReviewedStack[]): string[] {
  const count = (some: readonly ReviewedStack[]) => some.reduce((sum, { changes }) => sum + changes.length, 0);
  const missing = found.filter(({ reason }) => reason !== undefined);
  const all = count(found);
  const head = `${all - count(missing)} of ${all} reviewed changes are live`;
  const lines = missing
    .slice(0, NAMED)
    .map(
      ({ stack, changes, reason }) =>
        `not live in ${stack}: ${changes.slice(0, 3).join(", ")}${changes.length > 3 ? ` and ${changes.length - 3} more` : ""}: ${reason}`,
    );
  return [head, ...lines, ...(missing.length > NAMED ? [`and ${missing.length - NAMED} more stacks`] : [])];
}

/**
 * The plans that can hold. Some stacks read an output of the shared stack that only this run makes. Their plan has an unknown value
 * in its place, and the engine would refuse the known one later.
 */
async function holdingPlans(
  session: Session,
  plans: ReadonlyMap<string, string>,
  set: ChangeSet,
): Promise<Map<string, string>> {
  const sharedChanges = set.changes.some(({ stack }) => stack === SHARED_STACK);
  const held = new Map<string, string>();
  for (const [stack, file] of plans) {
    const reads = !session.choice.retired.has(stack) && readsShared(await session.inputs.state(stack));
    if (!sharedChanges || !reads) held.set(stack, file);
  }
  return held;
}
