/** Which way a change goes and when: see docs/reference/limits.md. */
export { type Affected, affectedByCatalog, affectedByPush, type Push } from "./affected.ts";
export { type ChangeFacts, chooseStrategy, DIRECT_SITES, type Strategy } from "./choose.ts";
export { type PlanReport, type PlanWorkOptions, planWork } from "./report.ts";
export { parseTraffic, readTraffic, type TrafficRow } from "./traffic.ts";
export { DEFAULT_WINDOW, type QuietWindow, quietWindow } from "./window.ts";
export { stacksOfHosts, type Work, workOfChanges, workOfDigests, workOfPush } from "./work.ts";
