import type { Api } from "../api.ts";
import type { AliasJob, DeploymentRecord, ProjectRecord } from "../records.ts";
import { pointHost, productionHosts } from "./hosts.ts";
import { stateOf } from "./state.ts";

/**
 * Lets everything happen that the clock says has happened since the last call, in its order: builds that are done
 * take their hosts, promotions and rollbacks move theirs. Called before every answer.
 */
export function settle(api: Api): void {
  const { unsettled, busy } = api.store;
  if (unsettled.size === 0 && busy.size === 0) return;
  const now = api.now();
  const due: [number, () => void][] = [];
  for (const deployment of unsettled) {
    const at = endOf(deployment, now);
    if (at <= now) due.push([at, () => finish(api, deployment)]);
  }
  for (const project of busy) {
    const job = project.job;
    if (job !== null && job.requestedAt + job.delayMs <= now) {
      due.push([job.requestedAt + job.delayMs, () => complete(api, project, job)]);
    }
  }
  due.sort(([a], [b]) => a - b);
  for (const [, happen] of due) happen();
  for (const project of busy) if (project.job !== null) move(api, project.job, now);
}

/** Starts a promotion or rollback; with no delay it is done at once. */
export function startJob(api: Api, project: ProjectRecord, type: AliasJob["type"], to: DeploymentRecord): AliasJob {
  const { delayMs, failing } = api.behaviour().promotion;
  const hosts = productionHosts(api, project);
  project.job = {
    type,
    fromDeploymentId: project.production,
    toDeploymentId: to.id,
    requestedAt: api.now(),
    delayMs,
    hosts,
    failing: hosts.filter((host) => failing.includes(host)),
    moved: 0,
    done: false,
  };
  // A rollback holds new deployments back from the moment it is asked for, not only when it is done.
  if (type === "rollback") project.rolledBack = true;
  api.store.busy.add(project);
  settle(api);
  return project.job;
}

/** When nothing more happens to a deployment; Infinity when that lies ahead. */
function endOf(deployment: DeploymentRecord, now: number): number {
  const state = stateOf(deployment, now);
  if (state === "CANCELED") return deployment.canceledAt ?? now;
  if (state === "ERROR") return deployment.readyAt;
  return deployment.aliasedAt;
}

function finish(api: Api, deployment: DeploymentRecord): void {
  deployment.settled = true;
  api.store.unsettled.delete(deployment);
  const project = api.store.projects.get(deployment.projectId);
  const state = stateOf(deployment, api.now());
  if (project !== undefined && state === "READY") takeHosts(api, project, deployment);
  api.changed("deployment.finished", { deploymentId: deployment.id, projectId: deployment.projectId, state });
}

function takeHosts(api: Api, project: ProjectRecord, deployment: DeploymentRecord): void {
  if (deployment.target !== "production" || deployment.staged) return;
  const current = project.production === null ? undefined : api.store.deployments.get(project.production);
  // A build that took longer than a newer one does not push the newer one aside.
  if (current !== undefined && current.createdAt > deployment.createdAt) return;
  const hosts = productionHosts(api, project);
  const failing = hosts.find((host) => api.behaviour().promotion.failing.includes(host));
  if (failing !== undefined) {
    deployment.aliasError = { code: "alias_failed", message: `The alias ${failing} could not be assigned.` };
    return;
  }
  deployment.alias = hosts;
  deployment.promotedAt = deployment.aliasedAt;
  project.production = deployment.id;
  for (const host of hosts) pointHost(api, host, deployment);
}

function move(api: Api, job: AliasJob, now: number): void {
  const share = job.delayMs === 0 ? 1 : Math.min(1, (now - job.requestedAt) / job.delayMs);
  const until = Math.floor(share * job.hosts.length + 1e-9);
  const target = api.store.deployments.get(job.toDeploymentId);
  for (; job.moved < until; job.moved += 1) {
    const host = job.hosts[job.moved]!;
    if (target !== undefined && !job.failing.includes(host)) pointHost(api, host, target);
  }
}

function complete(api: Api, project: ProjectRecord, job: AliasJob): void {
  move(api, job, Infinity);
  job.done = true;
  api.store.busy.delete(project);
  const target = api.store.deployments.get(job.toDeploymentId);
  if (target !== undefined && job.failing.length === 0) {
    project.production = target.id;
    target.promotedAt = job.requestedAt + job.delayMs;
    // Domains attached while the hosts were moving.
    for (const host of productionHosts(api, project)) if (!job.hosts.includes(host)) pointHost(api, host, target);
  }
  if (job.type === "promote" && job.failing.length === 0) {
    project.rolledBack = false;
    if (api.behaviour().promotion.assignsAfterwards) project.settings.autoAssignCustomDomains = true;
  }
  project.updatedAt = job.requestedAt + job.delayMs;
  api.changed(`${job.type}.finished`, { projectId: project.id, deploymentId: job.toDeploymentId });
}
