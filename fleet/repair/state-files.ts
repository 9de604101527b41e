import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import pLimit from "p-limit";
import { engineStore } from "../store/state-store.ts";
import { fileBackend, namesIn } from "./file-backend.ts";
import { STACKS } from "./project.ts";

/** The beginning of a stack's state as the engine wrote it. */
export interface StateHead {
  readonly stack: string;
  readonly text: string;
  /** Nothing comes after it. */
  readonly whole: boolean;
}

/** Bytes that are read of each state: who wrote it, when, and how its secrets are encrypted take a third of that. */
const HEAD_BYTES = 4096;

/** Objects that are asked for at once. */
const AT_ONCE = 16;

/** Where a stack's state lies. */
interface StateFile {
  readonly stack: string;
  readonly compressed: boolean;
  read(): Promise<string>;
  /** Undefined when it was removed since the list was made. */
  head(): Promise<Omit<StateHead, "stack"> | undefined>;
}

/**
 * Every stack's state as the engine wrote it, by name; undefined when it cannot be read from here.
 *
 * @throws SitefleetError `store.unreachable`
 */
export async function checkpoints(
  env: NodeJS.ProcessEnv,
): Promise<ReadonlyMap<string, () => Promise<unknown>> | undefined> {
  const files = await stateFiles(env);
  return files && new Map(files.map(({ stack, read }) => [stack, async () => JSON.parse(await read())]));
}

/** The resources of a state that {@link checkpoints} read; it is the caller's to know what it needs of them. Pure. */
export function resourcesOf<Resource>(state: unknown): readonly Resource[] {
  const { checkpoint } = state as { checkpoint?: { latest?: { resources?: readonly Resource[] } } };
  return checkpoint?.latest?.resources ?? [];
}

/**
 * The beginning of every stack's state, in a directory, bucket or table; undefined for other backends and where states are
 * compressed (PULUMI_DIY_BACKEND_GZIP): there the engine has to be asked, which reads all of each.
 *
 * @throws SitefleetError `store.unreachable`
 */
export async function stateHeads(env: NodeJS.ProcessEnv): Promise<StateHead[] | undefined> {
  const files = await stateFiles(env);
  if (files === undefined || files.some(({ compressed }) => compressed)) return undefined;
  const limit = pLimit(AT_ONCE);
  const heads = files.map(({ stack, head }) =>
    limit(async (): Promise<StateHead[]> => {
      const found = await head();
      return found === undefined ? [] : [{ stack, ...found }];
    }),
  );
  return (await Promise.all(heads)).flat();
}

/** All states in a directory, bucket or table; undefined for other backends, and for a bucket or table with compressed ones. */
async function stateFiles(env: NodeJS.ProcessEnv): Promise<StateFile[] | undefined> {
  const dir = fileBackend(env);
  if (dir !== undefined)
    return namesIn(join(dir, STACKS)).flatMap((name) => inDirectory(join(dir, STACKS, name), name));
  const store = await engineStore(env);
  const listed = await store?.list(`${STACKS}/`);
  // Compressed ones (PULUMI_DIY_BACKEND_GZIP) are left to the engine.
  if (store === undefined || listed === undefined || listed.some(({ key }) => key.endsWith(".gz"))) return undefined;
  return listed.flatMap(({ key, size }): StateFile[] => {
    const read = async () => (await store.get(key))?.text ?? "{}";
    const head = async () => {
      const text = await store.head(key, HEAD_BYTES);
      return text === undefined ? undefined : { text, whole: size <= HEAD_BYTES };
    };
    return named(key.slice(STACKS.length + 1), { read, head });
  });
}

function inDirectory(file: string, name: string): StateFile[] {
  const read = async () => {
    const bytes = readFileSync(file);
    return (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  };
  return named(name, { read, head: async () => headOf(file) });
}

/** None for what is no state: copies (`.json.bak`), attributes, and what lies in folders below. */
function named(name: string, how: Pick<StateFile, "read" | "head">): StateFile[] {
  const [, stack, gz] = /^([^/]+)\.json(\.gz)?$/.exec(name) ?? [];
  return stack === undefined ? [] : [{ stack, compressed: gz !== undefined, ...how }];
}

function headOf(file: string): Omit<StateHead, "stack"> | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const { size } = fstatSync(descriptor);
    const bytes = Buffer.alloc(Math.min(HEAD_BYTES, size));
    const read = readSync(descriptor, bytes, 0, bytes.length, 0);
    return { text: bytes.toString("utf8", 0, read), whole: size <= HEAD_BYTES };
  } finally {
    closeSync(descriptor);
  }
}
