import { readFileSync } from "node:fs";
import { join } from "node:path";
import { digestOfText } from "../../../stacks/digest.ts";
import { placesOf } from "./project.ts";
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

/** Whether a stack's state is to the letter one of this digest (`digestOfText`). @param dir with the engine's states */
export function isStateOf(dir: string, stack: string, digest: string): boolean {
  const text = readIn(dir, placesOf(stack).state);
  return text !== undefined && digestOfText(text) === digest;
}
