/** Going back to what a stack was, and what is remembered of it. See docs/rollback.md. */
export { type RollbackWish, rollbackAims } from "./aims.ts";
export {
  type BadRelease,
  badReleaseError,
  badReleases,
  clearBad,
  markBad,
  refusedReleases,
} from "./bad-releases.ts";
export { type CheckAfter, sitesToCheck } from "./check.ts";
export { type Loss, lossesOf, type UndoAnswer, undoAnswer } from "./losses.ts";
export { refusedIn } from "./refused.ts";
export {
  chooseTarget,
  newestWhole,
  type RollbackAim,
  type RollbackTarget,
  releasesLeft,
  type WholeVersion,
} from "./target.ts";
export { desiredOf, type StackVersion, stackCheckpoints, stackVersions } from "./versions.ts";
