import * as undeclared from "../../components/github-environment/undeclared.ts";
import type { ResourceType } from "../vendor.ts";
import { environmentSecret, repositoryEnvironment } from "./live.ts";

/** The importer divides by colons, and has another sign for one in a name (terraform-provider-github, `escapeIDPart`). */
const importPart = (name: unknown): string => String(name).replaceAll(":", "??");

const ENVIRONMENT = "/repositories/*/environments/*";

/** GitHub's resource types. */
export const types: Readonly<Record<string, ResourceType>> = {
  "github:index/repositoryEnvironment:RepositoryEnvironment": {
    role: "environment",
    undeclared: undeclared.repositoryEnvironment,
    calls: {
      create: ["PUT /repos/*/*/environments/*", "GET /repos/*/*"],
      read: ["GET /repos/*/*/environments/*"],
      update: ["PUT /repos/*/*/environments/*"],
      delete: ["DELETE /repos/*/*/environments/*"],
      source: "terraform-provider-github 6.13 github/resource_github_repository_environment.go",
    },
    losses: { gone: "a deleted environment takes its secrets and variables with it" },
    live: repositoryEnvironment,
    adopt: (inputs) => ({ by: "import", id: `${inputs.repository}:${importPart(inputs.environment)}` }),
    repeatable: true,
  },
  "github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret": {
    role: "secret",
    undeclared: undeclared.environmentSecret,
    calls: {
      create: [
        "GET /repos/*/*",
        `GET ${ENVIRONMENT}/secrets/public-key`,
        `PUT ${ENVIRONMENT}/secrets/*`,
        `GET ${ENVIRONMENT}/secrets/*`,
      ],
      read: [`GET ${ENVIRONMENT}/secrets/*`],
      update: [`GET ${ENVIRONMENT}/secrets/public-key`, `PUT ${ENVIRONMENT}/secrets/*`, `GET ${ENVIRONMENT}/secrets/*`],
      delete: [`DELETE ${ENVIRONMENT}/secrets/*`],
      source: "terraform-provider-github 6.13 github/resource_github_actions_environment_secret.go",
    },
    live: environmentSecret,
    adopt: (inputs) => ({
      by: "import",
      id: `${inputs.repository}:${importPart(inputs.environment)}:${inputs.secretName}`,
      keep: ["value"],
    }),
    repeatable: true,
  },
  "github:index/actionsEnvironmentVariable:ActionsEnvironmentVariable": {
    role: "variable",
    calls: {
      create: [
        "POST /repos/*/*/environments/*/variables",
        "GET /repos/*/*",
        "GET /repos/*/*/environments/*/variables/*",
      ],
      read: ["GET /repos/*/*/environments/*/variables/*"],
      update: ["PATCH /repos/*/*/environments/*/variables/*", "GET /repos/*/*/environments/*/variables/*"],
      delete: ["DELETE /repos/*/*/environments/*/variables/*"],
      source: "terraform-provider-github 6.13 github/resource_github_actions_environment_variable.go",
    },
  },
};
