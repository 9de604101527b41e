import type { Api, Call } from "../api.ts";
import { newHash, newId } from "../ids.ts";
import { setting } from "../project-settings.ts";
import type { DeploymentRecord, ProjectRecord } from "../records.ts";
import { releaseRule } from "./releases.ts";
import { settle } from "./settle.ts";
import type { Source } from "./source.ts";

/** Longest label a host name may have (RFC 1035). */
const LABEL = 63;

/** Makes a deployment and puts its build on the clock. */
export function createDeployment(
  api: Api,
  call: Call,
  project: ProjectRecord,
  source: Source,
  body: Readonly<Record<string, unknown>>,
): DeploymentRecord {
  const { owner } = call.var.scope;
  const id = newId("dpl");
  const behaviour = api.behaviour();
  const first = (api.store.deploymentsOf.get(project.id)?.size ?? 0) === 0;
  const target = targetOf(body.target, first && behaviour.firstDeploymentIsProduction);
  const facts = { id, commit: source.commit, projectId: project.id, projectName: project.name };
  const rule = releaseRule(behaviour, "build", facts);
  const failed = rule?.result === "error";
  const times = schedule(api, rule?.ms);
  const auto = body.autoAssignCustomDomains !== false && setting(project.settings, "autoAssignCustomDomains") !== false;
  const deployment: DeploymentRecord = {
    id,
    url: deploymentHost(project.name, owner.slug),
    projectId: project.id,
    ownerId: owner.id,
    name: project.name,
    target,
    createdAt: api.store.stamp(api.now()),
    ...times,
    canceledAt: null,
    outcome: failed ? "error" : "ready",
    errorCode: failed ? rule.errorCode : null,
    errorMessage: failed ? rule.errorMessage : null,
    gitSource: source.gitSource,
    source: source.source,
    commit: source.commit,
    meta: { ...source.meta, ...texts(body.meta) },
    envNames: Object.keys(typeof body.env === "object" && body.env !== null ? body.env : {}),
    regions: Array.isArray(body.regions) ? body.regions.map(String) : ["iad1"],
    staged: target === "production" && (!auto || project.rolledBack),
    systemVariables: setting(project.settings, "autoExposeSystemEnvs") === true,
    promotedAt: null,
    alias: [],
    aliasError: null,
    settled: false,
  };
  api.store.addDeployment(deployment);
  api.changed("deployment.created", { deploymentId: id, projectId: project.id, target, commit: source.commit });
  settle(api);
  return deployment;
}

/** `<project>-<hash>-<team>.vercel.app`, the project's name cut when the label would be too long. */
function deploymentHost(name: string, slug: string): string {
  const tail = `-${newHash()}-${slug.toLowerCase()}`;
  const safe = name.replace(/[._]/g, "-");
  return `${safe.slice(0, LABEL - tail.length).replace(/-+$/, "")}${tail}.vercel.app`;
}

function targetOf(given: unknown, first: boolean): DeploymentRecord["target"] {
  if (given === "production" || given === "staging") return given;
  return first ? "production" : null;
}

/** Times of a build; with limited slots it starts when one comes free. */
function schedule(
  api: Api,
  buildMs: number | undefined,
): Pick<DeploymentRecord, "buildingAt" | "readyAt" | "aliasedAt"> {
  const { build } = api.behaviour();
  let start = api.now() + build.queueMs;
  if (build.concurrency > 0) {
    const running = [...api.store.unsettled].map((other) => other.readyAt).filter((at) => at > start);
    if (running.length >= build.concurrency) {
      running.sort((a, b) => b - a);
      start = running[build.concurrency - 1] ?? start;
    }
  }
  const readyAt = start + (buildMs ?? build.buildMs);
  return { buildingAt: start, readyAt, aliasedAt: readyAt + build.aliasMs };
}

function texts(given: unknown): Record<string, string> {
  if (typeof given !== "object" || given === null) return {};
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, String(value)]));
}
