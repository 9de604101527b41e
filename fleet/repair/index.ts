// Repair: what to do with a stack whose last operation was interrupted, and with objects that a failed create left behind.

export { type Restored, restoreStates } from "./cut-off.ts";
export { emptyStack, putStack } from "./empty-stack.ts";
export { type FailedCreate, FailedCreates } from "./failed-creates.ts";
export {
  breakDeadLocks,
  type EngineLock,
  engineHolder,
  engineLocks,
  type ForeignKnowledge,
  type LockState,
  lockedBy,
} from "./locks.ts";
export { brokenAttributes, mendBackend } from "./mend.ts";
export { adoptConflicts, needsRepair, type RepairOptions, refusalOf, repairStack } from "./repair.ts";
export { checkpoints, readCheckpointOf, resourcesOf, type StateHead, stateHeads } from "./state-files.ts";
export type { LockHolder, Outcome, Repaired, RepairReport } from "./types.ts";
