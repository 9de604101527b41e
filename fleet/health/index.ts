/**
 * The checks of `checks/` for the catalog's sites and services: the choice of targets, their usual times, the evidence, and the
 * figures by which rollouts and updates are judged. docs/reference/health.md says what is judged and why.
 */
export { checkTargets, DEFAULT_CONCURRENCY } from "../../checks/index.ts";
export type { Expected, HealthResult, Target } from "../../checks/types.ts";
export { addTimes, readTimes } from "./baseline.ts";
export { checkDeployment, checkSites } from "./checks.ts";
export { keepEvidence } from "./keep.ts";
export { KEPT_COUNTS_MS, KeptChecks, type KeptResult, keptResults } from "./kept.ts";
export { renderJunit } from "./output/junit.ts";
export { hostSamples, renderPrometheus } from "./output/prometheus.ts";
export { type Ranked, type Report, rank, reportOf } from "./output/report.ts";
export { failureRate, slowdown } from "./rate.ts";
export { replaces, SHARED_CHECKS, sharedResults, shareVerdicts } from "./shared.ts";
export { anyRelease, deploymentTarget, selectTargets, siteTarget } from "./targets.ts";
