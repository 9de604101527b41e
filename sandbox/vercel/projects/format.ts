import type { Api } from "../api.ts";
import { gitMeta } from "../deployments/format.ts";
import { stateOf } from "../deployments/state.ts";
import { allSettings } from "../project-settings.ts";
import type { DeploymentRecord, GitLink, ProjectRecord } from "../records.ts";
import { repositoryNumber } from "../repository-number.ts";
import type { Sealer } from "../secrets.ts";

/** A project as every route answers with it. */
export function formatProject(api: Api, project: ProjectRecord, sealer: Sealer): Record<string, unknown> {
  const now = api.now();
  const production = project.production === null ? undefined : api.store.deployments.get(project.production);
  const job = project.job;
  return {
    accountId: project.ownerId,
    ...allSettings(project.settings),
    ...(project.rolledBack ? { autoAssignCustomDomains: false, autoAssignCustomDomainsUpdatedBy: "rollback" } : {}),
    id: project.id,
    name: project.name,
    createdAt: project.createdAt,
    updatedAt: project.updatedAt,
    live: false,
    link: project.link === null ? undefined : formatLink(project.link),
    latestDeployments: latest(api, project).map((deployment) => brief(deployment, now)),
    targets: production === undefined ? {} : { production: brief(production, now) },
    ...(job === null
      ? {}
      : {
          lastAliasRequest: {
            fromDeploymentId: job.fromDeploymentId,
            toDeploymentId: job.toDeploymentId,
            jobStatus: jobStatus(job),
            requestedAt: job.requestedAt,
            type: job.type,
          },
        }),
    ...(project.rolledBack && job !== null
      ? { lastRollbackTarget: { fromDeploymentId: job.fromDeploymentId, toDeploymentId: job.toDeploymentId } }
      : { lastRollbackTarget: null }),
    protectionBypass: formatBypass(project, sealer),
  };
}

/** Word that the API uses for the progress of a promotion or rollback. */
function jobStatus(job: NonNullable<ProjectRecord["job"]>): "in-progress" | "succeeded" | "failed" {
  if (!job.done) return "in-progress";
  return job.failing.length > 0 ? "failed" : "succeeded";
}

/** The link in the shape that the API uses for the repository's host. */
function formatLink(link: GitLink): Record<string, unknown> {
  const common = {
    type: link.type,
    productionBranch: link.productionBranch,
    createdAt: link.createdAt,
    updatedAt: link.updatedAt,
    deployHooks: link.deployHooks,
    gitCredentialId: "cred_sandbox",
    sourceless: true,
  };
  const number = repositoryNumber(`${link.owner}/${link.repo}`);
  if (link.type === "bitbucket") return { ...common, owner: link.owner, slug: link.repo, name: link.repo };
  if (link.type === "gitlab") {
    const projectUrl = `https://gitlab.com/${link.owner}/${link.repo}.git`;
    return { ...common, projectId: String(number), projectNamespace: link.owner, projectName: link.repo, projectUrl };
  }
  return { ...common, org: link.owner, repo: link.repo, repoId: number, repoOwnerId: repositoryNumber(link.owner) };
}

function formatBypass(project: ProjectRecord, sealer: Sealer): Record<string, unknown> {
  return Object.fromEntries(
    project.bypass.map(({ secret, note, isEnvVar, createdAt }) => [
      sealer.open(secret) ?? secret.digest,
      { scope: "automation-bypass", createdAt, createdBy: "user", isEnvVar, ...(note === null ? {} : { note }) },
    ]),
  );
}

function latest(api: Api, project: ProjectRecord): DeploymentRecord[] {
  const all = api.store.deploymentsOf.get(project.id);
  const last = all === undefined ? undefined : [...all.values()].at(-1);
  return last === undefined ? [] : [last];
}

function brief(deployment: DeploymentRecord, now: number): Record<string, unknown> {
  const state = stateOf(deployment, now);
  return {
    id: deployment.id,
    url: deployment.url,
    name: deployment.name,
    target: deployment.target,
    createdAt: deployment.createdAt,
    readyState: state,
    readySubstate: deployment.staged && deployment.promotedAt === null ? "STAGED" : "PROMOTED",
    readyAt: state === "READY" ? deployment.readyAt : null,
    alias: deployment.alias,
    aliasAssigned: deployment.aliasedAt <= now && state === "READY" ? deployment.aliasedAt : null,
    meta: { ...gitMeta(deployment.gitSource), ...deployment.meta },
    type: "LAMBDAS",
  };
}
