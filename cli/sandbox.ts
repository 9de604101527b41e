import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { amendEnvironment, environment } from "../environment/index.ts";
import { SitefleetError } from "../errors/index.ts";
import { startedByMe } from "../fleet/backend/locks/leftovers.ts";
import type { Providers, StartProviders } from "../operations/kit/estate.ts";
import { readInfo, type SandboxInfo, sandboxDir, sandboxEnv, startSandbox } from "../sandbox/control.ts";
import { PROJECT_ROOT } from "../stacks/root.ts";
import { programFile } from "../toolchain/programs.mjs";

/** Which provider plugins the sandbox works with: SITEFLEET_PLUGINS=real takes what the engine finds, else our stand-ins. */
export function pluginChoice(): "stand-in" | "real" {
  return environment().SITEFLEET_PLUGINS === "real" ? "real" : "stand-in";
}

/** Starts the sandbox when it is not running and points this operation, and all it starts, at it. */
export async function useSandbox(catalogDir: string): Promise<SandboxInfo> {
  const info = await startSandbox({ dir: sandboxDir(), catalogDir, plugins: pluginChoice() });
  amendEnvironment({ ...sandboxEnv(info), ...(await budgetOf(info, environment().SITEFLEET_BUDGET)) });
  return info;
}

/**
 * SITEFLEET_BUDGET for the sandbox as it is configured now: nothing is held back where nothing is limited, and where limits
 * are scaled in time, so is the clock. What a person has set stays.
 */
export async function budgetOf(info: SandboxInfo, given?: string): Promise<{ SITEFLEET_BUDGET: string }> {
  if (given !== undefined && given !== "") return { SITEFLEET_BUDGET: given };
  const answer = await fetch(new URL("/faults", info.urls.control), { signal: AbortSignal.timeout(10_000) });
  const { config } = (await answer.json()) as { config: { limits: readonly unknown[]; timeScale: number } };
  if (config.limits.length === 0) return { SITEFLEET_BUDGET: "off" };
  // The sandbox issues no certificates and its builds are done in moments.
  return { SITEFLEET_BUDGET: `no-certificates,build-seconds=1,time-scale=${config.timeScale}` };
}

/**
 * The sandbox's stand-ins call its vendors directly; under a budget a run starts its own, which call through the gateway.
 * Real plugins are started by the engine.
 */
export function providersOf(info: SandboxInfo): StartProviders | undefined {
  return info.plugins === "stand-in" ? startProviders : undefined;
}

async function startProviders(env: Readonly<Record<string, string>>): Promise<Providers> {
  const host = spawn(process.execPath, [programFile("sandbox/providers/host.ts"), "--with-stdin"], {
    cwd: PROJECT_ROOT,
    env: { ...environment(), ...env, ...startedByMe() },
    // As for the engines that use it: a session of its own.
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: host.stdout });
  const [first] = (await Promise.race([once(lines, "line"), once(host, "exit")])) as [unknown];
  if (typeof first !== "string") {
    throw new SitefleetError({ code: "sandbox.providers", message: "the stand-in providers did not start" });
  }
  const ports = Object.entries(JSON.parse(first) as Record<string, number>);
  return {
    env: { PULUMI_DEBUG_PROVIDERS: ports.map(([name, port]) => `${name}:${port}`).join(",") },
    async close() {
      if (host.exitCode !== null || host.signalCode !== null) return;
      const exited = once(host, "exit");
      host.kill("SIGTERM");
      await exited;
    },
  };
}

/** What is known of the sandbox, running or not. */
export function knownSandbox(): SandboxInfo | undefined {
  return readInfo(sandboxDir());
}
