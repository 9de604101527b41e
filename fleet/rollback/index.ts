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
export { chooseTarget, firstWhole, type RollbackAim, type RollbackTarget, releasesLeft } from "./target.ts";
export { desiredOf, type StackVersion, stackVersions } from "./versions.ts";
