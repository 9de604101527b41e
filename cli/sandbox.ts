import { readInfo, type SandboxInfo, sandboxDir, sandboxEnv, startSandbox } from "../sandbox/control.ts";

/** Which provider plugins the sandbox works with: SITEFLEET_PLUGINS=real takes what the engine finds, else our stand-ins. */
export function pluginChoice(): "stand-in" | "real" {
  return process.env.SITEFLEET_PLUGINS === "real" ? "real" : "stand-in";
}

/** Starts the sandbox when it is not running and points this process, and all it starts, at it. */
export async function useSandbox(catalogDir: string): Promise<SandboxInfo> {
  const info = await startSandbox({ dir: sandboxDir(), catalogDir, plugins: pluginChoice() });
  Object.assign(process.env, sandboxEnv(info));
  return info;
}

/** What is known of the sandbox, running or not. */
export function knownSandbox(): SandboxInfo | undefined {
  return readInfo(sandboxDir());
}
