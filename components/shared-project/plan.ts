import type { Input } from "@pulumi/pulumi";
import type { ProjectArgs, ProjectDomainArgs } from "@pulumiverse/vercel";
import type { ReleaseArgs } from "../../provider/sdk/release.ts";
import { planRelease, type ReleaseSettings } from "../vercel-site/plan.ts";
import { type ProjectSpec, planProject } from "../vercel-site/project-plan.ts";

/** What a shared project is, as data. */
export interface SharedProjectSpec extends ProjectSpec {
  /** The commit that is built and served, 40 hex digits. @default none is declared: what is live stays */
  readonly commit?: string;
  /** How the release is checked and how long it may take. @default the check of every site */
  readonly release?: ReleaseSettings;
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
  /** Only with a commit. */
  readonly release?: (projectId: Input<string>) => ReleaseArgs;
  domains(projectId: Input<string>): ProjectDomainArgs[];
}

/** Plans a shared project's children. Pure. */
export function planSharedProject(spec: SharedProjectSpec): SharedProjectPlan {
  const { commit, release, wildcardDomains = [], ...project } = spec;
  return {
    project: planProject(project),
    // No hosts: those of the sites are in other stacks, and a wildcard may wait for its certificate long after the release.
    release: commit === undefined ? undefined : (projectId) => planRelease(projectId, spec.repository, commit, release),
    domains: (projectId) => [...wildcardDomains].sort().map((domain) => ({ projectId, domain })),
  };
}
