export type { LockHolder } from "../backend/locks/engine-locks.ts";
export type { Outcome, Repaired, RepairReport } from "../engine/repair-report.ts";
