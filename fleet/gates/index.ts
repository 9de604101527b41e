/** What must be asked before a change, and whose yes counts. See docs/reference/gates.md. */
export {
  APPROVAL_EXIT,
  type Approval,
  approvalText,
  findApproval,
  parseApproval,
  usedError,
} from "./approval.ts";
export { keepRequest, keptRequest, notedRun, noteRun, spend, spentBy, trust } from "./kept.ts";
export { type GatePolicy, gatePolicy, judgeBy } from "./policy.ts";
export { describeChanges, MAX_REQUEST, newRequest, parseRequest, requestText } from "./request.ts";
export { readSignature, signText, verifyText } from "./signature.ts";
export type { Figure, GateFacts, Verdict } from "./types.ts";
export { frozenBy } from "./windows.ts";
export { verdictLines } from "./words.ts";
