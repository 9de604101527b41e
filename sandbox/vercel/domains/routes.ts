import type { Hono } from "hono";
import {
  type Api,
  type Call,
  type Env,
  json,
  objectBody,
  optionalText,
  param,
  projectOf,
  requireText,
  route,
} from "../api.ts";
import { followsProduction } from "../deployments/hosts.ts";
import { ApiError, badRequest, notFound } from "../errors.ts";
import { randomToken } from "../ids.ts";
import { page } from "../pages.ts";
import type { DomainRecord, ProjectRecord } from "../records.ts";
import { domainConfig } from "./config.ts";
import { apexOf, listed, readDomainName } from "./names.ts";

const REDIRECTS: ReadonlySet<unknown> = new Set([301, 302, 307, 308]);

/** Domains of projects, their verification, and what their DNS looks like. */
export function domainRoutes(app: Hono<Env>, api: Api): void {
  route(app, "post", [9, 10], "/projects/:project/domains", (call) => handleAdd(api, call));
  route(app, "get", [9], "/projects/:project/domains", (call) => handleList(api, call));
  route(app, "get", [9], "/projects/:project/domains/:domain", (call) => {
    const domain = domainOf(api, call);
    tryVerify(api, domain);
    return json(call, formatDomain(domain));
  });
  route(app, "patch", [9], "/projects/:project/domains/:domain", (call) => handleUpdate(api, call));
  route(app, "delete", [9], "/projects/:project/domains/:domain", (call) => handleDelete(api, call));
  route(app, "post", [9], "/projects/:project/domains/:domain/verify", (call) => {
    const domain = domainOf(api, call);
    if (!tryVerify(api, domain)) {
      throw new ApiError(
        400,
        "missing_txt_record",
        `Domain _vercel.${domain.apexName} is missing required TXT Record "${domain.challenge}"`,
      );
    }
    return json(call, formatDomain(domain));
  });
  route(app, "get", [6], "/domains/:domain/config", (call) =>
    json(call, domainConfig(api, param(call, "domain").toLowerCase())),
  );
}

async function handleAdd(api: Api, call: Call): Promise<Response> {
  const body = await objectBody(call);
  const project = projectOf(api, call);
  const name = readDomainName(requireText(body, "name"));
  refuseTaken(api, project, name);
  const apexName = apexOf(name);
  const foreign = listed(api.behaviour().domains.ownedElsewhere, apexName);
  const createdAt = api.store.stamp(api.now());
  const domain: DomainRecord = {
    name,
    apexName,
    projectId: project.id,
    redirect: null,
    redirectStatusCode: null,
    gitBranch: null,
    customEnvironmentId: null,
    createdAt,
    updatedAt: createdAt,
    verified: !foreign,
    challenge: foreign ? `vc-domain-verify=${name},${randomToken(20, "0123456789abcdef")}` : null,
    deploymentId: null,
  };
  change(domain, body);
  api.store.addDomain(domain);
  follow(project, domain);
  api.changed("domain.created", { host: name, projectId: project.id });
  return json(call, formatDomain(domain));
}

function handleList(api: Api, call: Call): Response {
  const project = projectOf(api, call);
  const own = automatic(project);
  const domains = [...own, ...(api.store.domainsOf.get(project.id)?.values() ?? [])];
  const { items, pagination } = page<DomainRecord>(call, domains);
  return json(call, { domains: items.map(formatDomain), pagination });
}

async function handleUpdate(api: Api, call: Call): Promise<Response> {
  const body = await objectBody(call);
  const project = projectOf(api, call);
  const domain = domainOf(api, call);
  change(domain, body);
  domain.updatedAt = api.now();
  follow(project, domain);
  api.changed("domain.updated", { host: domain.name, projectId: project.id });
  return json(call, formatDomain(domain));
}

