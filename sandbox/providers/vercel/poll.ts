import { setTimeout as sleep } from "node:timers/promises";

/** The first wait between two looks, and the longest, in milliseconds. The real provider looks every 5 s. */
const FIRST_MS = 50;
const LONGEST_MS = 2000;
const GROWTH = 1.5;

/** The waits between looks: growing from 50 ms to 2 s, or always `SITEFLEET_VERCEL_POLL_MS` (5000 for the real pace). */
function* pollDelays(fixed = process.env.SITEFLEET_VERCEL_POLL_MS): Generator<number, never> {
  const always = Number(fixed ?? "");
  for (let wait = FIRST_MS; ; wait = Math.min(wait * GROWTH, LONGEST_MS)) yield always > 0 ? always : wait;
}

/** Looks again and again until `done`. Rejects when `look` does, or with the signal's reason. */
export async function poll<T>(
  first: T | undefined,
  look: () => Promise<T>,
  done: (value: T) => boolean,
  signal: AbortSignal,
): Promise<T> {
  let value = first ?? (await look());
  for (const wait of pollDelays()) {
    if (done(value)) return value;
    await sleep(wait, undefined, { signal });
    value = await look();
  }
  return value;
}
