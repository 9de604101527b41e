import pLimit from "p-limit";
import { SitefleetError } from "../../../errors/index.ts";
import { JSON_END, PROJECT_NAME, placesOf, STACKS } from "../store/project.ts";
import { type BackendFiles, backendFiles, type Head } from "./backend-files.ts";
import { readStateBytes } from "./read-state.ts";

/** The beginning of a stack's state as the engine wrote it. */
export interface StateHead extends Head {
  readonly stack: string;
}

/** Bytes that are read of each state: who wrote it, when, and how its secrets are encrypted take a third of that. */
const HEAD_BYTES = 4096;

/** A state among the files of the stacks' folder. */
const STATE = new RegExp(`^([^/]+)${JSON_END}$`);

/** Files or objects that are asked for at once. */
const AT_ONCE = 16;

/** Where a stack's state lies. */
export interface StateFile {
  readonly stack: string;
  /** Below the backend's address. */
  readonly path: string;
  /** A directory stands in the file's place. */
  readonly directory: boolean;
  /** Changes with the content; undefined in a directory. */
  readonly version?: string | undefined;
}

/** The states among the names of the stacks' folder; nothing for copies (`.json.bak`), attributes and the like. Pure. */
export function statesAmong(
  listed: readonly ({ readonly name: string; readonly directory?: boolean } & Pick<StateFile, "version">)[],
): StateFile[] {
  const found = new Map<string, StateFile>();
  for (const { name, directory = false, version } of listed) {
    const [, stack] = STATE.exec(name) ?? [];
    // Where a run was killed between writing a state in another form and removing the former one, there are two.
    if (stack !== undefined && (name.endsWith(".json") || !found.has(stack)))
      found.set(stack, { stack, path: `${STACKS}/${name}`, directory, version });
  }
  return [...found.values()];
}

/**
 * Every stack's state as the engine wrote it, by name; undefined when it cannot be read from here. Reading one rejects with
 * `state.damaged` when it is no state of that stack.
 *
 * @throws SitefleetError `store.unreachable`
 */
export async function checkpoints(
  env: NodeJS.ProcessEnv,
): Promise<ReadonlyMap<string, () => Promise<unknown>> | undefined> {
  const backend = await backendFiles(env);
  if (backend === undefined) return undefined;
  const files = statesAmong(await backend.list(STACKS));
  return new Map(files.map((file) => [file.stack, () => documentOf(backend, file)]));
}

/**
 * One stack's state as the engine wrote it, or `{}` where it has none; undefined when it cannot be read from here.
 *
 * @throws SitefleetError `state.damaged`, `store.unreachable`
 */
export async function checkpointOf(
  stack: string,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly document: unknown } | undefined> {
  const backend = await backendFiles(env);
  if (backend === undefined) return undefined;
  const found = await stateOf(backend, stack);
  return { document: found === undefined ? {} : documentIn(backend, found.file, found.bytes) };
}

/** A stack's state as it lies there, without a list where it is not compressed; undefined when there is none. @throws SitefleetError `store.unreachable` */
export async function stateOf(
  backend: BackendFiles,
  stack: string,
): Promise<{ readonly file: StateFile; readonly bytes: Uint8Array } | undefined> {
  const plain = { stack, path: placesOf(stack).state, directory: false };
  const whole = await backend.bytes(plain.path);
  if (whole !== undefined) return { file: plain, bytes: whole };
  // Compressed, something that is no file, or none.
  const file = statesAmong(await backend.list(STACKS)).find((one) => one.stack === stack);
  const bytes = file?.directory ? new Uint8Array() : file && (await backend.bytes(file.path));
  return file && bytes && { file, bytes };
}

async function documentOf(backend: BackendFiles, file: StateFile): Promise<unknown> {
  const bytes = file.directory ? new Uint8Array() : await backend.bytes(file.path);
  // Removed since the list was made.
  return bytes === undefined ? {} : documentIn(backend, file, bytes);
}

function documentIn(backend: BackendFiles, file: StateFile, bytes: Uint8Array): unknown {
  const read = readStateBytes(bytes, file.stack, PROJECT_NAME);
  if (!read.damage) return read.document;
  throw new SitefleetError({
    code: "state.damaged",
    message: `its state ${file.directory ? "is a directory" : read.damage.says}`,
    subject: file.stack,
    details: [`state: ${backend.named(file.path)}`],
    hint: "sitefleet preview says which copies are whole, and how to put one in its place",
  });
}

/** The resources of a state that {@link checkpoints} read; it is the caller's to know what it needs of them. Pure. */
export function resourcesOf<Resource>(state: unknown): readonly Resource[] {
  const { checkpoint } = state as { checkpoint?: { latest?: { resources?: readonly Resource[] } } };
  return checkpoint?.latest?.resources ?? [];
}

/**
 * The beginning of every stack's state, in a directory, bucket or table; undefined for other backends: there the engine has
 * to be asked, which reads all of each. Of a directory in a file's place the text is empty.
 *
 * @param choose which of them are read. @default all
 * @throws SitefleetError `store.unreachable`
 */
export async function stateHeads(
  env: NodeJS.ProcessEnv,
  choose: (files: readonly StateFile[]) => readonly StateFile[] | Promise<readonly StateFile[]> = (files) => files,
): Promise<StateHead[] | undefined> {
  const backend = await backendFiles(env);
  if (backend === undefined) return undefined;
  const limit = pLimit(AT_ONCE);
  const heads = (await choose(statesAmong(await backend.list(STACKS)))).map(({ stack, path, directory }) =>
    limit(async (): Promise<StateHead[]> => {
      const head = directory ? { text: "", whole: true } : await backend.head(path, HEAD_BYTES);
      return head === undefined ? [] : [{ stack, ...head }];
    }),
  );
  return (await Promise.all(heads)).flat();
}
