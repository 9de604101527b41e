/** What must be asked before a change, and whose yes counts. See docs/reference/gates.md. */
export {
  type Approval,
  approvalText,
  type Found,
  findApproval,
  parseApproval,
  usedError,
  type Wanted,
} from "./approval.ts";
export { artifactStatement, signatureOf } from "./artifacts.ts";
export { agentVerdict } from "./judge.ts";
export {
  type ApprovedRun,
  type KeptRequest,
  keepRequest,
  keptRequest,
  keyOfReview,
  notedRun,
  noteRun,
  openRequests,
  spend,
  spentBy,
  trust,
} from "./kept.ts";
export { APPROVAL_EXIT } from "./people.ts";
export { type GatePolicy, gatePolicy, judgeBy } from "./policy.ts";
export {
  type ApprovalRequest,
  describeChanges,
  MAX_REQUEST,
  newRequest,
  parseRequest,
  requestText,
} from "./request.ts";
export { answerLine, judgeReviews, type Said } from "./reviews.ts";
export { ARTIFACT_NAMESPACE, readSignature, signText, verifyText } from "./signature.ts";
export type { Figure, GateFacts, OpenCheck, SignedArtifact, Verdict } from "./types.ts";
export { frozenBy } from "./windows.ts";
export { verdictLines } from "./words.ts";
