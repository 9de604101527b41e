import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "./settings.ts";

/** What a provider works on, as far as the catalog says it. */
export interface ProviderScope {
  /** User or organisation that owns the GitHub repository. */
  readonly githubOwner?: string;
}

/** Makes one of the providers a stack uses; its SDK is loaded only then. */
type Factory = (settings: Settings, scope: ProviderScope) => Promise<pulumi.ProviderResource>;

/**
 * Tokens and endpoints come from the environment (VERCEL_API_TOKEN, CLOUDFLARE_API_TOKEN, GITHUB_TOKEN and the base URLs),
 * never from a resource's inputs: so they are in no state file, and a stack's state does not depend on the person who runs it.
 */
const factories = {
  vercel: async ({ vercelTeam }) => {
    const vercel = await import("@pulumiverse/vercel");
    return new vercel.Provider("vercel", vercelTeam === undefined ? {} : { team: vercelTeam });
  },
  sitefleet: async ({ vercelTeam }) => {
    const { SitefleetProvider } = await import("../provider/sdk/release.ts");
    return new SitefleetProvider("sitefleet", vercelTeam === undefined ? {} : { vercelTeam });
  },
  cloudflare: async () => new (await import("@pulumi/cloudflare")).Provider("cloudflare", {}),
  github: async ({ githubWriteDelayMs }, { githubOwner }) => {
    const github = await import("@pulumi/github");
    const owner = githubOwner === undefined ? {} : { owner: githubOwner };
    return new github.Provider("github", { ...owner, writeDelayMs: githubWriteDelayMs });
  },
  random: async () => new (await import("@pulumi/random")).Provider("random", {}),
  command: async () => new (await import("@pulumi/command")).Provider("command", {}),
} satisfies Record<string, Factory>;

/** Makes the named providers, for a component's `providers` option. */
export async function makeProviders(
  settings: Settings,
  names: readonly (keyof typeof factories)[],
  scope: ProviderScope = {},
): Promise<Record<string, pulumi.ProviderResource>> {
  const made: Record<string, pulumi.ProviderResource> = {};
  for (const name of names) made[name] = await (factories[name] as Factory)(settings, scope);
  return made;
}
