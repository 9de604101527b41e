/**
 * Checks of deployments before they are promoted and of hosts after: what is asked (`probe/`), what the answers say
 * (`judge/`, pure), what is kept, and the figures that rollouts go by. docs/health.md tells what is judged and why.
 */
export { addTimes, readTimes, type Times } from "./baseline.ts";
export { checkDeployment, checkSites } from "./checks.ts";
export { keepEvidence } from "./keep.ts";
export { renderJunit } from "./output/junit.ts";
export { renderPrometheus } from "./output/prometheus.ts";
export { type Ranked, type Report, rank, reportOf } from "./output/report.ts";
export { type FailureRate, failureRate, type Slowdown, slowdown } from "./rate.ts";
export { releaseCheck } from "./release-check.ts";
export { checkTargets, DEFAULT_CONCURRENCY, type RunOptions } from "./run.ts";
export { anyRelease, deploymentTarget, type Selection, selectTargets, serviceTarget, siteTarget } from "./targets.ts";
export type { Aspect, Evidence, Expected, Finding, HealthResult, Target, VantageResult, Verdict } from "./types.ts";
