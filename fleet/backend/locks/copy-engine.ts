import { join } from "node:path";
import { copyDir, readIn } from "../store/copy-place.ts";
import { namesIn } from "../store/file-backend.ts";
import { placesOf } from "../store/project.ts";
import { lifeOf } from "./process-life.ts";

/** Where it says which process it is that tells its steps to a service; an engine that works on the files writes a lock of its own there. @param dir of the working copy */
export const engineFile = (dir: string, stack: string) => join(dir, placesOf(stack).locks, "engine.json");

/** Process of the engine that works in a stack's working copy on this machine; undefined when none does. */
export function engineInCopy(stack: string, env: NodeJS.ProcessEnv): number | undefined {
  const folder = join(copyDir(stack, env), placesOf(stack).locks);
  return namesIn(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => Number(/"pid":(\d+)/.exec(readIn(folder, name) ?? "")?.[1]))
    .find((pid) => {
      const life = pid > 0 ? lifeOf(pid) : { alive: false as const };
      return life.alive && life.isPulumi !== false;
    });
}
