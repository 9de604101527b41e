import * as cloudflare from "@pulumi/cloudflare";
import * as command from "@pulumi/command";
import * as github from "@pulumi/github";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as vercel from "@pulumiverse/vercel";
import type { Settings } from "./settings.ts";

/** What a provider works on, as far as the catalog says it. */
export interface ProviderScope {
  /** User or organisation that owns the GitHub repository. */
  readonly githubOwner?: string;
}

/** Makes one of the providers a stack uses. */
type Factory = (settings: Settings, scope: ProviderScope) => pulumi.ProviderResource;

/**
 * Tokens and endpoints come from the environment (VERCEL_API_TOKEN, CLOUDFLARE_API_TOKEN, GITHUB_TOKEN and the base URLs),
 * never from a resource's inputs: so they are in no state file, and a stack's state is the same whoever runs it.
 */
const factories: Readonly<Record<string, Factory>> = {
  vercel: ({ vercelTeam }) => new vercel.Provider("vercel", vercelTeam === undefined ? {} : { team: vercelTeam }),
  cloudflare: () => new cloudflare.Provider("cloudflare", {}),
  github: ({ githubWriteDelayMs }, { githubOwner }) =>
    new github.Provider("github", {
      ...(githubOwner === undefined ? {} : { owner: githubOwner }),
      writeDelayMs: githubWriteDelayMs,
    }),
  random: () => new random.Provider("random", {}),
  command: () => new command.Provider("command", {}),
};

/** Makes the named providers, for a component's `providers` option. */
export function makeProviders(
  settings: Settings,
  names: readonly ("vercel" | "cloudflare" | "github" | "random" | "command")[],
  scope: ProviderScope = {},
): Record<string, pulumi.ProviderResource> {
  return Object.fromEntries(names.map((name) => [name, (factories[name] as Factory)(settings, scope)]));
}
