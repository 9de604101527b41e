import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ORGANIZATION, PROJECT_NAME, STACKS } from "./project.ts";
import { stateDir } from "./state-dir.ts";

/** Where a stack's things lie below a backend's address, and so in a working copy of it. */
export const keysOf = (stack: string) => ({
  state: `${STACKS}/${stack}.json`,
  /** The state before the last update. */
  backup: `${STACKS}/${stack}.json.bak`,
  locks: `.pulumi/locks/${ORGANIZATION}/${PROJECT_NAME}/${stack}/`,
  /** What the engine adds with each update: what it did, and the state before it. */
  history: `.pulumi/history/${PROJECT_NAME}/${stack}/`,
  backups: `.pulumi/backups/${PROJECT_NAME}/${stack}/`,
});

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
