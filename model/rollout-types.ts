/** What a wave must hold to. */
export interface RolloutLimits {
  /** Percent of the wave's sites that may fail; what is above stops the rollout. @default 5 (docs/reference/health-gate.md) */
  readonly failurePercent: number;
  /** Percent that the wave's sites may be slower than usual, in the median. @default 30 (docs/reference/health-gate.md) */
  readonly slowdownPercent: number;
  /** Milliseconds above what is usual that must be passed as well, so that fast sites do not stop a rollout for nothing. @default 100 */
  readonly slowdownFloorMs: number;
}

/** A wave as rollout.yaml has it. */
interface WaveRule {
  readonly name: string;
  /** The canary cell, or percent of all sites that change, those of the waves before included. */
  readonly share: "canary" | number;
  /** Seconds to wait before the wave, after the one before has passed. @default 0 */
  readonly pauseSeconds: number;
  /** Seconds that the wave serves visitors before it is judged. @default 60 */
  readonly soakSeconds: number;
  /** In place of the general ones. */
  readonly limits: Partial<RolloutLimits>;
}

/** rollout.yaml: how a release goes out. */
export interface RolloutRules {
  readonly waves: readonly WaveRule[];
  readonly limits: RolloutLimits;
  /** Does a wave that fails go back by itself? @default true */
  readonly rollback: boolean;
}
