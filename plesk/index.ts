/** The driver for the Plesk host: what the rest of the project may use of it. */
export { type Artifact, type ArtifactRules, artifactDigest, readArtifact } from "./artifact/index.ts";
export { EXIT } from "./exit-codes.ts";
export {
  type DeployDocument,
  type DeployDocumentInput,
  documentSchema,
  hostSchema,
  parseDocument,
  SAFEGUARDS,
  serviceSchema,
} from "./input.ts";
export { KIND_DEFAULTS, KINDS, type Kind } from "./kinds/index.ts";
export { type DeployResult, deploy } from "./transaction/deploy.ts";
export { type PlanResult, plan } from "./transaction/plan.ts";
export { type RetireResult, retire } from "./transaction/retire.ts";
