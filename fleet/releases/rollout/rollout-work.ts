import type { HealthResult } from "../../../checks/types.ts";
import type { AppliedRun } from "../../run/apply.ts";
import type { Session } from "../../run/session.ts";
import type { Judgement } from "../step/index.ts";
import type { Known, RolloutRecord, WaveState } from "./types.ts";

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

/** What was seen of a wave. */
export interface Seen {
  readonly results: readonly HealthResult[];
  /** File that keeps it. */
  readonly evidence?: string;
  /** Live releases of services; null where none is. */
  readonly live?: Readonly<Record<string, string | null>>;
  /** What fails already, by key. @default by the results */
  readonly known?: readonly Known[];
  /** The verdict, where answers are not all that counts. @default the results are judged by the wave's limits */
  readonly judged?: Judgement;
}

/** What going back came to. */
export interface WentBack {
  readonly run: AppliedRun;
  /** What stays because there was nothing before it. */
  readonly kept: readonly string[];
}

/** What a rollout does with services beside the engine. Everything can be done again after a crash in its middle. */
export interface ServiceWork {
  /** See {@link RolloutWork.check}. */
  check(record: RolloutRecord, wave: WaveState, when: "before" | "after"): Promise<Seen>;
  /** Gives a wave's services the releases that were live before it, with their databases. @throws SitefleetError `lock.held` */
  goBack(session: Session, record: RolloutRecord, wave: WaveState): Promise<WentBack>;
}

/** What a rollout does in the world. Everything can be done again after a crash in its middle. */
export interface RolloutWork {
  /** Brings a wave's sites or services to what the catalog says. */
  apply(record: RolloutRecord, wave: WaveState): Promise<AppliedRun>;
  /** What waves' going back would lose. */
  losses(record: RolloutRecord, wave: WaveState): Promise<WaveLosses>;
  /**
   * Brings waves' sites and services to what they were.
   *
   * @param left these stay as the catalog says
   * @returns the run, and what stays because there was nothing before it
   */
  goBack(record: RolloutRecord, waves: readonly WaveState[], left: Hosts): Promise<WentBack>;
  /** Remembers what a wave brought as bad; returns the releases in words. */
  markBad(record: RolloutRecord, wave: WaveState): Promise<string[]>;
  /** Checks a wave's sites or services; `before`: against what they are before the wave, or after it went back. */
  check(record: RolloutRecord, wave: WaveState, when: "before" | "after"): Promise<Seen>;
}
