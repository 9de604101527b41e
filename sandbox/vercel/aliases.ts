import type { Hono } from "hono";
import { type Api, type Call, type Env, json, objectBody, param, requireText, route } from "./api.ts";
import { pointHost } from "./deployments/hosts.ts";
import { deploymentOf } from "./deployments/routes.ts";
import { stateOf } from "./deployments/state.ts";
import { listed, readDomainName } from "./domains/names.ts";
import { ApiError, badRequest, notFound } from "./errors.ts";
import { newId } from "./ids.ts";
import { page } from "./pages.ts";
import type { AliasRecord, DeploymentRecord } from "./records.ts";

/** Hosts pointed at deployments by hand; hosts of domains can be looked up here as well. */
export function aliasRoutes(app: Hono<Env>, api: Api): void {
  route(app, "post", [2], "/deployments/:deployment/aliases", (call) => handleAssign(api, call));
  route(app, "get", [2], "/deployments/:deployment/aliases", (call) => {
    const deployment = deploymentOf(api, call);
    const hosts = [...allAliases(api, call)].filter((alias) => alias.deploymentId === deployment.id);
    return json(call, {
      aliases: hosts.map(({ uid, alias, createdAt }) => ({ uid, alias, created: iso(createdAt), redirect: null })),
    });
  });
  route(app, "get", [4], "/aliases", (call) => {
    const projectId = call.req.query("projectId");
    const domain = call.req.query("domain");
    const { items, pagination } = page<AliasRecord>(call, sorted(allAliases(api, call)), (alias) => {
      if (projectId !== undefined && alias.projectId !== projectId) return false;
      return domain === undefined || alias.alias === domain || alias.alias.endsWith(`.${domain}`);
    });
    return json(call, { aliases: items.map((alias) => format(api, alias)), pagination });
  });
  route(app, "get", [4], "/aliases/:alias", (call) => json(call, format(api, aliasOf(api, call))));
  route(app, "delete", [2], "/aliases/:alias", (call) => {
    const alias = aliasOf(api, call);
    const explicit = api.store.aliases.get(alias.alias);
    if (explicit !== undefined) api.store.removeAlias(explicit);
    const domain = api.store.domains.get(alias.alias);
    if (domain !== undefined) domain.deploymentId = null;
    api.changed("alias.deleted", { host: alias.alias });
    return json(call, { status: "SUCCESS" });
  });
}

async function handleAssign(api: Api, call: Call): Promise<Response> {
  const host = readDomainName(requireText(await objectBody(call), "alias"));
  const deployment = deploymentOf(api, call);
  const state = stateOf(deployment, api.now());
  if (state !== "READY") throw badRequest(`The deployment is not ready: its state is ${state}.`);
  if (listed(api.behaviour().certMissing, host)) {
    throw new ApiError(400, "cert_missing", `The certificate for ${host} is missing and could not be generated.`);
  }
  const holder = holderOf(api, host);
  if (holder !== undefined && holder !== deployment.ownerId) {
    throw new ApiError(409, "alias_in_use", `The chosen alias "${host}" is already in use.`);
  }
  const known = api.store.aliases.get(host);
  const old = known?.deploymentId ?? api.store.domains.get(host)?.deploymentId ?? null;
  if (known === undefined) api.store.addAlias(newAlias(api, host, deployment));
  else known.updatedAt = api.now();
  pointHost(api, host, deployment);
  const { uid, createdAt } = api.store.aliases.get(host)!;
  return json(call, { uid, alias: host, created: iso(createdAt), ...(old === null ? {} : { oldDeploymentId: old }) });
}

function newAlias(api: Api, alias: string, deployment: DeploymentRecord): AliasRecord {
  const createdAt = api.store.stamp(api.now());
  const { id: deploymentId, projectId, ownerId } = deployment;
  return { uid: newId("als").slice(4), alias, ownerId, deploymentId, projectId, createdAt, updatedAt: createdAt };
}

function holderOf(api: Api, host: string): string | undefined {
  const alias = api.store.aliases.get(host);
  if (alias !== undefined) return alias.ownerId;
  const projectId = api.store.domains.get(host)?.projectId;
  const project = projectId === undefined ? api.store.projectByAutoHost.get(host) : api.store.projects.get(projectId);
  return project?.ownerId;
}

/** Explicit aliases, and the domains and own addresses that point somewhere, in the shape of aliases. */
function* allAliases(api: Api, call: Call): Generator<AliasRecord> {
  const ownerId = call.var.scope.owner.id;
  for (const alias of api.store.aliases.values()) if (alias.ownerId === ownerId) yield alias;
  for (const host of api.store.domains.keys()) {
    const alias = api.store.aliases.has(host) ? undefined : implicit(api, host);
    if (alias?.ownerId === ownerId) yield alias;
  }
  for (const host of api.store.projectByAutoHost.keys()) {
    const alias = implicit(api, host);
    if (alias?.ownerId === ownerId) yield alias;
  }
}

function implicit(api: Api, host: string): AliasRecord | undefined {
  const domain = api.store.domains.get(host);
  const project =
    domain === undefined ? api.store.projectByAutoHost.get(host) : api.store.projects.get(domain.projectId);
  const deploymentId = domain === undefined ? project?.production : domain.deploymentId;
  if (project === undefined || deploymentId === null || deploymentId === undefined) return undefined;
  const { createdAt, updatedAt } = domain ?? project;
  return {
    uid: host,
    alias: host,
    ownerId: project.ownerId,
    deploymentId,
    projectId: project.id,
    createdAt,
    updatedAt,
  };
}

function aliasOf(api: Api, call: Call): AliasRecord {
  const name = param(call, "alias").toLowerCase();
  const found = api.store.aliasByUid.get(param(call, "alias")) ?? api.store.aliases.get(name) ?? implicit(api, name);
  if (found === undefined || found.ownerId !== call.var.scope.owner.id) throw notFound("Alias");
  return found;
}

function sorted(aliases: Iterable<AliasRecord>): AliasRecord[] {
  return [...aliases].sort((a, b) => a.createdAt - b.createdAt);
}

function format(api: Api, alias: AliasRecord): Record<string, unknown> {
  const deployment = api.store.deployments.get(alias.deploymentId);
  const { uid, deploymentId, projectId, createdAt, updatedAt } = alias;
  return {
    uid,
    alias: alias.alias,
    created: iso(createdAt),
    createdAt,
    updatedAt,
    deploymentId,
    projectId,
    deployment: deployment === undefined ? undefined : { id: deploymentId, url: deployment.url, meta: "" },
    redirect: api.store.domains.get(alias.alias)?.redirect ?? null,
    protectionBypass: {},
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
