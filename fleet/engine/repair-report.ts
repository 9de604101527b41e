import type { LockHolder } from "../backend/locks/engine-locks.ts";

/**
 * What became of an interrupted operation:
 * - `adopted`: the object exists and is ours; it is in the state now
 * - `forgotten`: nothing exists that the state lacks, or a repeat is harmless; the next update does it again
 * - `cleared`: the state keeps what it had; the next update compares and repeats
 * - `removed`: the object is gone; so is its entry in the state
 * - `refused`: an object is in the way that is not ours
 * - `kept`: not decided yet; the pending operation stays and the next repair looks again
 */
export type Outcome = "adopted" | "forgotten" | "cleared" | "removed" | "refused" | "kept";

/** One line of a report. */
export interface Repaired {
  readonly urn: string;
  readonly type: string;
  /** Logical name. */
  readonly name: string;
  /** What had been interrupted; `conflict` for a create that failed because something exists already. */
  readonly operation: string;
  readonly outcome: Outcome;
  /** One sentence; never a secret. */
  readonly reason: string;
  /** Id at the vendor of what was adopted or is in the way. */
  readonly id?: string;
  /** For `refused` and `kept`: what a person can do. */
  readonly hint?: string;
}

/** What a repair found and did. JSON; holds no secret. */
export interface RepairReport {
  readonly stack: string;
  /** Nothing is refused and nothing is left undecided: an ordinary `up` converges. */
  readonly ok: boolean;
  readonly resources: readonly Repaired[];
  /** Locks of processes that are gone; they were removed. */
  readonly brokenLocks: readonly LockHolder[];
  readonly milliseconds: number;
}
