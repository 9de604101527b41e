import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { environment } from "../../environment/index.ts";
import { engineFile } from "../backend/locks/copy-engine.ts";
import type { ServedStack } from "../backend/service/engine-files.ts";
import { serveEngine } from "../backend/service/engine-service.ts";
import { type PreviewOptions, servePreview } from "../backend/service/preview-service.ts";
import { withoutLog } from "./engine-home.ts";
import type { Runnable } from "./runnable.ts";

/** What of a stack's service its operation says itself. */
export type Served = Omit<ServedStack, "stack" | "configFile">;

/** Says which process the engine is, for a run that finds it after this one was killed, and becomes it. */
const NAMED = 'printf \'{"pid":%s}\' "$$" > "$0" && exec "$@"';

/** Whether engines tell their steps to a service of ours instead of writing the whole state around each. Every engine that is taken can. */
export const canJournal = (env = environment()): boolean => env.SITEFLEET_ENGINE_JOURNAL !== "off";

/**
 * Has an operation tell its steps to a service of this process (`backend/service`), which keeps the state in a working copy.
 *
 * @param served directory of the working copy
 */
export function journaled(real: PulumiCommand & Runnable, served: Served): Runnable["run"] {
  return async (args, cwd, env, onOutput, onError, signal) => {
    const service = await serveEngine({ ...served, ...askedOf(args) });
    const file = engineFile(served.dir);
    const shell: Runnable = Object.assign(Object.create(Object.getPrototypeOf(real)), real, { command: "/bin/sh" });
    try {
      const asked = ["-c", NAMED, file, real.command, ...withConfig(args, service.configFile)];
      const own = { ...env, ...service.env, ...withoutLog(service.folder, env) };
      return await shell.run(asked, cwd, own, onOutput, onError, signal);
    } finally {
      rmSync(file, { force: true });
      await service.close();
    }
  };
}

/**
 * Has a preview ask a service of this process, which has the key of the secrets already.
 *
 * @param served directory with the engine's states; nothing is written there
 */
export function previewed(
  real: PulumiCommand & Runnable,
  served: Served & Pick<PreviewOptions, "onEvent">,
): Runnable["run"] {
  return async (args, cwd, env, onOutput, onError, signal) => {
    const folder = mkdtempSync(join(tmpdir(), "sitefleet-preview-"));
    try {
      const service = await servePreview({ ...served, folder, ...askedOf(args) });
      try {
        const own = { ...env, ...service.env, ...withoutLog(folder, env) };
        const result = await real.run(withConfig(args, service.configFile), cwd, own, onOutput, onError, signal);
        if (!service.hasToldAll()) throw new Error("the engine did not tell all that it has found");
        return result;
      } finally {
        await service.close();
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

/** Behind what the Automation API gives an operation its configuration. */
const CONFIG_FLAG = "--config-file";

/** The stack and configuration that the Automation API gives an operation. */
function askedOf(args: readonly string[]): { readonly stack: string; readonly configFile: string } {
  const [stack, configFile] = ["--stack", CONFIG_FLAG].map((flag) => args[args.indexOf(flag) + 1]);
  if (!args.includes("--stack") || !args.includes(CONFIG_FLAG) || stack === undefined || configFile === undefined)
    throw new Error(`the engine is given no stack or configuration: ${args.join(" ")}`);
  return { stack, configFile };
}

const withConfig = (args: string[], file: string): string[] => args.with(args.indexOf(CONFIG_FLAG) + 1, file);
