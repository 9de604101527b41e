/**
 * The checks of `checks/` for the catalog's sites and services: which are asked, what is usual for them, what is kept, and the
 * figures that rollouts and updates go by. docs/reference/health.md tells what is judged and why.
 */
export { checkTargets, DEFAULT_CONCURRENCY } from "../../checks/index.ts";
export { addTimes, readTimes } from "./baseline.ts";
export { checkDeployment, checkSites } from "./checks.ts";
export { keepEvidence } from "./keep.ts";
export { renderJunit } from "./output/junit.ts";
export { renderPrometheus } from "./output/prometheus.ts";
export { type Ranked, type Report, rank, reportOf } from "./output/report.ts";
export { failureRate, slowdown } from "./rate.ts";
export { anyRelease, deploymentTarget, selectTargets, siteTarget } from "./targets.ts";
export type { Expected, HealthResult, Target } from "./types.ts";
