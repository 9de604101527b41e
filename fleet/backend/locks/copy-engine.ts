import { join } from "node:path";
import { copyDir, readIn } from "../store/copy-place.ts";
import { namesIn } from "../store/file-backend.ts";
import { placesOf } from "../store/project.ts";
import { lifeOf } from "./process-life.ts";

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
