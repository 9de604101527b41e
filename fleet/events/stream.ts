import { plainLine } from "../../errors/plain.ts";
import type { Store } from "../backend/store/store.ts";
import { entrySchema, type RunEntry, type RunEvent } from "./types.ts";

/** Folder of the streams in the store of our own objects. */
const FOLDER = "events/";
/** Streams that are kept; older ones are deleted. */
const KEEP = 300;
/** Where a list is a question over the network, only a run whose id ends so looks for older ones: one of sixteen. */
const LOOKS = /0$/;
/** Events of a stream; further ones are left out but for those that a person must know of. */
const MOST = 1000;
const ALWAYS: ReadonlySet<RunEvent["event"]> = new Set([
  "approval-waiting",
  "paused",
  "went-back",
  "escalated",
  "incident",
  "ended",
]);
/** Events of one kind that are taken beyond {@link MOST}. */
const MOST_BEYOND = 200;
/** Between two writes, ms. A directory takes a line at once; at a bucket or table a run of 67 stacks is a few calls, and a dashboard a few seconds behind. */
const WRITE_MS: Readonly<Record<Store["kind"], number>> = { directory: 500, s3: 3000, postgres: 3000 };

/** Characters of a line to paste: it is made here, and cut it is worth nothing. */
const LONGEST_HOW = 8000;

/** Makes every text of an event a harmless line. Pure. */
export function harmless<Value>(value: Value, own: (text: string) => string = (text) => text, longest?: number): Value {
  if (typeof value === "string") return plainLine(own(value), longest) as Value;
  if (Array.isArray(value)) return value.slice(0, 50).map((item) => harmless(item, own)) as Value;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([key, item]) => [key, harmless(item, own, key === "how" ? LONGEST_HOW : undefined)]),
  ) as Value;
}

/**
 * The events of one run, on their way into the store. Taking one never waits and never fails; a store that cannot be written loses
 * them, since a deployment is worth more than its record.
 */
export class EventStream {
  readonly id: string;
  readonly entries: RunEntry[] = [];
  readonly #store: Store;
  readonly #own: (text: string) => string;
  #written = 0;
  #text = "";
  #seq = 0;
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  /** @param own Takes this machine's secrets out of a text. */
  constructor(store: Store, id: string, own: (text: string) => string) {
    this.#store = store;
    this.id = id;
    this.#own = own;
  }

  /** Adds an event; the entry, or undefined when the stream is full. */
  add(event: RunEvent, now = Date.now()): RunEntry | undefined {
    this.#seq++;
    const room = this.entries.length < (ALWAYS.has(event.event) ? MOST + MOST_BEYOND : MOST);
    if (!room) return undefined;
    const entry = { at: new Date(now).toISOString(), seq: this.#seq, ...harmless(event, this.#own) } as RunEntry;
    this.entries.push(entry);
    // A run that is killed in its first seconds is still known to have begun.
    if (event.event === "started") void this.flush();
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.flush();
    }, WRITE_MS[this.#store.kind]).unref();
    return entry;
  }

  /** Writes what was added; never rejects. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      const fresh = this.entries.slice(this.#written);
      if (fresh.length === 0) return;
      const text = this.#text + fresh.map((entry) => `${JSON.stringify(entry)}\n`).join("");
      // Whole, since no other process writes it: to add to an object in a bucket takes two requests.
      await this.#store.put(`${FOLDER}${this.id}.jsonl`, text).then(
        () => {
          this.#written += fresh.length;
          this.#text = text;
        },
        () => {},
      );
    });
    return this.#writing;
  }

  /** Writes the rest, and deletes the oldest streams. @param ms How long that may take. */
  async close(ms: number): Promise<void> {
    clearTimeout(this.#timer);
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    await Promise.race([Promise.all([this.flush(), this.#prune()]), promise]).catch(() => {});
    clearTimeout(timer);
  }

  async #prune(): Promise<void> {
    if (this.#store.kind !== "directory" && !LOOKS.test(this.id)) return;
    // The own one may not be there yet.
    const others = (await listStreams(this.#store)).filter((id) => id !== this.id);
    await Promise.all(others.slice(KEEP - 1).map((id) => this.#store.remove(`${FOLDER}${id}.jsonl`)));
  }
}

/** The ids of all streams, the newest first: they begin with the time. @throws SitefleetError `store.unreachable` */
export async function listStreams(store: Store): Promise<string[]> {
  const names = (await store.list(FOLDER)).map(({ key }) => key.slice(FOLDER.length));
  const ids = names.filter((name) => name.endsWith(".jsonl")).map((name) => name.slice(0, -".jsonl".length));
  return ids.sort().reverse();
}

/** The events of a run in their order; lines that this version does not know are left out. @throws SitefleetError `store.unreachable` */
export async function readStream(store: Store, id: string): Promise<RunEntry[]> {
  const found = await store.get(`${FOLDER}${id}.jsonl`);
  return (found?.text ?? "").split("\n").flatMap((line) => {
    try {
      return line === "" ? [] : [entrySchema.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}
