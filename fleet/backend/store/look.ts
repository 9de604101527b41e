import { createHash } from "node:crypto";
import { environment } from "../../../environment/index.ts";
import { placesOf, stackOfHistory } from "./project.ts";
import { engineStore } from "./state-store.ts";
import type { ListedObject, Store, StoredPart } from "./store.ts";

/** What is only read of a store. */
export type Reading = Pick<Store, "kind" | "list" | "bytes" | "head">;

/** A list is taken for true for so long, ms: an operation may go on for hours, and not all of it holds locks. */
const FRESH_MS = 20_000;
/** Bytes of objects that are kept; the ones that were asked for longest ago go. */
const MOST_BYTES = 64 * 2 ** 20;
/** So many objects a look are fetched whole although only their beginning is asked for, when they are no larger, bytes: the rest mostly follows. */
const FEW = 4;
const SMALL = 2 ** 20;

interface Known<Content> extends StoredPart<Content> {
  readonly version: string;
}

/** A history as it was listed, and the version of the newest state in it. */
interface History {
  readonly objects: readonly ListedObject[];
  readonly ends: string;
}

/**
 * What an operation has read of the engine's objects in a bucket or table. Lists are asked for once a look. Of objects the content is
 * kept under its version, and is only used while a list of this look names the same version: so no older state is taken for a newer one.
 */
export class Look {
  readonly #lists = new Map<string, { readonly at: number; readonly objects: Promise<readonly ListedObject[]> }>();
  readonly #whole = new Map<string, Known<Uint8Array>>();
  readonly #byVersion = new Map<string, Known<Uint8Array>>();
  readonly #heads = new Map<string, Known<string> & { readonly bytes: number }>();
  readonly #asked = new Map<string, Promise<StoredPart<Uint8Array> | undefined>>();
  readonly #histories = new Map<string, History>();
  readonly #most: number;
  #kept = 0;
  #early = 0;
  #store: Store | undefined;

  /** @param most bytes of objects that are kept */
  constructor(most = MOST_BYTES) {
    this.#most = most;
  }

  /** Lists count no more; contents stay, under their versions. */
  outdate(): void {
    this.#lists.clear();
    this.#asked.clear();
    this.#early = 0;
  }

