import type { ActionsEnvironmentSecretArgs, RepositoryEnvironmentArgs } from "@pulumi/github";
import {
  declared,
  ignored,
  left,
  lessOrOther,
  smaller,
  switchedOff,
  switchedOn,
  type UndeclaredOf,
} from "../undeclared/types.ts";

/**
 * `github:index/repositoryEnvironment:RepositoryEnvironment`, read in terraform-provider-github 6.13.0,
 * `resource_github_repository_environment.go`: each write is a PUT of all of it.
 */
export const repositoryEnvironment = {
  canAdminsBypass: ignored("default", "the provider sends true; a person's no stays", switchedOn),
  deploymentBranchPolicy: ignored("null", "branches that a person chose stay", lessOrOther),
  preventSelfReview: ignored("default", "the provider sends false; a person's yes stays", switchedOff),
  reviewers: ignored("null", "reviewers that a person named stay", lessOrOther),
  waitTimer: ignored("null", "a wait that a person set stays", smaller),
} satisfies UndeclaredOf<RepositoryEnvironmentArgs>;

/** `github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret`, read in terraform-provider-github 6.13.0. */
export const environmentSecret = {
  encryptedValue: left("nothing", "the older name of valueEncrypted"),
  keyId: left("kept", "for valueEncrypted"),
  plaintextValue: left("nothing", "the older name of value"),
  value: declared("nothing", "given or generated"),
  valueEncrypted: left("nothing", "the provider encrypts"),
} satisfies UndeclaredOf<ActionsEnvironmentSecretArgs>;
