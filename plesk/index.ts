/** The driver for the Plesk host: what the rest of the project may use of it. */

export {
  type DeployDocument,
  type DeployDocumentInput,
  parseDocument,
  parseTarget,
  SAFEGUARDS,
  type Target,
} from "./input.ts";
export { faultOfKey, refuseUnusableKeys } from "./key/refuse.ts";
export { KINDS } from "./kinds/index.ts";
export type { AccountLook, AccountTarget } from "./operations/account-look.ts";
export { changeAccounts, lookAtAccounts } from "./operations/accounts.ts";
export { type RestoreResult, restoreDatabase, snapshotAll, snapshotDatabase } from "./operations/database.ts";
export { figures, type ServiceFigures } from "./operations/figures.ts";
export { logs } from "./operations/logs.ts";
export { look, type ServiceLook } from "./operations/look.ts";
export { type PermissionsResult, permissions } from "./operations/permissions.ts";
export { planAll } from "./operations/plan.ts";
export { type RollbackResult, rollback } from "./operations/rollback.ts";
export type { ManyOptions, Outcome } from "./operations/session.ts";
export { type ServiceStatus, status } from "./operations/status.ts";
export { type UnlockResult, unlock, unlockAll } from "./operations/unlock.ts";
export { type Written, written } from "./operations/written.ts";
export { fingerprintOf, type ShownKey, scanHost } from "./remote/scan.ts";
export { deploy } from "./transaction/deploy.ts";
export { type PlanResult, plan } from "./transaction/plan.ts";
export type { Snapshot } from "./transaction/snapshot.ts";
