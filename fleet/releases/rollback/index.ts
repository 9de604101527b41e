/** Going back to what a stack was, and what is remembered of it. See docs/guides/go-back.md. */

export type { StateResource } from "../../backend/states/checkpoint.ts";
export {
  lastChange,
  newestWhole,
  readState,
  type StackVersion,
  stackVersions,
  type WholeVersion,
  wholeState,
} from "../../backend/states/versions.ts";
export { type Loss, lossesOf, undoAnswer } from "../../change-set/losses.ts";
export { formerStacks, rollbackAims } from "./aims.ts";
export {
  type BadRelease,
  badReleaseError,
  badReleases,
  clearBad,
  markBad,
  refusedReleases,
} from "./bad-releases.ts";
export { sitesToCheck } from "./check.ts";
export { currentOf, movedSince, stateNow } from "./current.ts";
export { rolledBackTo } from "./earlier.ts";
export { type Goal, type Left, type PlannedStack, planStack } from "./plan.ts";
export {
  answersAsLosses,
  builtAnew,
  lookForDeployments,
  questionsOf,
} from "./promotable.ts";
export { refusedIn } from "./refused.ts";
export { siteTargetsOf } from "./site-targets.ts";
export {
  chooseTarget,
  type RollbackAim,
  type RollbackTarget,
  releasesLeft,
} from "./target.ts";
