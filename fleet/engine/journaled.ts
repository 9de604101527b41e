import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { environment } from "../../environment/index.ts";
import { engineFile } from "../backend/locks/copy-engine.ts";
import { planInPassphraseForm } from "../backend/secrets/service-form.ts";
import type { StackKey } from "../backend/secrets/stack-key.ts";
import { serveEngine } from "../backend/service/engine-service.ts";
import { servePreview } from "../backend/service/preview-service.ts";
import { withoutLog } from "./engine-home.ts";
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
export function journaled(real: PulumiCommand & Runnable, dir: string): Runnable["run"] {
  return async (args, cwd, env, onOutput, onError, signal) => {
    const service = await serveEngine(dir);
    const file = engineFile(dir);
    const shell: Runnable = Object.assign(Object.create(Object.getPrototypeOf(real)), real, { command: "/bin/sh" });
    try {
      const own = { ...env, ...service.env };
      return await shell.run(["-c", NAMED, file, real.command, ...args], cwd, own, onOutput, onError, signal);
    } finally {
      rmSync(file, { force: true });
      await service.close();
    }
  };
}

/**
 * Has a preview ask a service of this process, which has the key of the secrets already. The plan that it saves has them as the engine's own
 * backends do.
 *
 * @param dir with the engine's states; nothing is written there
 */
export function previewed(real: PulumiCommand & Runnable, dir: string, key: StackKey): Runnable["run"] {
  return async (args, cwd, env, onOutput, onError, signal) => {
    const at = args.indexOf("--config-file") + 1;
    const configFile = args[at];
    const named = args.indexOf("--stack") + 1;
    const stack = args[named];
    if (at === 0 || named === 0 || configFile === undefined || stack === undefined)
      return real.run(args, cwd, env, onOutput, onError, signal);
    const folder = mkdtempSync(join(tmpdir(), "sitefleet-preview-"));
    try {
      const service = await servePreview({ dir, stack, key, configFile, folder });
      const asked = args.with(at, service.configFile);
      try {
        const own = { ...env, ...service.env, ...withoutLog(folder, env) };
        const done = await real.run(asked, cwd, own, onOutput, onError, signal);
        const plan = args[args.indexOf("--save-plan") + 1];
        if (args.includes("--save-plan") && plan !== undefined && existsSync(plan)) rewrite(plan);
        return done;
      } finally {
        await service.close();
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

function rewrite(plan: string): void {
  writeFileSync(plan, JSON.stringify(planInPassphraseForm(JSON.parse(readFileSync(plan, "utf8")))));
}
