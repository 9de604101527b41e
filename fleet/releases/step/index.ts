/** What every change of releases is made of: ask, judge, and take back. Updates, rollouts and rollbacks share it. */
export { type AskOptions, askSites } from "./ask.ts";
export { type Judgement, judgeWave, knownFailures } from "./judge.ts";
export { leaveReleases } from "./leave.ts";
export { failuresOf, takeBack } from "./take-back.ts";
