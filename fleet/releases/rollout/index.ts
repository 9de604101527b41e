/** Rollouts by waves that judge themselves: planned and decided in pure functions, carried out over `applyRun`. See docs/guides/roll-out.md. */

export { asRun } from "./as-run.ts";
export { carryOut, note } from "./carry-out.ts";
export { type RolloutFiles, rolloutFiles } from "./files.ts";
export { currentWave, isUnfinished } from "./machine.ts";
export { planWaves } from "./plan.ts";
export { bringsMore, eventOf } from "./requests.ts";
export { askOrAct, type Place, rolloutLockHolder, takeoverWaitMs, withRolloutLock } from "./rollout-lock.ts";
export type { Seen, ServiceWork, WentBack } from "./rollout-work.ts";
export { confirmTarget, planRollout } from "./start.ts";
export {
  entrySchema,
  type Request,
  type RolloutEntry,
  type RolloutEvent,
  type RolloutRecord,
  recordSchema,
  type WaveState,
} from "./types.ts";
export { rolloutWork } from "./work.ts";
