/** The driver for the Plesk host: what the rest of the project may use of it. */
export { type Artifact, type ArtifactRules, artifactDigest, readArtifact } from "./artifact/index.ts";
export { EXIT } from "./exit-codes.ts";
export {
  type DeployDocument,
  type DeployDocumentInput,
  documentSchema,
  hostSchema,
  parseDocument,
  parseTarget,
  SAFEGUARDS,
  serviceSchema,
  type Target,
  type TargetInput,
  targetSchema,
} from "./input.ts";
export { faultOfKey, type KeyOrigin, refuseUnusableKeys } from "./key/refuse.ts";
export { KIND_DEFAULTS, KINDS, type Kind } from "./kinds/index.ts";
export { type RestoreResult, restoreDatabase, snapshotAll, snapshotDatabase } from "./operations/database.ts";
export { type PermissionsResult, permissions } from "./operations/permissions.ts";
export { planAll } from "./operations/plan.ts";
export { type RollbackOptions, type RollbackResult, rollback } from "./operations/rollback.ts";
export type { ManyOptions, Outcome } from "./operations/session.ts";
export { type ReleaseInfo, type ServiceStatus, status } from "./operations/status.ts";
export { type UnlockResult, unlock, unlockAll } from "./operations/unlock.ts";
export { specDigest } from "./spec.ts";
export { deploy } from "./transaction/deploy.ts";
export { type PlanResult, plan } from "./transaction/plan.ts";
export type { DeployResult } from "./transaction/result.ts";
export { type RetireResult, retire } from "./transaction/retire.ts";
