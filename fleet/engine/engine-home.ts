import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { PROJECT_ROOT } from "../../stacks/root.ts";

/** The folder with the plugins that the engine has fetched. Pure. @param env that of the engine */
export const pluginFolder = (env: NodeJS.ProcessEnv): string =>
  join(resolve(PROJECT_ROOT, env.PULUMI_HOME || join(env.HOME || homedir(), ".pulumi")), "plugins");

/**
 * Makes a home for one engine that keeps no log of itself, which an engine can only be kept from where there is no folder for it. Each
 * process of the engine writes one, and looks at those of the last seven days beforehand: with 6700 of them half of what it takes to
 * start. Plugins are those of its own home.
 *
 * @param folder of the engine's own, which exists; the caller removes it
 * @param env that of the engine
 * @returns what of the environment has the engine take it
 */
export function withoutLog(folder: string, env: NodeJS.ProcessEnv): { readonly PULUMI_HOME: string } {
  const home = join(folder, "home");
  const plugins = pluginFolder(env);
  mkdirSync(home, { mode: 0o700 });
  try {
    mkdirSync(plugins, { recursive: true });
  } catch {
    // The engine says so if it needs one.
  }
  symlinkSync(plugins, join(home, "plugins"));
  writeFileSync(join(home, "logs"), "");
  return { PULUMI_HOME: home };
}
