/** Ways that a change can go. */
export const WAYS = ["none", "direct", "cells", "waves"] as const;
/** See {@link WAYS}. */
export type Way = (typeof WAYS)[number];

/** Jobs that work at once: a team's account of GitHub has 60 (docs.github.com, Actions limits, read in November 2026), and others need some. */
const JOBS_AT_ONCE = 50;

/** What decides. */
export interface WayFacts {
  /** Stacks that differ. */
  readonly stacks: number;
  /** Of the plan: see `Strategy`. */
  readonly kind: "direct" | "batch" | "urgent";
  /** Why the plan says so. */
  readonly reason: string;
  /** Something that visitors see changes. */
  readonly live: boolean;
  /** A run may wait for a yes, or be stopped, by rules that look at the whole of it. */
  readonly asks: boolean;
  /** What a person has chosen. */
  readonly asked: "auto" | Exclude<Way, "none">;
}

const WHOLE = "approvals and rules that stop are asked of one run as a whole";

/**
 * Which way a change goes, and why: `direct` in one run; `waves`, judged one after the other; `cells` in a job each. One yes is for
 * one run, so what may need one is not spread over runs. Pure.
 */
export function chooseWay({ stacks, kind, reason, live, asks, asked }: WayFacts): { way: Way; reason: string } {
  if (stacks === 0) return { way: "none", reason: "nothing differs from what is declared" };
  const one = asks && asked === "cells" ? `; ${WHOLE}` : "";
  if (asked !== "auto" && one === "") return { way: asked, reason: `${asked} was asked for` };
  if (kind !== "batch") return { way: "direct", reason: `${reason}${one}` };
  if (live) return { way: "waves", reason: `${reason}; visitors see it, so it goes wave by wave${one}` };
  if (asks) return { way: "direct", reason: `${reason}; ${WHOLE}` };
  return { way: "cells", reason: `${reason}; no visitor sees it yet, so the cells go at once` };
}

/**
 * How many jobs of a matrix work at once.
 *
 * @param shared machines share locks and the count of vendors' limits; without that only one may work
 */
export const atOnce = (jobs: readonly unknown[], shared: boolean): number =>
  Math.max(1, shared ? Math.min(JOBS_AT_ONCE, jobs.length) : 1);
