import type { HealthResult } from "../../../checks/types.ts";
import type { AppliedRun } from "../../run/apply.ts";
import type { RolloutRecord, WaveState } from "./types.ts";

/** Hosts by stack. */
type Hosts = Readonly<Record<string, readonly string[]>>;

/** What going back would not bring back. */
export interface WaveLosses {
  /** Why nothing of the wave can go back by itself. @default it can */
  readonly held?: string;
  /** Sites that would come back without what they had; the others go back without them. */
  readonly left: Hosts;
  /** The same in words, for people. */
  readonly reasons: readonly string[];
}

/** What a rollout does in the world. Everything can be done again after a crash in its middle. */
export interface RolloutWork {
  /** Brings a wave's sites to what the catalog says. */
  apply(record: RolloutRecord, wave: WaveState): Promise<AppliedRun>;
  /** What waves' going back would lose. */
  losses(record: RolloutRecord, wave: WaveState): Promise<WaveLosses>;
  /**
   * Brings waves' sites to what they were.
   *
   * @param left these stay as the catalog says
   * @returns the run, and what stays because there was nothing before it
   */
  goBack(
    record: RolloutRecord,
    waves: readonly WaveState[],
    left: Hosts,
  ): Promise<{ readonly run: AppliedRun; readonly kept: readonly string[] }>;
  /** Remembers what a wave brought as bad; returns the releases in words. */
  markBad(record: RolloutRecord, wave: WaveState): Promise<string[]>;
  /** Checks a wave's sites; `before`: against what they are before the wave, or after it went back. */
  check(
    record: RolloutRecord,
    wave: WaveState,
    when: "before" | "after",
  ): Promise<{ readonly results: readonly HealthResult[]; readonly evidence?: string }>;
}
