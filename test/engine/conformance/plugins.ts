import { accessSync, constants } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { hostProviders } from "../../../sandbox/providers/host.ts";

// The stand-ins' launchers have the same names as the real plugins.
const STAND_INS = resolve("sandbox/providers/bin");

/** Where a provider's calls go. */
export interface Plugin {
  /** Environment that makes the engine use it. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** The stand-in, served by this process. */
export async function standIn(provider: string, env: Readonly<Record<string, string>>): Promise<Plugin> {
  // Providers read their configuration from the environment of their own process, which here is ours.
  Object.assign(process.env, env);
  const [served] = await hostProviders([{ name: provider, port: 0 }]);
  return {
    env: { PULUMI_DEBUG_PROVIDERS: `${provider}:${served!.port}` },
    async stop() {
      for (const name of Object.keys(env)) delete process.env[name];
      await served!.stop();
    },
  };
}

/** The real plugin of a provider; undefined unless SITEFLEET_PLUGINS=real and it is on PATH. */
export function realPlugin(provider: string): Plugin | undefined {
  if (process.env.SITEFLEET_PLUGINS !== "real") return undefined;
  const dirs = (process.env.PATH ?? "").split(delimiter).filter((dir) => resolve(dir) !== STAND_INS);
  const found = dirs.some((dir) => executable(join(dir, `pulumi-resource-${provider}`)));
  return found ? { env: {}, stop: async () => {} } : undefined;
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
