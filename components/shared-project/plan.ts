import type { Input } from "@pulumi/pulumi";
import type { DeploymentArgs, ProjectArgs, ProjectDomainArgs } from "@pulumiverse/vercel";
import { planDeployment } from "../vercel-site/plan.ts";
import { type ProjectSpec, planProject } from "../vercel-site/project-plan.ts";

/** What a shared project is, as data. */
export interface SharedProjectSpec extends ProjectSpec {
  /** The commit that is built and served, 40 hex digits. */
  readonly commit: string;
  /**
   * Wildcard domains that this project answers for, e.g. `*.remotecash.de`. Vercel issues their certificate only when it
   * answers the zone's `_acme-challenge`.
   * @default []
   */
  readonly wildcardDomains?: readonly string[];
}

/** The arguments of a shared project's children. */
export interface SharedProjectPlan {
  readonly project: ProjectArgs;
  deployment(projectId: Input<string>): DeploymentArgs;
  domains(projectId: Input<string>): ProjectDomainArgs[];
}

/** Plans a shared project's children. Pure. */
export function planSharedProject(spec: SharedProjectSpec): SharedProjectPlan {
  const { commit, wildcardDomains = [], ...project } = spec;
  return {
    project: planProject(project),
    deployment: (projectId) => planDeployment(projectId, commit),
    domains: (projectId) => [...wildcardDomains].sort().map((domain) => ({ projectId, domain })),
  };
}
