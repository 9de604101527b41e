import type { Props } from "../framework/index.ts";
import { boolean, defineProvider, integer, list, string } from "../framework/index.ts";
import type { GithubClientOptions } from "./client.ts";
import { GithubClient } from "./client.ts";
import { repositoryEnvironment } from "./environment.ts";
import { getRepository } from "./repository.ts";
import { environmentSecret } from "./secret.ts";
import { environmentVariable } from "./variable.ts";

// Defaults of the real provider's configuration (github/provider.go).
const WRITE_DELAY_MS = 1000;
const RETRY_DELAY_MS = 1000;
const MAX_RETRIES = 3;
const RETRYABLE_ERRORS = [500, 502, 503, 504];

/**
 * Stand-in for pulumi-github 6.15.0, which bridges provider 6.13.0: environments, their secrets and variables, and
 * `getRepository` with the fields that a deployment needs. It has the legacy client's pace and retries (the default) and
 * no app sign-in; it does not wait a second before it reads a written secret or variable back; a changed `repository`
 * always replaces, where the real one looks whether the repository was only renamed.
 */
export const github = defineProvider<GithubClient>({
  name: "github",
  version: "6.15.0",
  config: {
    owner: string({ env: ["GITHUB_OWNER"] }),
    organization: string({ env: ["GITHUB_ORGANIZATION"] }),
    token: string({ secret: true, env: ["GITHUB_TOKEN"] }),
    baseUrl: string({ env: ["GITHUB_BASE_URL"], default: "https://api.github.com/" }),
    writeDelayMs: integer({ default: WRITE_DELAY_MS }),
    readDelayMs: integer({ default: 0 }),
    retryDelayMs: integer({ default: RETRY_DELAY_MS }),
    maxRetries: integer({ default: MAX_RETRIES }),
    retryableErrors: list(integer(), { default: RETRYABLE_ERRORS }),
    parallelRequests: boolean({ default: false }),
    maxPerPage: integer({ env: ["GITHUB_MAX_PER_PAGE"] }),
    legacyClient: boolean({ env: ["GITHUB_LEGACY_CLIENT"], default: true }),
    cachePath: string(),
    insecure: boolean(),
  },
  configure: (config) => GithubClient.connect(options(config), text(config.organization) ?? text(config.owner)),
  resources: {
    "github:index/repositoryEnvironment:RepositoryEnvironment": repositoryEnvironment,
    "github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret": environmentSecret,
    "github:index/actionsEnvironmentVariable:ActionsEnvironmentVariable": environmentVariable,
  },
  functions: { "github:index/getRepository:getRepository": getRepository },
});

function options(config: Props): GithubClientOptions {
  const token = text(config.token);
  return {
    baseUrl: String(config.baseUrl),
    ...(token === undefined ? {} : { token }),
    pace: {
      writeDelayMs: Number(config.writeDelayMs),
      readDelayMs: Number(config.readDelayMs),
      parallel: config.parallelRequests === true,
    },
    maxRetries: Number(config.maxRetries),
    retryDelayMs: Number(config.retryDelayMs),
    retryableErrors: new Set(
      Array.isArray(config.retryableErrors) ? config.retryableErrors.map(Number) : RETRYABLE_ERRORS,
    ),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
