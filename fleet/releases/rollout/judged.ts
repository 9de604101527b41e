import type { AppliedRun } from "../../run/apply.ts";
import { type Judgement, judgeWave } from "../step/index.ts";
import type { RolloutWork, Seen } from "./rollout-work.ts";
import type { RolloutRecord, WaveState } from "./types.ts";

/**
 * Whether a wave's update that failed is done once more. A service's own deployment has put it back, and would only do so again: there it
 * is an engine that died. Pure.
 */
export function isWorthAnother({ kind }: WaveState, { results }: AppliedRun, blamed: readonly string[]): boolean {
  return kind === "services" ? results.every(({ failed = [] }) => failed.length === 0) : blamed.length === 0;
}

/** A wave's judgement by what was seen of it. Pure. */
export function judgementOf({ results, judged }: Seen, { known, limits }: WaveState): Judgement {
  return judged ?? judgeWave(results, known, limits);
}

/** The judgement of a wave of which only some stacks were updated; undefined where none was that has sites. */
export async function judgeLive(
  record: RolloutRecord,
  wave: WaveState,
  { results }: AppliedRun,
  work: Pick<RolloutWork, "check">,
): Promise<Judgement | undefined> {
  const done = new Set(results.filter(({ ok }) => ok).map(({ stack }) => stack));
  const hosts = Object.fromEntries(Object.entries(wave.hosts).filter(([stack]) => done.has(stack)));
  if (Object.keys(hosts).length === 0) return undefined;
  return judgementOf(await work.check(record, { ...wave, hosts }, "after"), wave);
}
