import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { environment } from "../../../environment/index.ts";
import { fileBackend, namesIn } from "../store/file-backend.ts";
import { PROJECT_NAME, STACKS } from "../store/project.ts";

/**
 * Removes what makes a file backend unreadable after a kill. Beside each file it keeps a small `.attrs` file that it does
 * not write in one step; killed in between, it leaves an empty one, and the stack, or the list of all stacks, fails with
 * "EOF". A missing one is no harm. Safe while others work: they write the file anew with each step.
 *
 * @param stack also looks through this stack's history, which only `pulumi stack history` reads
 * @returns the files that were removed; empty for other backends
 */
export function mendBackend(env: NodeJS.ProcessEnv = environment(), stack?: string): string[] {
  const broken = brokenAttributes(env, stack);
  for (const file of broken) rmSync(file, { force: true });
  return broken;
}

/** The files that {@link mendBackend} would remove. */
export function brokenAttributes(env: NodeJS.ProcessEnv = environment(), stack?: string): string[] {
  const backend = fileBackend(env);
  if (backend === undefined) return [];
  const folder = join(backend, ".pulumi");
  const folders = [folder, join(backend, STACKS)];
  if (stack !== undefined) folders.push(join(folder, "history", PROJECT_NAME, stack));
  return folders
    .flatMap((dir) => namesIn(dir).map((name) => join(dir, name)))
    .filter((file) => file.endsWith(".attrs") && readable(file) === false);
}

/** Whether a file holds JSON; undefined when it is gone. */
function readable(file: string): boolean | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
