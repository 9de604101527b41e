import pLimit from "p-limit";
import { describeError, SitefleetError } from "../../errors/index.ts";
import type { StackState } from "../../stacks/desired.ts";
import { canonicalJson } from "../../stacks/digest.ts";
import { PLESK_STACK, SHARED_STACK } from "../../stacks/names.ts";
import { newestWhole, readState } from "../backend/states/versions.ts";
import type { JobResult } from "../engine/job.ts";
import type { RunTools } from "./locked-run.ts";
import type { Skipped } from "./run.ts";
import type { Session } from "./session.ts";
import { type SharedIds, sharedIds, touchedStacks } from "./touched.ts";

/** Histories that are read at once. */
const HISTORIES_AT_ONCE = 8;

/** Stacks that a run takes in after the shared one was updated. */
export interface Widened {
  /** What each is: nothing else of it is changed than what it reads of the shared stack. */
  readonly states: ReadonlyMap<string, StackState>;
  /** Stacks that are concerned and that were not asked for. */
  readonly left: readonly string[];
  /** Stacks that are concerned and could not be locked. */
  readonly skipped: readonly Skipped[];
}

/** What the other stacks read of the shared one, before an update. */
export async function idsBefore(session: Session, stacks: readonly string[]): Promise<SharedIds> {
  if (!stacks.includes(SHARED_STACK) || !session.infos.has(SHARED_STACK)) return sharedIds([]);
  return sharedIds((await readState(SHARED_STACK)).resources);
}

/**
 * Finds the stacks that use changed outputs of the shared stack, and takes their locks. A shared project that was made anew has
 * another id: sites that are attached to the old one answer 404 until their stack is updated.
 */
export async function widen(
  session: Session,
  tools: RunTools,
  { before, result, stacks }: { before: SharedIds; result: JobResult; stacks: readonly string[] },
): Promise<Widened> {
  const after = sharedIds((await readState(SHARED_STACK)).resources);
  const states = await othersOf(session, stacks, canonicalJson(before) !== canonicalJson(after));
  const touched = touchedStacks({ before, after, steps: result.steps }, states);
  const chosen = touched.filter((stack) => session.choice.stacks.includes(stack) && !isOtherwise(session, stack));
  const left = touched.filter((stack) => !chosen.includes(stack));
  if (chosen.length === 0) return { states: new Map(), left, skipped: [] };
  try {
    await tools.widen(chosen);
  } catch (error) {
    if (!(error instanceof SitefleetError)) throw error;
    const reason = `${SHARED_STACK} has changed what it uses, and it cannot be updated now: ${describeError(error)}`;
    return { states: new Map(), left, skipped: chosen.map((stack) => ({ stack, reason })) };
  }
  return { states: new Map([...states].filter(([stack]) => chosen.includes(stack))), left, skipped: [] };
}

/** What services are now cannot be deployed again once they are declared otherwise: the artifact may be another one. */
function isOtherwise({ open }: Session, stack: string): boolean {
  return stack === PLESK_STACK && open.includes(stack);
}

/** What the stacks outside of a run are. Without other ids only the host's stack can be concerned: it reads secrets. */
async function othersOf({ infos }: Session, stacks: readonly string[], all: boolean): Promise<Map<string, StackState>> {
  const limit = pLimit(HISTORIES_AT_ONCE);
  const others = [...infos.values()].filter(({ name, resources }) => resources > 0 && !stacks.includes(name));
  const asked = others.filter(({ name }) => name !== SHARED_STACK && (all || name === PLESK_STACK));
  const found = await Promise.all(
    asked.map(({ name }) => limit(async () => [name, (await newestWhole(name))?.desired] as const)),
  );
  return new Map(found.flatMap(([stack, state]) => (state === undefined ? [] : [[stack, state] as const])));
}
