import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { environment } from "../../environment/index.ts";
import { engineFile } from "../backend/locks/copy-engine.ts";
import { serveEngine } from "../backend/service/engine-service.ts";
import type { Runnable } from "./runnable.ts";

/** Says which process the engine is, for a run that finds it after this one was killed, and becomes it. */
const NAMED = 'printf \'{"pid":%s}\' "$$" > "$0" && exec "$@"';

/** Whether engines tell their steps to a service of ours instead of writing the whole state around each. Every engine that is taken can. */
export const canJournal = (env = environment()): boolean => env.SITEFLEET_ENGINE_JOURNAL !== "off";

/**
 * Has an operation tell its steps to a service of this process (`backend/service`), which keeps the state in a working copy.
 *
 * @param dir of the working copy
 */
export function journaled(real: PulumiCommand & Runnable, dir: string, stack: string): Runnable["run"] {
  return async (args, cwd, env, onOutput, onError, signal) => {
    const service = await serveEngine(dir);
    const file = engineFile(dir, stack);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const shell: Runnable = Object.assign(Object.create(Object.getPrototypeOf(real)), real, { command: "/bin/sh" });
    try {
      const own = { ...env, ...service.env };
      return await shell.run(["-c", NAMED, file, real.command, ...args], cwd, own, onOutput, onError, signal);
    } finally {
      await service.close();
    }
  };
}
