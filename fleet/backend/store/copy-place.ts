import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stateDir } from "./state-dir.ts";

/** Directory of a stack's working copy on this machine (`backend/copy`). */
export const copyDir = (stack: string, env: NodeJS.ProcessEnv) => join(stateDir(env), "work", stack);

/** A file of a working copy as text; undefined when it is not there. */
export function readIn(dir: string, key: string): string | undefined {
  try {
    return readFileSync(join(dir, key), "utf8");
  } catch {
    return undefined;
  }
}