function handleDelete(api: Api, call: Call): Response {
  const project = projectOf(api, call);
  const domain = domainOf(api, call);
  if (domain.name === project.autoHost) {
    api.store.setAutoHost(project, null);
  } else {
    api.store.removeDomain(domain);
    const alias = api.store.aliases.get(domain.name);
    if (alias !== undefined) api.store.removeAlias(alias);
  }
  api.changed("domain.deleted", { host: domain.name, projectId: project.id });
  return json(call, {});
}

/** Sets what a body names; absent fields stay. @throws ApiError 400 */
function change(domain: DomainRecord, body: Readonly<Record<string, unknown>>): void {
  const redirect = body.redirect === undefined ? domain.redirect : optionalText(body.redirect);
  const gitBranch = body.gitBranch === undefined ? domain.gitBranch : optionalText(body.gitBranch);
  const code = body.redirectStatusCode === undefined ? domain.redirectStatusCode : body.redirectStatusCode;
  if (redirect !== null && gitBranch !== null)
    throw badRequest("You can't set both a git branch and a redirect for the domain.");
  if (code !== null && !REDIRECTS.has(code)) {
    throw badRequest("Invalid request: `redirectStatusCode` should be equal to one of the allowed values.");
  }
  domain.redirect = redirect;
  domain.gitBranch = gitBranch;
  domain.redirectStatusCode = redirect === null ? null : ((code as number | null) ?? 307);
  if (body.customEnvironmentId !== undefined) domain.customEnvironmentId = optionalText(body.customEnvironmentId);
}

/** Points a domain at the live deployment, or at nothing when it does not follow production. */
function follow(project: ProjectRecord, domain: DomainRecord): void {
  domain.deploymentId = followsProduction(domain) ? project.production : null;
}

/** Looks for the TXT record that an unverified domain waits for. */
function tryVerify(api: Api, domain: DomainRecord): boolean {
  if (domain.verified || domain.challenge === null) return true;
  const found = api.context.dns?.lookup(`_vercel.${domain.apexName}`, "TXT") ?? [];
  if (!found.some((text) => text.replaceAll('"', "") === domain.challenge)) return false;
  domain.verified = true;
  domain.challenge = null;
  const project = api.store.projects.get(domain.projectId);
  if (project !== undefined) follow(project, domain);
  api.changed("domain.verified", { host: domain.name, projectId: domain.projectId });
  return true;
}

function refuseTaken(api: Api, project: ProjectRecord, name: string): void {
  const taken = api.store.domains.get(name);
  const holder = taken === undefined ? api.store.projectByAutoHost.get(name) : api.store.projects.get(taken.projectId);
  if (holder === undefined) return;
  const by = holder.ownerId === project.ownerId ? "one of your projects" : "a different account";
  throw new ApiError(409, "domain_already_in_use", `Cannot add ${name} since it's already in use by ${by}.`, {
    projectId: project.id,
    domain: { name, apexName: apexOf(name), projectId: holder.id },
  });
}

function formatDomain(domain: DomainRecord): Record<string, unknown> {
  const { challenge, deploymentId: _, ...shown } = domain;
  if (challenge === null) return shown;
  const reason = "pending_domain_verification";
  return { ...shown, verification: [{ type: "TXT", domain: `_vercel.${domain.apexName}`, value: challenge, reason }] };
}

/** The `<name>.vercel.app` in the shape of a domain. */
function automatic(project: ProjectRecord): DomainRecord[] {
  if (project.autoHost === null) return [];
  const { createdAt, updatedAt, production } = project;
  const none = {
    redirect: null,
    redirectStatusCode: null,
    gitBranch: null,
    customEnvironmentId: null,
    challenge: null,
  };
  const name = project.autoHost;
  return [
    {
      name,
      apexName: "vercel.app",
      projectId: project.id,
      ...none,
      createdAt,
      updatedAt,
      verified: true,
      deploymentId: production,
    },
  ];
}

function domainOf(api: Api, call: Call): DomainRecord {
  const project = projectOf(api, call);
  const name = param(call, "domain").toLowerCase();
  const domain = name === project.autoHost ? automatic(project)[0] : api.store.domainsOf.get(project.id)?.get(name);
  if (domain === undefined) throw notFound("Domain");
  return domain;
}
