/**
 * Checks of deployments before they are promoted and of hosts after: what is asked (`probe/`), and what the answers say
 * (`judge/`, pure). Used by the provider's plugin and by the fleet, and knows neither. docs/reference/health.md tells what is judged and why.
 */
export { checkTargets, DEFAULT_CONCURRENCY, type RunOptions } from "./run.ts";
export { timesKey } from "./times.ts";
export type { HealthResult, Target } from "./types.ts";
