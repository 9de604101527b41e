import type { Api } from "./api.ts";
import { releaseRule } from "./deployments/releases.ts";
import { settle } from "./deployments/settle.ts";
import { stateOf } from "./deployments/state.ts";
import { wildcardOf } from "./domains/names.ts";
import { setting } from "./project-settings.ts";
import { bypassHash } from "./projects/bypass.ts";
import type { DeploymentRecord, ProjectRecord } from "./records.ts";

/** What a visitor of a host gets. */
export interface Live {
  /** The host asked for, lower case, without port. */
  readonly siteHost: string;
  readonly projectId: string;
  readonly projectName: string;
  readonly deploymentId: string;
  /** Commit, or for uploaded files a SHA-1 over their list. */
  readonly commit: string;
  readonly status: number;
  /** What a good page of this release carries: its commit, or nothing when its build did not see Vercel's own variables. */
  readonly marker: string;
  /** False when the build did not see Vercel's own variables, so that nothing in it tells the commit. */
  readonly tellsCommit: boolean;
  /** `site`: the page with the marker; `wrong`: a page without it; `empty`; `error`: an error page; `redirect`; `protected`: a login page. */
  readonly bodyKind: "site" | "wrong" | "empty" | "error" | "redirect" | "protected";
  /** Time to wait before the answer. */
  readonly delayMs: number;
  /** Target host of a redirect. */
  readonly redirect?: string;
  /** True for the deployment's own address, which deployment protection covers. */
  readonly own: boolean;
}

/** Options of a lookup. */
export interface LiveOptions {
  /** Bypass secret that the visitor sent (`x-vercel-protection-bypass`); looked at only when protection is enforced. */
  readonly bypass?: string | undefined;
  /** True to take the visitor as authorized without looking at a secret. @default false */
  readonly authorized?: boolean;
  /** Deployment that the page was loaded from (`x-deployment-id`, `?dpl=`), which skew protection answers from. */
  readonly from?: string | undefined;
}

/**
 * Which deployment serves a host now: a domain or alias, the wildcard that covers it, a project's `<name>.vercel.app`,
 * or a deployment's own address. Undefined when nothing does.
 */
export function liveAt(api: Api, host: string, options: LiveOptions = {}): Live | undefined {
  settle(api);
  const siteHost = (host.split(":")[0] ?? "").toLowerCase().replace(/\.$/, "");
  const { store } = api;
  const alias = store.aliases.get(siteHost);
  const domain = store.domains.get(siteHost);
  if (domain?.redirect != null)
    return redirect(api, siteHost, domain.projectId, domain.redirect, domain.redirectStatusCode);
  const named = alias?.deploymentId ?? domain?.deploymentId;
  if (named != null) return serve(api, siteHost, current(api, named, options), false, options);
  if (domain !== undefined) return undefined;
  const project = store.projectByAutoHost.get(siteHost);
  if (project !== undefined) {
    return serve(api, siteHost, current(api, project.production, options), false, options);
  }
  const own = store.deploymentByUrl.get(siteHost);
  if (own !== undefined) return serve(api, siteHost, own, true, options);
  const wildcard = store.domains.get(wildcardOf(siteHost));
  if (wildcard === undefined) return undefined;
  if (wildcard.redirect !== null) {
    return redirect(api, siteHost, wildcard.projectId, wildcard.redirect, wildcard.redirectStatusCode);
  }
  return serve(api, siteHost, current(api, wildcard.deploymentId, options), false, options);
}

/**
 * The deployment that a host points at; with skew protection an older one of the same project, if the page was loaded from
 * it and it is young enough: https://vercel.com/docs/skew-protection
 */
function current(api: Api, id: string | null, { from }: LiveOptions): DeploymentRecord | undefined {
  const named = api.store.deployments.get(id ?? "");
  const asked = from === undefined ? undefined : api.store.deployments.get(from);
  if (named === undefined || asked === undefined || asked.projectId !== named.projectId) return named;
  const settings = api.store.projects.get(named.projectId)?.settings ?? {};
  const seconds = Number(setting(settings, "skewProtectionMaxAge") ?? 0);
  const usable = asked.target === "production" && stateOf(asked, api.now()) === "READY";
  return usable && seconds > 0 && api.now() - asked.createdAt <= seconds * 1000 ? asked : named;
}

function serve(
  api: Api,
  siteHost: string,
  deployment: DeploymentRecord | undefined,
  own: boolean,
  options: LiveOptions,
): Live | undefined {
  if (deployment === undefined || stateOf(deployment, api.now()) !== "READY") return undefined;
  const { id: deploymentId, projectId, name: projectName, commit } = deployment;
  const project = api.store.projects.get(projectId);
  // Snapshots of older sandboxes do not say it.
  const tellsCommit = deployment.systemVariables !== false;
  const base = {
    siteHost,
    projectId,
    projectName: project?.name ?? projectName,
    deploymentId,
    commit,
    tellsCommit,
    own,
  };
  const guarded = own && project !== undefined && project.settings.ssoProtection !== null;
  if (guarded && api.behaviour().protection === "enforce" && !isAuthorized(project, options)) {
    return { ...base, status: 401, marker: "", bodyKind: "protected", delayMs: 0 };
  }
  const about = { id: deploymentId, commit, projectId, projectName: base.projectName };
  const found = releaseRule(api.behaviour(), "serve", about);
  const rule = own && found?.at === "hosts" ? undefined : found;
  const status = rule?.status ?? 200;
  return {
    ...base,
    status,
    marker: rule?.marker ?? (tellsCommit ? commit : ""),
    bodyKind: rule?.body ?? (status >= 400 ? "error" : "site"),
    delayMs: rule?.delayMs ?? 0,
  };
}

function isAuthorized(project: ProjectRecord, options: LiveOptions): boolean {
  if (options.authorized === true) return true;
  if (options.bypass === undefined) return false;
  const hash = bypassHash(options.bypass);
  return project.bypass.some((entry) => entry.hash === hash);
}

function redirect(api: Api, siteHost: string, projectId: string, target: string, code: number | null): Live {
  const project = api.store.projects.get(projectId);
  return {
    siteHost,
    projectId,
    projectName: project?.name ?? "",
    deploymentId: project?.production ?? "",
    commit: "",
    tellsCommit: false,
    status: code ?? 307,
    marker: "",
    bodyKind: "redirect",
    delayMs: 0,
    redirect: target,
    own: false,
  };
}
