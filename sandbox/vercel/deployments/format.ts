import type { Api } from "../api.ts";
import type { AccountRecord, DeploymentRecord, GitSource } from "../records.ts";
import { aliasAssignedOf, stateOf } from "./state.ts";

/** A deployment as `GET /v13/deployments/{id}` answers. */
export function formatDeployment(
  api: Api,
  owner: AccountRecord,
  deployment: DeploymentRecord,
): Record<string, unknown> {
  const now = api.now();
  const state = stateOf(deployment, now);
  const isTeam = api.store.teams.has(owner.id);
  return {
    ...common(api, deployment, now),
    id: deployment.id,
    // A flag here, a time in lists: the provider's decoder fails on anything else.
    aliasAssigned: aliasAssignedOf(deployment, now, api.behaviour()) !== false,
    alias: deployment.alias,
    aliasFinal: deployment.alias[0] ?? null,
    aliasWarning: null,
    autoAssignCustomDomains: !deployment.staged,
    bootedAt: deployment.createdAt,
    build: { env: deployment.envNames },
    env: deployment.envNames,
    buildSkipped: false,
    canceledAt: deployment.canceledAt ?? undefined,
    errorCode: state === "ERROR" ? deployment.errorCode : undefined,
    errorMessage: state === "ERROR" ? deployment.errorMessage : null,
    gitSource: formatGitSource(deployment.gitSource),
    ownerId: deployment.ownerId,
    plan: "pro",
    public: false,
    regions: deployment.regions,
    routes: null,
    status: state,
    team: isTeam ? { id: owner.id, slug: owner.slug, name: owner.name } : undefined,
    version: 2,
  };
}

/** A deployment as `GET /v6/deployments` lists it. */
export function formatListed(api: Api, deployment: DeploymentRecord): Record<string, unknown> {
  const now = api.now();
  const state = stateOf(deployment, now);
  return {
    ...common(api, deployment, now),
    uid: deployment.id,
    aliasAssigned: aliasAssignedOf(deployment, now, api.behaviour()),
    created: deployment.createdAt,
    state,
    isRollbackCandidate: state === "READY" && deployment.target === "production" && deployment.promotedAt !== null,
  };
}

function common(api: Api, deployment: DeploymentRecord, now: number): Record<string, unknown> {
  const state = stateOf(deployment, now);
  const { user } = api;
  return {
    name: deployment.name,
    url: deployment.url,
    createdAt: deployment.createdAt,
    buildingAt: now >= deployment.buildingAt ? deployment.buildingAt : undefined,
    ready: state === "READY" ? deployment.readyAt : undefined,
    readyState: state,
    readySubstate: state === "READY" && deployment.target === "production" ? substateOf(deployment) : undefined,
    aliasError: now >= deployment.aliasedAt ? deployment.aliasError : null,
    creator: { uid: user.id, username: user.slug, email: `${user.slug}@example.com` },
    inspectorUrl: `https://vercel.com/${deployment.ownerId}/${deployment.name}/${deployment.id.slice(4)}`,
    meta: { ...gitMeta(deployment.gitSource), ...deployment.meta },
    projectId: deployment.projectId,
    source: deployment.source,
    target: deployment.target,
    type: "LAMBDAS",
  };
}

function substateOf(deployment: DeploymentRecord): "STAGED" | "PROMOTED" {
  return deployment.promotedAt === null ? "STAGED" : "PROMOTED";
}

function formatGitSource(source: GitSource | null): Record<string, unknown> | undefined {
  if (source === null) return undefined;
  const { type, ref, sha, org, repo, repoId } = source;
  if (type === "bitbucket") return { type, ref, sha, owner: org, slug: repo };
  if (type === "gitlab") return { type, ref, sha, projectId: repoId };
  return { type, ref, sha, org, repo, repoId };
}

/** Metadata that follows from the repository. */
export function gitMeta(source: GitSource | null): Record<string, string> {
  if (source === null) return {};
  const prefix = source.type === "gitlab" || source.type === "bitbucket" ? source.type : "github";
  return {
    [`${prefix}CommitSha`]: source.sha,
    [`${prefix}CommitRef`]: source.ref,
    [`${prefix}CommitOrg`]: source.org ?? "",
    [`${prefix}CommitRepo`]: source.repo ?? "",
    [`${prefix}Org`]: source.org ?? "",
    [`${prefix}Repo`]: source.repo ?? "",
    [`${prefix}RepoId`]: String(source.repoId ?? ""),
    [`${prefix}Deployment`]: "1",
    [`${prefix}CommitMessage`]: `Release ${source.sha.slice(0, 7)}`,
  };
}
