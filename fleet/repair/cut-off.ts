import {
  closeSync,
  copyFileSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
} from "node:fs";
import { basename, join } from "node:path";
import { fileBackend, namesIn } from "./file-backend.ts";
import { engineLocks } from "./locks.ts";
import { PROJECT_NAME, STACKS } from "./project.ts";

/** A stack whose state was cut off, and what took its place. */
export interface Restored {
  readonly stack: string;
  /** The file that took its place; undefined when there was none: the stack begins anew and takes over what exists. */
  readonly from?: string;
  /** Where the broken file is now. */
  readonly broken: string;
}

/** The engine writes indented JSON: whatever was cut off does not end with a brace at the line's start. */
const END = /\n\}\s*$/;
const TAIL_BYTES = 16;

/**
 * Puts an older copy in the place of states that a full disk or lost power has cut off. The engine renames what it wrote
 * also when writing failed, and one such file makes the list of all stacks fail, so this comes before anything else. What
 * was done since the copy is found again: a create that meets an object of ours takes it over. Leaves stacks alone that
 * somebody works on.
 *
 * @returns what was restored; empty for other backends
 */
export async function restoreCutOff(env: NodeJS.ProcessEnv = process.env, now = new Date()): Promise<Restored[]> {
  const backend = fileBackend(env);
  if (backend === undefined) return [];
  const dir = join(backend, STACKS);
  const files = namesIn(dir).filter((name) => name.endsWith(".json"));
  const restored: Restored[] = [];
  for (const file of files.map((name) => join(dir, name)).filter((path) => !endsWhole(path) && !isJson(path))) {
    const stack = basename(file, ".json");
    const locks = await engineLocks(stack, env);
    if (locks.some(({ state }) => state !== "dead")) continue;
    const from = copiesOf(backend, file, stack).find(isJson);
    const aside = join(backend, ".sitefleet", "broken");
    mkdirSync(aside, { recursive: true, mode: 0o700 });
    const broken = join(aside, `${stack}-${now.toISOString().replace(/[-:]|\.\d+/g, "")}.json`);
    renameSync(file, broken);
    rmSync(`${file}.attrs`, { force: true });
    if (from !== undefined) copyFileSync(from, file);
    restored.push({ stack, broken, ...(from === undefined ? {} : { from }) });
  }
  return restored;
}

/** The copies that the engine keeps of a state, the newest first. */
function copiesOf(backend: string, file: string, stack: string): string[] {
  const history = join(backend, ".pulumi", "history", PROJECT_NAME, stack);
  // Their names hold the time in nanoseconds, which sorts.
  const checkpoints = namesIn(history).filter((name) => name.endsWith(".checkpoint.json"));
  return [
    `${file}.bak`,
    ...checkpoints
      .sort()
      .reverse()
      .map((name) => join(history, name)),
  ];
}

/** Whether the file's end is that of a whole state; a look at the last bytes, since there are hundreds of files. */
function endsWhole(file: string): boolean {
  const descriptor = openSync(file, "r");
  try {
    const { size } = fstatSync(descriptor);
    const bytes = Buffer.alloc(Math.min(TAIL_BYTES, size));
    readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
    return END.test(bytes.toString("utf8"));
  } catch {
    return false;
  } finally {
    closeSync(descriptor);
  }
}

function isJson(file: string): boolean {
  try {
    JSON.parse(readFileSync(file, "utf8"));
    return true;
  } catch {
    return false;
  }
}
