/** First look after a deployment was asked for, ms: a build of nothing (a sandbox, a cached one) is done by then. */
const FIRST_MS = 40;
/** Pauses of a build of which nothing is known, ms; the last one is that of the published provider. */
const UNKNOWN_MS = [FIRST_MS, 500, 2_000, 5_000];
/** Shortest and longest pause between two looks at a build that may end any moment, ms. */
const SHORTEST_MS = 150;
const LONGEST_MS = 5_000;
/** Longest pause before the first look, ms: a build may fail long before it would have been done. */
const BLIND_MS = 30_000;
/** Looks within the time that builds usually take. */
const LOOKS_PER_BUILD = 8;
/** How much a new measurement counts against what was known. */
const WEIGHT = 0.3;

/**
 * When to look at a build again. It remembers how long builds have taken lately, over all sites of this process. So no
 * call is made before a build can be done, and a thousand builds do not cost a thousand calls a second.
 */
export class Pace {
  #expectedMs: number | undefined;

  /** How long builds have taken lately, ms; undefined before the first. */
  get expectedMs(): number | undefined {
    return this.#expectedMs;
  }

  /** Learns from a build that is done. @param ms from its creation to its end */
  learn(ms: number): void {
    if (!(ms >= 0)) return;
    this.#expectedMs = this.#expectedMs === undefined ? ms : this.#expectedMs * (1 - WEIGHT) + ms * WEIGHT;
  }

  /**
   * Pause before the next look, ms.
   *
   * @param elapsedMs since the deployment was created
   * @param looks so far
   * @param ownMs what the project's last build took. @default what builds have taken lately
   */
  next(elapsedMs: number, looks: number, ownMs?: number): number {
    return nextLook(elapsedMs, looks, ownMs ?? this.#expectedMs);
  }
}

/** Pause before the next look, ms. Once build times are known, the first look comes when builds usually are done. Pure. */
export function nextLook(elapsedMs: number, looks: number, expectedMs: number | undefined): number {
  if (expectedMs === undefined) return UNKNOWN_MS[looks] ?? LONGEST_MS;
  const early = expectedMs - elapsedMs;
  if (early > FIRST_MS) return Math.min(early, BLIND_MS);
  return looks === 0 ? FIRST_MS : Math.min(LONGEST_MS, Math.max(SHORTEST_MS, expectedMs / LOOKS_PER_BUILD));
}

/** Pause before the next look at a promotion, ms; Vercel's own command looks every 250. Pure. */
export function nextPromotionLook(looks: number): number {
  return looks === 0 ? 0 : Math.min(40 * 2 ** (looks - 1), 2_000);
}
