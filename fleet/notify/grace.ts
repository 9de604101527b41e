/** How long the end of a run waits for receivers at most, ms. */
export const GRACE_MS = 2000;
/** The least, ms: a mail over TLS takes half of it. */
const LEAST_GRACE_MS = 1000;

/** How long the end of a run waits for receivers: a twentieth of the run, within these bounds. Pure. */
export const graceOf = (milliseconds: number): number =>
  Math.min(GRACE_MS, Math.max(LEAST_GRACE_MS, milliseconds / 20));
