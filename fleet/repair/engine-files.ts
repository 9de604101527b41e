import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { engineStore } from "../store/state-store.ts";
import { fileBackend } from "./file-backend.ts";
import { PROJECT_NAME } from "./project.ts";

/** Organisation of every stack in a DIY backend. */
const ORGANIZATION = "organization";
const locksOf = (stack: string) => `.pulumi/locks/${ORGANIZATION}/${PROJECT_NAME}/${stack}`;
const STACKS = `.pulumi/stacks/${PROJECT_NAME}`;

/** A lock as the engine wrote it. */
export interface LockFile {
  /** Path or key. */
  readonly name: string;
  readonly text: string;
  /** Removes it; no error when it is gone. */
  remove(): Promise<void>;
}

/** The engine's lock files on a stack, in a directory, bucket or table; empty elsewhere. @throws SitefleetError `store.unreachable` */
export async function lockFiles(stack: string, env: NodeJS.ProcessEnv): Promise<LockFile[]> {
  const dir = fileBackend(env);
  if (dir !== undefined) return filesIn(join(dir, locksOf(stack)));
  const store = await engineStore(env);
  if (store === undefined) return [];
  const listed = await store.list(`${locksOf(stack)}/`);
  const files = listed.map(async ({ key }): Promise<LockFile[]> => {
    const found = key.endsWith(".json") ? await store.get(key) : undefined;
    return found === undefined ? [] : [{ name: key, text: found.text, remove: () => store.remove(key) }];
  });
  return (await Promise.all(files)).flat();
}

/** Time of the last write of a stack's state, ms since 1970; undefined when that cannot be read from here. */
export async function checkpointTime(stack: string, env: NodeJS.ProcessEnv): Promise<number | undefined> {
  const dir = fileBackend(env);
  if (dir !== undefined) {
    const times = [".json", ".json.gz"].map((end) =>
      statSync(join(dir, STACKS, stack + end), { throwIfNoEntry: false }),
    );
    return times.find((stat) => stat !== undefined)?.mtimeMs;
  }
  const listed = await (await engineStore(env))?.list(`${STACKS}/${stack}.json`);
  return listed?.find(({ key }) => /\.json(\.gz)?$/.test(key))?.modifiedAt;
}

/** Every stack's state as the engine wrote it, by name; undefined when it cannot be read from here. */
export async function checkpoints(
  env: NodeJS.ProcessEnv,
): Promise<ReadonlyMap<string, () => Promise<unknown>> | undefined> {
  const dir = fileBackend(env);
  const found = new Map<string, () => Promise<unknown>>();
  if (dir !== undefined) {
    for (const name of namesIn(join(dir, STACKS))) {
      const stack = /^(.+)\.json(\.gz)?$/.exec(name)?.[1];
      if (stack === undefined) continue;
      found.set(stack, async () => {
        const bytes = readFileSync(join(dir, STACKS, name));
        return JSON.parse((name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8"));
      });
    }
    return found;
  }
  const store = await engineStore(env);
  const listed = await store?.list(`${STACKS}/`);
  // Compressed ones (PULUMI_DIY_BACKEND_GZIP) are left to the engine.
  if (store === undefined || listed === undefined || listed.some(({ key }) => key.endsWith(".gz"))) return undefined;
  for (const { key } of listed) {
    const stack = /^([^/]+)\.json$/.exec(key.slice(STACKS.length + 1))?.[1];
    if (stack !== undefined) found.set(stack, async () => JSON.parse((await store.get(key))?.text ?? "{}"));
  }
  return found;
}

function filesIn(dir: string): LockFile[] {
  return namesIn(dir)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name): LockFile[] => {
      const file = join(dir, name);
      const remove = async () => {
        for (const path of [file, `${file}.attrs`]) rmSync(path, { force: true });
      };
      try {
        return [{ name: file, text: readFileSync(file, "utf8"), remove }];
      } catch {
        return []; // given back in the meantime
      }
    });
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
