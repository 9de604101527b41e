import { stackKind } from "../../stacks/names.ts";
import type { RunRecord } from "../backend/journal/journal.ts";
import type { RolloutRecord } from "../releases/rollout/types.ts";

/** Kinds of stacks, as the history of changes is told apart. */
const KINDS = ["sites", "services", "shared"] as const;
type Kind = (typeof KINDS)[number];

/** How changes of one kind have gone. */
export interface History {
  readonly kind: Kind;
  /** Changes that are remembered. */
  readonly changes: number;
  /** Those that went back, or were taken back by a person. */
  readonly back: number;
  /** Those that failed on their way. */
  readonly failed: number;
  /** Ids of the newest that went back, three at most. */
  readonly examples: readonly string[];
}

/** Runs that change something, other than backwards. */
const FORWARD = new Set(["up", "rollout"]);
/** Changes that are looked at: older ones say little of what is done now. */
const NEWEST = 100;
/** A rollback this long after a change is held to be of it, ms. */
const AFTER_MS = 24 * 3_600_000;
const EXAMPLES = 3;

/**
 * How often changes of these kinds of stacks went back, from what is kept. A rollout is one change, whatever its waves were. Pure.
 *
 * @param runs newest first
 */
export function historyOf(
  stacks: readonly string[],
  runs: readonly RunRecord[],
  rollouts: readonly RolloutRecord[],
): History[] {
  const ofRollouts = new Set(rollouts.flatMap(({ waves }) => waves.flatMap((wave) => wave.runs)));
  const own = runs.filter(({ operation, run }) => FORWARD.has(operation) && !ofRollouts.has(run)).slice(0, NEWEST);
  const backs = runs.filter(({ operation, run }) => operation === "rollback" && !ofRollouts.has(run));
  return KINDS.filter((kind) => stacks.some((stack) => kindOf(stack) === kind)).map((kind) => {
    const of = (names: readonly string[]) => names.some((name) => kindOf(name) === kind);
    const single = own
      .filter((one) => of(one.stacks))
      .map((one) => ({
        id: one.run,
        back: one.judged?.back !== undefined || one.wentBack !== undefined || takenBack(one, backs, kind),
        failed: one.failed.some((stack) => kindOf(stack) === kind),
      }));
    const waved = rollouts
      .filter(({ target }) => of(Object.keys(target)))
      .slice(0, NEWEST)
      .map(({ id, waves, status, keep }) => ({
        id,
        back: waves.some(({ step }) => step === "rolled-back") || (status === "aborted" && !keep),
        failed: waves.some(({ step }) => step === "failed" || step === "rolled-back"),
      }));
    const all = [...single, ...waved].sort((a, b) => (a.id < b.id ? 1 : -1));
    const back = all.filter((one) => one.back);
    return {
      kind,
      changes: all.length,
      back: back.length,
      failed: all.filter((one) => one.failed).length,
      examples: back.slice(0, EXAMPLES).map(({ id }) => id),
    };
  });
}

const kindOf = (stack: string): Kind | undefined =>
  (({ cell: "sites", plesk: "services", shared: "shared" }) as const)[stackKind(stack)?.kind ?? "cell"];

function takenBack(change: RunRecord, backs: readonly RunRecord[], kind: Kind): boolean {
  const began = Date.parse(change.startedAt);
  return backs.some(({ startedAt, stacks }) => {
    const later = Date.parse(startedAt) - began;
    return (
      later > 0 && later < AFTER_MS && stacks.some((stack) => kindOf(stack) === kind && change.stacks.includes(stack))
    );
  });
}
