import type { Props, Setup } from "../../vendors/live.ts";
import { ReadApi } from "./http.ts";
import type { Exported } from "./state.ts";

/**
 * How the stack's own providers are set up: tokens and addresses from the environment, the rest from the providers' entries in
 * the state.
 */
export function setupOf(state: Exported, env: NodeJS.ProcessEnv): Setup {
  const providers = new Map<string, Props>();
  for (const { urn, id, type, inputs } of state.deployment.resources ?? []) {
    if (type.startsWith("pulumi:providers:")) providers.set(`${urn}::${id}`, inputs ?? {});
  }
  const made = new Map<string, unknown>();
  return {
    env,
    connect: (options) => new ReadApi(options),
    settings: ({ provider = "" }) => providers.get(provider) ?? {},
    once<T>(key: string, make: () => T): T {
      if (!made.has(key)) made.set(key, make());
      return made.get(key) as T;
    },
  };
}
