import { copyFileSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { environment } from "../../../environment/index.ts";
import { engineLocks } from "../locks/engine-locks.ts";
import { fileBackend } from "../store/file-backend.ts";
import type { StateFault } from "./inspect.ts";

/** A stack whose state was cut off, and what took its place. */
export interface Restored {
  readonly stack: string;
  /** The file that took its place; undefined when there was none: the stack begins anew and takes over what exists. */
  readonly from?: string;
  /** Where the broken file is now. */
  readonly broken: string;
}

/**
 * Puts the newest whole copy in the place of states that a full disk or lost power has cut off. The engine renames what it
 * wrote also when writing failed. What was done since the copy is found again: a create that meets an object of ours takes it
 * over. Only with the stacks' locks held; leaves stacks alone that an engine works on.
 *
 * @param faults what {@link inspectStates} found; only the mendable ones are touched
 * @returns what was restored; empty for other backends
 */
export async function restoreStates(
  faults: Iterable<StateFault>,
  env: NodeJS.ProcessEnv = environment(),
  now = new Date(),
): Promise<Restored[]> {
  const backend = fileBackend(env);
  if (backend === undefined) return [];
  const restored: Restored[] = [];
  for (const { stack, path, copy, mendable } of faults) {
    if (!mendable) continue;
    const locks = await engineLocks(stack, env);
    if (locks.some(({ state }) => state !== "dead")) continue;
    const file = join(backend, path);
    const aside = join(backend, ".sitefleet", "broken");
    mkdirSync(aside, { recursive: true, mode: 0o700 });
    const broken = join(aside, `${stack}-${now.toISOString().replace(/[-:]|\.\d+/g, "")}.json`);
    renameSync(file, broken);
    rmSync(`${file}.attrs`, { force: true });
    const from = copy === undefined ? undefined : join(backend, copy);
    if (from !== undefined) copyFileSync(from, file);
    restored.push({ stack, broken, from });
  }
  return restored;
}
