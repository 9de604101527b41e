import type { RepositoryEnvironmentArgs } from "@pulumi/github";
import type { Input } from "@pulumi/pulumi";
import type { RandomPasswordArgs } from "@pulumi/random";
import { ignoredIn } from "../undeclared/types.ts";
import { repositoryEnvironment } from "./undeclared.ts";

/** Where a secret's value comes from. */
export type SecretSource =
  | { readonly kind: "given"; readonly value: Input<string> }
  /** `bytes` random bytes, kept in the stack's state, encrypted; base64, or hex where it ends in URLs and shells. */
  | {
      readonly kind: "generated";
      readonly bytes: number;
      readonly encoding: "base64" | "hex";
      /** Which of its values is in use: a rotation counts them. @default 1 */
      readonly generation?: number;
      /** Another of its values that exists as well, and is not at GitHub. @default none */
      readonly other?: number;
      /** The first value, where it was imported. @default it is made as the others */
      readonly first?: Input<string> | undefined;
    };

/** What an environment is, as data. */
export interface EnvironmentSpec {
  /** Repository's name without its owner; the owner is the provider's. */
  readonly repository: string;
  /** e.g. `production` */
  readonly environment: string;
  /**
   * Who must approve a job that uses the environment, by GitHub's numeric ids.
   * @default left as they are (the provider would wipe them when undeclared)
   */
  readonly reviewers?: { readonly users?: readonly number[]; readonly teams?: readonly number[] };
  /** Minutes that a job which uses the environment waits, at most 43200. @default left as they are */
  readonly waitMinutes?: number;
  /** Branches whose jobs may use the environment: those with a protection rule, or any. @default left as they are */
  readonly branches?: "protected" | "any";
  /** True: who started a job cannot approve it. @default left as it is */
  readonly preventSelfReview?: boolean;
  /** False: administrators wait as all others do. @default left as it is; GitHub lets them pass in a new environment */
  readonly adminsBypass?: boolean;
  /** By name. At most 100 (GitHub's limit an environment). */
  readonly secrets: Readonly<Record<string, SecretSource>>;
}

/** The arguments of an environment's children. */
export interface EnvironmentPlan {
  readonly environment: RepositoryEnvironmentArgs;
  /** Properties that are left as they are on GitHub. */
  readonly ignoreChanges: string[];
  /** In the order of their names. */
  readonly secrets: readonly { readonly name: string; readonly source: SecretSource }[];
}

/** Plans an environment's children. Pure. */
export function planEnvironment(spec: EnvironmentSpec): EnvironmentPlan {
  const { reviewers, waitMinutes, branches, preventSelfReview, adminsBypass } = spec;
  const environment: RepositoryEnvironmentArgs = {
    repository: spec.repository,
    environment: spec.environment,
    ...(reviewers ? { reviewers: [{ users: [...(reviewers.users ?? [])], teams: [...(reviewers.teams ?? [])] }] } : {}),
    ...(waitMinutes === undefined ? {} : { waitTimer: waitMinutes }),
    // Any branch is no policy at all, and so is declared by leaving it out.
    ...(branches === "protected"
      ? { deploymentBranchPolicy: { protectedBranches: true, customBranchPolicies: false } }
      : {}),
    ...(preventSelfReview === undefined ? {} : { preventSelfReview }),
    ...(adminsBypass === undefined ? {} : { canAdminsBypass: adminsBypass }),
  };
  const ignored = ignoredIn(repositoryEnvironment, environment);
  return {
    environment,
    // Wait timer, branch policy, self-review, admin bypass and reviewers are a person's protection.
    ignoreChanges: branches === "any" ? ignored.filter((name) => name !== "deploymentBranchPolicy") : ignored,
    secrets: Object.entries(spec.secrets)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, source]) => ({ name, source })),
  };
}

/**
 * `bytes` random bytes as hex digits. Not `RandomBytes`: the provider takes the value itself as that resource's id, and
 * ids are never encrypted, so every secret would stand in clear in the state. A password's id is `none`. Pure.
 */
export function planRandom(bytes: number): RandomPasswordArgs {
  return {
    length: 2 * bytes,
    special: true,
    overrideSpecial: "0123456789abcdef",
    lower: false,
    upper: false,
    numeric: false,
  };
}
