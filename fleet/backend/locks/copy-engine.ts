import { join } from "node:path";
import { copyDir, readIn } from "../store/copy-place.ts";
import { namesIn } from "../store/file-backend.ts";
import { placesOf } from "../store/project.ts";
import { lifeOf } from "./process-life.ts";

const ENGINE = "engine.json";

/**
 * Where an engine that tells its steps to a service says which process it is. Beside the engine's locks: those of a process that has ended
 * would keep the next one out. @param dir of the working copy
 */
export const engineFile = (dir: string) => join(dir, ENGINE);

/** Process of the engine that works in a stack's working copy on this machine; undefined when none does. */
export function engineInCopy(stack: string, env: NodeJS.ProcessEnv): number | undefined {
  const dir = copyDir(stack, env);
  const { locks } = placesOf(stack);
  // An engine that works on the files itself writes a lock of its own there.
  const own = namesIn(join(dir, locks)).filter((name) => name.endsWith(".json"));
  return [readIn(dir, ENGINE), ...own.map((name) => readIn(join(dir, locks), name))]
    .map((text) => Number(/"pid":(\d+)/.exec(text ?? "")?.[1]))
    .find((pid) => {
      const life = pid > 0 ? lifeOf(pid) : { alive: false as const };
      return life.alive && life.isPulumi !== false;
    });
}
