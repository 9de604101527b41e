import type { ProviderDefinition } from "../../provider/framework/definition.ts";

/** A stand-in with its client's type forgotten. */
export type AnyProvider = ProviderDefinition<unknown>;

// Loaded on demand: a plugin that serves one provider does not pay for the others.
const loaders: Record<string, () => Promise<unknown>> = {
  vercel: async () => (await import("./vercel/index.ts")).vercel,
  cloudflare: async () => (await import("./cloudflare/index.ts")).cloudflare,
  github: async () => (await import("./github/index.ts")).github,
  command: async () => (await import("./command/index.ts")).command,
  random: async () => (await import("./random/index.ts")).random,
};

/** The names of all stand-ins. */
export const providerNames: readonly string[] = Object.keys(loaders);

/** Loads a stand-in by name. Throws for an unknown one. */
export async function loadProvider(name: string): Promise<AnyProvider> {
  const load = loaders[name];
  if (load === undefined) throw new Error(`no stand-in for "${name}"; there are: ${providerNames.join(", ")}`);
  return (await load()) as AnyProvider;
}
