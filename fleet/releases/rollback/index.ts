/** Going back to what a stack was, and what is remembered of it. See docs/guides/go-back.md. */

export { desiredOf, type StateResource } from "../../backend/states/checkpoint.ts";
export {
  lastChange,
  newestWhole,
  readState,
  type StackVersion,
  stackVersions,
  type WholeVersion,
  wholeState,
} from "../../backend/states/versions.ts";
export { type Loss, lossesOf, type UndoAnswer, undoAnswer } from "../../change-set/losses.ts";
export { formerStacks, type RollbackWish, rollbackAims } from "./aims.ts";
export {
  type BadRelease,
  badReleaseError,
  badReleases,
  clearBad,
  markBad,
  refusedReleases,
} from "./bad-releases.ts";
export { type CheckAfter, sitesToCheck } from "./check.ts";
export { type Current, currentOf, movedSince, stateNow } from "./current.ts";
export { rolledBackTo } from "./earlier.ts";
export { partOf } from "./part.ts";
export { type Goal, type Left, type Past, type PlannedStack, planStack } from "./plan.ts";
export {
  answersAsLosses,
  builtAnew,
  lookForDeployments,
  type Promotable,
  type Question,
  questionsOf,
} from "./promotable.ts";
export { refusedIn } from "./refused.ts";
export {
  chooseTarget,
  type RollbackAim,
  type RollbackTarget,
  releasesLeft,
  type TargetOptions,
} from "./target.ts";
