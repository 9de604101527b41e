import { closeSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import pLimit from "p-limit";
import { engineStore } from "../store/state-store.ts";
import { fileBackend } from "./file-backend.ts";
import { PROJECT_NAME } from "./project.ts";

/** The beginning of a stack's state as the engine wrote it. */
export interface StateHead {
  readonly stack: string;
  readonly text: string;
  /** Nothing comes after it. */
  readonly whole: boolean;
}

const STACKS = `.pulumi/stacks/${PROJECT_NAME}`;

/** Bytes that are read of each state: who wrote it, when, and how its secrets are encrypted take a third of that. */
const HEAD_BYTES = 4096;

/** Objects that are asked for at once. */
const AT_ONCE = 16;

/**
 * The beginning of every stack's state, in a directory, bucket or table; undefined for other backends and where states are
 * compressed (PULUMI_DIY_BACKEND_GZIP): there the engine has to be asked, which reads all of each.
 *
 * @throws SitefleetError `store.unreachable`
 */
export async function stateHeads(env: NodeJS.ProcessEnv): Promise<StateHead[] | undefined> {
  const dir = fileBackend(env);
  if (dir !== undefined) return headsIn(join(dir, STACKS));
  const store = await engineStore(env);
  if (store === undefined) return undefined;
  const listed = await store.list(`${STACKS}/`);
  if (listed.some(({ key }) => key.endsWith(".gz"))) return undefined;
  const limit = pLimit(AT_ONCE);
  const heads = listed.map(async ({ key, size }): Promise<StateHead[]> => {
    const stack = nameOf(key.slice(STACKS.length + 1));
    const text = stack === undefined ? undefined : await limit(() => store.head(key, HEAD_BYTES));
    // Removed since the list was made.
    if (stack === undefined || text === undefined) return [];
    return [{ stack, text, whole: size <= HEAD_BYTES }];
  });
  return (await Promise.all(heads)).flat();
}

/** The stack of a state's file; copies (`.json.bak`), attributes and what is below folders are none. */
const nameOf = (file: string) => /^([^/]+)\.json$/.exec(file)?.[1];

function headsIn(dir: string): StateHead[] | undefined {
  const names = namesIn(dir);
  if (names.some((name) => name.endsWith(".json.gz"))) return undefined;
  return names.flatMap((name): StateHead[] => {
    const stack = nameOf(name);
    return stack === undefined ? [] : headOf(stack, join(dir, name));
  });
}

function headOf(stack: string, file: string): StateHead[] {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch (error) {
    // Removed since the names were read.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  try {
    const { size } = fstatSync(descriptor);
    const bytes = Buffer.alloc(Math.min(HEAD_BYTES, size));
    const read = readSync(descriptor, bytes, 0, bytes.length, 0);
    return [{ stack, text: bytes.toString("utf8", 0, read), whole: size <= HEAD_BYTES }];
  } finally {
    closeSync(descriptor);
  }
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
