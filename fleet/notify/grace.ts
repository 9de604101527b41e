/** How long an order to tell what waits does so at most, ms. */
export const GRACE_MS = 2000;
/** The least for a receiver that took the last message, ms: a mail over TLS takes half of it. */
const ALIVE_MS = 1000;
/** The least for one that is not known, ms: a twentieth of the shortest runs. */
const UNKNOWN_MS = 300;

/** What is known of a receiver: it took the last message, did not, or was never told anything. */
export type Standing = "alive" | "failing" | "unknown";
/** How long the end of a run waits for a receiver at most, ms. */
export type Grace = Readonly<Record<Standing, number>>;

/** The same for all. */
export const evenGrace = (ms: number): Grace => ({ alive: ms, failing: ms, unknown: ms });

/**
 * How long the end of a run waits for receivers: a twentieth of the run, within bounds. One that hangs costs a short run a second once
 * and nothing from then on, since what it has not taken is told by the next command. Pure.
 */
export function graceOf(milliseconds: number): Grace {
  const share = (least: number) => Math.min(GRACE_MS, Math.max(least, milliseconds / 20));
  return { alive: share(ALIVE_MS), unknown: share(UNKNOWN_MS), failing: 0 };
}
