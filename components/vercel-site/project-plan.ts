import type { ProjectArgs } from "@pulumiverse/vercel";

/** A variable that a project's builds and functions see. Not for secrets: the value is readable in the dashboard. */
export interface Variable {
  readonly key: string;
  readonly value: string;
  /** @default ["production", "preview"] */
  readonly targets?: readonly ("production" | "preview" | "development")[];
}

/** Who may see deployments other than the production domains. */
export type Protection =
  | "standard_protection_new"
  | "standard_protection"
  | "all_deployments"
  | "only_preview_deployments"
  | "none";

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
}

/**
 * Settings of a project that people make by hand in the dashboard and that the catalog does not declare. The provider's
 * PATCH sends null for them when undeclared, so changes to them are ignored.
 */
export const handMadeProtection = ["passwordProtection", "trustedIps", "trustedSources"] as const;

/** The arguments of `vercel.Project`. Pure. */
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
    // is linked to it. Pushes to the production branch are turned off in the repository itself (docs/accounts.md).
    previewDeploymentsDisabled: true,
  };
}
