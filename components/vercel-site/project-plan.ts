import type { ProjectArgs } from "@pulumiverse/vercel";

/** A variable that a project's builds and functions see. Not for secrets: the value is readable in the dashboard. */
export interface Variable {
  readonly key: string;
  readonly value: string;
  /** @default ["production", "preview"] */
  readonly targets?: readonly ("production" | "preview" | "development")[];
}

/** Who may see deployments other than the production domains. */
type Protection =
  | "standard_protection_new"
  | "standard_protection"
  | "all_deployments"
  | "only_preview_deployments"
  | "none";

/** How long a page that was loaded before a release may go on asking for its own release's files; the provider's words. */
export const SKEW_PROTECTION = ["30 minutes", "4 hours", "12 hours", "1 day", "7 days"] as const;

/** See {@link SKEW_PROTECTION}; `off`: a page asks the new release for the old one's files (for plans without it). */
export type SkewProtection = (typeof SKEW_PROTECTION)[number] | "off";

/** The configured skew protection, which was checked when it was read. @default "12 hours" */
export const skewProtectionIn = (values: Readonly<Record<string, string | undefined>>): SkewProtection | undefined =>
  values.skewProtection as SkewProtection | undefined;

/** What a Vercel project is made of; shared by sites with a project of their own and shared projects. */
export interface ProjectSpec {
  /** The project's name on Vercel. Always given: without one the provider adds a random suffix. */
  readonly name: string;
  /** GitHub repository, `owner/name`. */
  readonly repository: string;
  /** Folder of the repository that holds the site's source; empty for the repository's root. @default "" */
  readonly rootDirectory?: string;
  /** Slug of a Vercel framework preset, or null for none. @default null */
  readonly framework?: string | null;
  /** @default [] */
  readonly variables?: readonly Variable[];
  /** @default "standard_protection_new" (Vercel's own default for new projects) */
  readonly protection?: Protection;
  /**
   * Whether builds and functions see Vercel's own variables, `VERCEL_GIT_COMMIT_SHA` among them: the marker by which
   * checks tell releases apart. Skew protection needs them too.
   * @default true
   */
  readonly systemVariables?: boolean;
  /** Vercel offers it on Pro and Enterprise. @default "12 hours" */
  readonly skewProtection?: SkewProtection;
}

/**
 * The arguments of `vercel.Project`. What they leave undeclared, and what the provider sends for it, is in
 * `components/undeclared/vercel.ts`. Pure.
 */
export function planProject(spec: ProjectSpec): ProjectArgs {
  return {
    name: spec.name,
    ...(spec.framework ? { framework: spec.framework } : {}),
    ...(spec.rootDirectory ? { rootDirectory: spec.rootDirectory } : {}),
    gitRepository: { type: "github", repo: spec.repository },
    // One inline list instead of a resource a variable: nothing more to register, diff and store, and set in one call.
    environments: [...(spec.variables ?? [])]
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map((variable) => ({
        key: variable.key,
        value: variable.value,
        targets: [...(variable.targets ?? ["production", "preview"])].sort(),
        sensitive: false,
      })),
    vercelAuthentication: { deploymentType: spec.protection ?? "standard_protection_new" },
    // Nothing but a release moves the hosts: a push or a deployment by hand is built and takes nothing.
    autoAssignCustomDomains: false,
    // What is live is declared by commit. With previews on, each push to a shared repository would build every project that
    // is linked to it. Pushes to the production branch are turned off in the repository itself (docs/guides/bring-up-an-estate.md).
    previewDeploymentsDisabled: true,
    // What the provider would switch off on a new project when it is not declared.
    automaticallyExposeSystemEnvironmentVariables: spec.systemVariables ?? true,
    ...(spec.skewProtection === "off" ? {} : { skewProtection: spec.skewProtection ?? "12 hours" }),
    prioritiseProductionBuilds: true,
  };
}
