/** Which way a change goes and when: see docs/reference/limits.md. */
export { type PlanReport, planWork } from "./report.ts";
export { readTraffic } from "./traffic.ts";
export { quietWindow } from "./window.ts";
export { stacksOfHosts, type Work, workOfChanges, workOfDigests, workOfPush } from "./work.ts";
