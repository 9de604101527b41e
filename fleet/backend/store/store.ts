import { setTimeout as sleep } from "node:timers/promises";
import { SitefleetError } from "../../../errors/index.ts";

/** An object as it was read. */
export interface StoredObject {
  readonly text: string;
  /** Changes with the content: what a conditional write names. */
  readonly version: string;
}

/** An object as it is, which need not be text, or its beginning. */
export interface StoredPart<Content> {
  readonly content: Content;
  /** As of {@link StoredObject}; undefined where telling it would mean reading all of it: a directory. */
  readonly version?: string | undefined;
}

/** An object in a list. */
export interface ListedObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Of its last write, by the store's clock, ms since 1970. */
  readonly modifiedAt: number;
  /** As of {@link StoredObject}; undefined where telling it would mean reading it: a directory. */
  readonly version?: string | undefined;
}

/** What must be true for a write to take place: nothing is there yet, or exactly this version. */
export type Condition = { readonly absent: true } | { readonly version: string };

/**
 * Small objects in a directory, a bucket or a table. Keys are paths like `rollouts/one.json`, without `.` and `..` in them; no
 * key is the beginning of another one's path. A store in a network has time-outs and tries again a few times. Errors are
 * `store.unreachable`.
 */
export interface Store {
  readonly kind: "directory" | "s3" | "postgres";
  get(key: string): Promise<StoredObject | undefined>;
  /** An object as it is, which need not be text; undefined when it is not there. */
  bytes(key: string): Promise<StoredPart<Uint8Array> | undefined>;
  /** The first bytes of an object as text, without fetching the rest; undefined when it is not there. */
  head(key: string, bytes: number): Promise<StoredPart<string> | undefined>;
  /** Writes an object whole. Its version then; false when the condition was not met, and nothing was written. */
  put(key: string, text: string, condition?: Condition): Promise<string | false>;
  /** Adds to the end of an object, or makes it. No addition is lost or cut in two when others add at the same time. */
  append(key: string, text: string): Promise<void>;
  /** Deleting what is not there is no error. */
  remove(key: string): Promise<void>;
  /** All objects below a prefix, in the order of their keys. A folder with nothing in it may be listed, with `/` at its end. */
  list(prefix: string): Promise<ListedObject[]>;
}

/** After so many lost races something is wrong: with this pause each, hundreds of writers have had their turn. */
const MAX_RACES = 200;
const RACE_PAUSE_MS = 25;

/** A change: the new text, or undefined to leave the object as it is; and what the caller wants to know. */
export interface Change<Result> {
  readonly text?: string | undefined;
  readonly result: Result;
}

/** An object as a process has last read or written it. */
export interface LastSeen {
  object?: StoredObject | undefined;
  /** There was none. @default not known */
  absent?: boolean;
}

/**
 * Reads an object, changes it and writes it back, and does so again when another process was faster. `change` may run several times and
 * must have no effect of its own.
 *
 * @param last what is known of the object, and is kept up to date: a write begins with that and not with a question. To leave the object as
 *   it is takes a question all the same. @default nothing is known
 * @throws SitefleetError `store.busy`, `store.unreachable`
 */
export async function changeObject<Result>(
  store: Store,
  key: string,
  change: (text: string | undefined) => Change<Result>,
  last: LastSeen = {},
): Promise<Result> {
  for (let race = 0; race < MAX_RACES; race++) {
    const known = last.object !== undefined || last.absent === true;
    let found = known ? last.object : await store.get(key);
    let { text, result } = change(found?.text);
    if (known && (text === undefined || text === found?.text)) {
      found = await store.get(key);
      ({ text, result } = change(found?.text));
    }
    last.object = undefined;
    last.absent = false;
    if (text === undefined || text === found?.text) return result;
    const version = await store.put(key, text, found === undefined ? { absent: true } : { version: found.version });
    if (version !== false) {
      last.object = { text, version };
      return result;
    }
    // Chance keeps those who lost from meeting again.
    await sleep(Math.random() * RACE_PAUSE_MS * Math.min(race + 1, 20));
  }
  throw new SitefleetError({
    code: "store.busy",
    message: "too many others write this object",
    subject: key,
    hint: "run fewer jobs at once, or run this again",
  });
}

/** The part of a store whose keys begin with a folder's name and `/`; its own keys go without. Pure. */
export function within(store: Store, folder: string): Store {
  return {
    kind: store.kind,
    get: (key) => store.get(folder + key),
    bytes: (key) => store.bytes(folder + key),
    head: (key, bytes) => store.head(folder + key, bytes),
    put: (key, text, condition) => store.put(folder + key, text, condition),
    append: (key, text) => store.append(folder + key, text),
    remove: (key) => store.remove(folder + key),
    list: async (prefix) =>
      (await store.list(folder + prefix)).map(({ key, size, modifiedAt, version }) => ({
        key: key.slice(folder.length),
        size,
        modifiedAt,
        version,
      })),
  };
}

/** {@link Store.append} for a store that can only write an object whole. @throws those of {@link changeObject} */
export function appendByChange(store: Store, key: string, text: string): Promise<void> {
  return changeObject(store, key, (before) => ({ text: `${before ?? ""}${text}`, result: undefined }));
}

/** An error of a store; passwords never reach it. */
export function unreachable(
  subject: string,
  cause: unknown,
  hint = "check PULUMI_BACKEND_URL and its credentials; the engine needs the same",
): SitefleetError {
  const said = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new SitefleetError({
    code: "store.unreachable",
    message: `the state backend cannot be read or written: ${said}`,
    subject,
    hint,
    cause,
  });
}
