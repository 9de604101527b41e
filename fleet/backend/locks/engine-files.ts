import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileBackend, namesIn } from "../store/file-backend.ts";
import { PROJECT_NAME, STACKS } from "../store/project.ts";
import { engineStore } from "../store/state-store.ts";

/** Organisation of every stack in a DIY backend. */
const ORGANIZATION = "organization";
const locksOf = (stack: string) => `.pulumi/locks/${ORGANIZATION}/${PROJECT_NAME}/${stack}`;

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
