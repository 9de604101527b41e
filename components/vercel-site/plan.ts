import type { Input } from "@pulumi/pulumi";
import type { DeploymentArgs, ProjectArgs, ProjectDomainArgs } from "@pulumiverse/vercel";
import { type ProjectSpec, planProject, type Variable } from "./project-plan.ts";

/** A project of the site's own, or one that other sites use too. */
export type SiteProject =
  | ({ readonly kind: "own" } & Omit<ProjectSpec, "variables">)
  | { readonly kind: "shared"; readonly projectId: Input<string> };

/** What a site is, as data. */
export interface SiteSpec {
  /** Host name the site is served at, in lower case and punycode, e.g. `shop-001.qmoney.de`. */
  readonly host: string;
  /** Own: three resources a site (project, domain, deployment). Shared: one (domain). */
  readonly project: SiteProject;
  /** The commit that is built and served, 40 hex digits. Only for `own`; a shared project has a release of its own. */
  readonly commit?: string;
  /**
   * Added to `SITE_HOST`, which every project of a single site gets. Only for `own`.
   * @default []
   */
  readonly variables?: readonly Variable[];
}

/** The arguments of a site's children; `project` and `deployment` only where the site has a project of its own. */
export interface SitePlan {
  readonly project?: ProjectArgs;
  domain(projectId: Input<string>): ProjectDomainArgs;
  readonly deployment?: (projectId: Input<string>) => DeploymentArgs;
}

/** Plans a site's children. Pure. */
export function planSite(spec: SiteSpec): SitePlan {
  const domain = (projectId: Input<string>): ProjectDomainArgs => ({ projectId, domain: spec.host });
  if (spec.project.kind === "shared") return { domain };
  const { kind: _, ...project } = spec.project;
  const variables = [{ key: "SITE_HOST", value: spec.host }, ...(spec.variables ?? [])];
  return {
    domain,
    project: planProject({ ...project, variables }),
    deployment: (projectId) => planDeployment(projectId, spec.commit ?? ""),
  };
}

/** The arguments of a production deployment of one commit. Pure. */
export function planDeployment(projectId: Input<string>, commit: string): DeploymentArgs {
  return {
    projectId,
    // A commit, never a branch: the provider would deploy a branch once and never again.
    ref: commit,
    production: true,
    // Declared from the start (adding it later replaces), and false: the previous deployment is what a rollback promotes.
    deleteOnDestroy: false,
  };
}
