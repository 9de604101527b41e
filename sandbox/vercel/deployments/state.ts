import type { Behaviour } from "../behaviour.ts";
import type { DeploymentRecord } from "../records.ts";

/** Life of a deployment, in the API's words. */
type ReadyState = "QUEUED" | "BUILDING" | "READY" | "ERROR" | "CANCELED";

/** State of a deployment at a time; nothing is stored, so a clock of a test can jump. */
export function stateOf(deployment: DeploymentRecord, now: number): ReadyState {
  if (deployment.canceledAt !== null) return "CANCELED";
  if (now < deployment.buildingAt) return "QUEUED";
  if (now < deployment.readyAt) return "BUILDING";
  return deployment.outcome === "ready" ? "READY" : "ERROR";
}

/**
 * What the API reports as `aliasAssigned`: a time once the hosts have moved, else false. For a production deployment
 * that takes no hosts it depends on the configuration until it is promoted.
 */
export function aliasAssignedOf(deployment: DeploymentRecord, now: number, behaviour: Behaviour): number | false {
  if (stateOf(deployment, now) !== "READY" || now < deployment.aliasedAt || deployment.aliasError !== null)
    return false;
  if (!deployment.staged || behaviour.stagedAliasAssigned) return deployment.aliasedAt;
  return deployment.promotedAt ?? false;
}
