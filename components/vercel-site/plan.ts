import type { Input } from "@pulumi/pulumi";
import type { ProjectArgs, ProjectDomainArgs } from "@pulumiverse/vercel";
import type { ReleaseArgs, ReleaseCheck, ReleaseDeadlines } from "../../provider/sdk/release.ts";
import { type ProjectSpec, planProject, type Variable } from "./project-plan.ts";

/** A project of the site's own, or one that other sites use too. */
export type SiteProject =
  | ({ readonly kind: "own" } & Omit<ProjectSpec, "variables">)
  | { readonly kind: "shared"; readonly projectId: Input<string> };

/** What a site is, as data. */
export interface SiteSpec {
  /** Host name the site is served at, in lower case and punycode, e.g. `shop-001.qmoney.de`. */
  readonly host: string;
  /** Own: three resources a site (project, domain, release). Shared: one (domain). */
  readonly project: SiteProject;
  /**
   * The commit that is built and served, 40 hex digits. Only for `own`; a shared project has a release of its own.
   * @default none is declared: what is live stays
   */
  readonly commit?: string;
  /** How the release is checked and how long it may take. Only for `own`. @default {@link DEFAULT_CHECK} */
  readonly release?: ReleaseSettings;
  /**
   * Added to `SITE_HOST`, which every project of a single site gets. Only for `own`.
   * @default []
   */
  readonly variables?: readonly Variable[];
}

/** How a release is checked before visitors see it, and how long it may take. */
export interface ReleaseSettings {
  /** False: promoted as soon as it is built. @default {@link DEFAULT_CHECK} */
  readonly check?: ReleaseCheck | false;
  /** @default those of `ReleaseDeadlines` */
  readonly deadlines?: ReleaseDeadlines;
}

/**
 * The front page must not answer with an error. Where nothing can be seen (no answer, a login page in front of it), the
 * release is promoted all the same: the address is Vercel's own, and a network that does not reach it says nothing about
 * the site.
 */
const DEFAULT_CHECK = { path: "/", inconclusive: "promote" } as const satisfies ReleaseCheck;

/** The arguments of a site's children; `project` only where the site has one of its own, `release` only with a commit. */
export interface SitePlan {
  readonly project?: ProjectArgs;
  domain(projectId: Input<string>): ProjectDomainArgs;
  /** @param host the host as the domain's resource gives it, so that the release comes after it */
  readonly release?: (projectId: Input<string>, host: Input<string>) => ReleaseArgs;
}

/** Plans a site's children. Pure. */
export function planSite(spec: SiteSpec): SitePlan {
  const domain = (projectId: Input<string>): ProjectDomainArgs => ({ projectId, domain: spec.host });
  if (spec.project.kind === "shared") return { domain };
  const { kind: _, ...project } = spec.project;
  const { commit } = spec;
  const variables = [{ key: "SITE_HOST", value: spec.host }, ...(spec.variables ?? [])];
  return {
    domain,
    project: planProject({ ...project, variables }),
    release:
      commit === undefined
        ? undefined
        : (projectId, host) => ({ ...planRelease(projectId, project.repository, commit, spec.release), hosts: [host] }),
  };
}

/** The arguments of a release of one commit. Pure. */
export function planRelease(
  projectId: Input<string>,
  repository: string,
  commit: string,
  { check = DEFAULT_CHECK, deadlines }: ReleaseSettings = {},
): ReleaseArgs {
  return {
    projectId,
    ref: commit,
    repository: { type: "github", repo: repository },
    ...(check === false ? {} : { check }),
    ...(deadlines === undefined ? {} : { deadlines }),
  };
}