  /** The store as this look sees it. */
  of(store: Store): Reading {
    if (this.#store !== store) this.#forget();
    this.#store = store;
    return {
      kind: store.kind,
      list: async (prefix) => [...(await (this.#listed(prefix) ?? this.#listOf(store, prefix)))],
      bytes: (key) => this.#bytes(store, key),
      head: (key, bytes) => this.#head(store, key, bytes),
    };
  }

  /**
   * The history of a stack counts beyond its look while the stack's state is the newest one in it: an update writes both, the state first.
   */
  async #listOf(store: Store, prefix: string): Promise<readonly ListedObject[]> {
    const stack = stackOfHistory(prefix);
    if (stack === undefined) return this.#list(store, prefix);
    const { state } = placesOf(stack);
    const known = this.#histories.get(prefix);
    const now = known && (await this.#listed(state))?.find(({ key }) => key === state);
    const read = this.#whole.get(state);
    const isEnd = known !== undefined && now?.version === known.ends && read?.version === known.ends;
    if (isEnd && this.#isDigest(read)) {
      this.#lists.set(prefix, { at: performance.now(), objects: Promise.resolve(known.objects) });
      return known.objects;
    }
    const objects = await this.#list(store, prefix);
    const ends = objects.findLast(({ key }) => key.endsWith(".checkpoint.json"))?.version;
    if (ends !== undefined) this.#histories.set(prefix, { objects, ends });
    return objects;
  }

  #list(store: Store, prefix: string): Promise<readonly ListedObject[]> {
    const asked = { at: performance.now(), objects: store.list(prefix) };
    this.#lists.set(prefix, asked);
    asked.objects.catch(() => this.#lists.get(prefix) === asked && this.#lists.delete(prefix));
    return asked.objects;
  }

  /** What a list of this look says of everything below a prefix; undefined when none does. */
  #listed(prefix: string): Promise<readonly ListedObject[]> | undefined {
    const now = performance.now();
    for (const [listed, { at, objects }] of this.#lists)
      if (prefix.startsWith(listed) && now - at < FRESH_MS)
        return objects.then((found) => (listed === prefix ? found : found.filter(({ key }) => key.startsWith(prefix))));
    return undefined;
  }

  async #bytes(store: Store, key: string): Promise<StoredPart<Uint8Array> | undefined> {
    const listed = await this.#listed(key);
    const told = listed?.find((object) => object.key === key);
    if (listed !== undefined && told === undefined) return undefined;
    const known = told && this.#wholeOf(told);
    if (known !== undefined) return known;
    // What is asked for twice at once is fetched once, where a list of this look names it.
    const asked = told && this.#asked.get(key);
    if (asked) return asked;
    const fetched = this.#fetch(store, key);
    if (told) this.#asked.set(key, fetched);
    const forget = () => this.#asked.get(key) === fetched && this.#asked.delete(key);
    fetched.then(forget, forget);
    return fetched;
  }

  async #fetch(store: Store, key: string): Promise<StoredPart<Uint8Array> | undefined> {
    const found = await store.bytes(key);
    if (found?.version !== undefined) this.#keep(key, { ...found, version: found.version });
    return found;
  }

  async #head(store: Store, key: string, bytes: number): Promise<StoredPart<string> | undefined> {
    const listed = await this.#listed(key);
    const told = listed?.find((object) => object.key === key);
    if (listed !== undefined && told === undefined) return undefined;
    const beginning = ({ content, version }: StoredPart<Uint8Array>): StoredPart<string> => ({
      content: Buffer.from(content.subarray(0, bytes)).toString("utf8").slice(0, bytes),
      version,
    });
    const whole = told && this.#wholeOf(told);
    if (whole) return beginning(whole);
    const known = this.#heads.get(key);
    if (known !== undefined && known.bytes === bytes && known.version === told?.version) return known;
    if (told && (this.#asked.has(key) || (told.size <= SMALL && this.#early < FEW))) {
      if (!this.#asked.has(key)) this.#early++;
      const found = await this.#bytes(store, key);
      return found && beginning(found);
    }
    const found = await store.head(key, bytes);
    if (found?.version !== undefined) this.#heads.set(key, { ...found, version: found.version, bytes });
    return found;
  }

  /** An object as it was read, or another of the same content: the newest state of a history is the stack's. */
  #wholeOf({ key, size, version }: ListedObject): Known<Uint8Array> | undefined {
    const own = this.#whole.get(key);
    if (own?.version === version) return own;
    const other = version === undefined ? undefined : this.#byVersion.get(version);
    return other?.content.length === size && this.#isDigest(other) ? other : undefined;
  }

  /** A version is the content's digest in a table; in a bucket it mostly is, and is asked to be. */
  #isDigest({ content, version }: Known<Uint8Array>): boolean {
    return this.#store?.kind === "postgres" || version.includes(createHash("md5").update(content).digest("hex"));
  }

  #keep(key: string, found: Known<Uint8Array>): void {
    this.#drop(key);
    this.#whole.set(key, found);
    this.#byVersion.set(found.version, found);
    this.#kept += found.content.length;
    for (const oldest of this.#whole.keys()) {
      if (this.#kept <= this.#most) break;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const known = this.#whole.get(key);
    if (known === undefined) return;
    this.#whole.delete(key);
    if (this.#byVersion.get(known.version) === known) this.#byVersion.delete(known.version);
    this.#kept -= known.content.length;
  }

  #forget(): void {
    const memories = [this.#lists, this.#whole, this.#byVersion, this.#heads, this.#asked, this.#histories];
    for (const memory of memories) memory.clear();
    this.#kept = 0;
  }
}

/** One an operation: each has an environment of its own. */
const looks = new WeakMap<NodeJS.ProcessEnv, Look>();

/**
 * Begins to look at the engine's objects, or looks at them anew: what has been listed before counts no more. From then on
 * {@link engineReader} asks for no list and no object twice. To be called when locks have been taken, since others may have worked until
 * then.
 *
 * @param env of the operation. @default {@link environment}
 */
export function lookAnew(env: NodeJS.ProcessEnv = environment()): void {
  const look = looks.get(env);
  if (look === undefined) looks.set(env, new Look());
  else look.outdate();
}

/** To be called when something of the operation may have written: an engine, or we. Nothing where it does not look. @param env as of {@link lookAnew} */
export function outdate(env: NodeJS.ProcessEnv = environment()): void {
  looks.get(env)?.outdate();
}

/**
 * The engine's objects to be read, see {@link engineStore}; where the operation looks (see {@link lookAnew}) each once. Not for what must be
 * read as it is at this moment, such as the engine's locks.
 *
 * @throws SitefleetError `store.unreachable` from what it returns
 */
export async function engineReader(env: NodeJS.ProcessEnv): Promise<Reading | undefined> {
  const store = await engineStore(env);
  const look = looks.get(env);
  return store === undefined || look === undefined || store.kind === "directory" ? store : look.of(store);
}
