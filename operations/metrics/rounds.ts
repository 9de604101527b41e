import { type Clock, SYSTEM_CLOCK } from "../../fleet/notify/clock.ts";
import type { Estate } from "../kit/estate.ts";
import { Gatherer, type Measure } from "./gather.ts";
import type { Sources } from "./sources.ts";

/** Hosts are logged in to at most so often, ms: it takes the credentials out of the stack, and disks fill slowly. */
const HOSTS_EVERY_MS = 300_000;

/** What one round has read. `now`: when it began, ms since 1970. */
export interface Round {
  readonly now: number;
  readonly sources: Sources;
}

/**
 * Reads the estate once, or again and again until the signal. Rounds begin `every` seconds after each other; one that takes longer
 * is followed by the next at once.
 *
 * @param every seconds. @default once
 * @throws SitefleetError those of {@link Gatherer.gather}
 */
export async function* rounds(
  estate: Estate,
  measure: Measure,
  every: number | undefined,
  signal: AbortSignal,
  clock: Clock = SYSTEM_CLOCK,
): AsyncGenerator<Round> {
  const gatherer = new Gatherer(estate);
  let hostsAt = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    const now = clock.now();
    const hosts = measure.hosts && now - hostsAt >= HOSTS_EVERY_MS;
    if (hosts) hostsAt = now;
    try {
      yield { now, sources: await gatherer.gather({ ...measure, hosts }, now, signal) };
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    if (every === undefined) return;
    await clock.sleep(Math.max(0, now + every * 1000 - clock.now()), signal);
  }
}
