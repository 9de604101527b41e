import { appendFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeAtomically } from "../../backend/store/state-dir.ts";
import { OUR_PREFIX } from "../../backend/store/state-store.ts";
import { changeObject, type Store } from "../../backend/store/store.ts";
import {
  entrySchema,
  type Request,
  type RolloutEntry,
  type RolloutRecord,
  recordSchema,
  requestSchema,
} from "./types.ts";

/** Folder of rollouts below the state directory, and below a store's prefix. */
const FOLDER = "rollouts";
const EVENTS = ".events.jsonl";
const REQUEST = ".request.json";
/** In place of a request that somebody has taken, in a store. */
const TAKEN = "{}\n";

/** Where rollouts are kept: in the state directory, or where machines share one, in the store. */
export interface RolloutFiles {
  /** Ids, the newest first. */
  list(): Promise<string[]>;
  read(id: string): Promise<RolloutRecord | undefined>;
  /** Writes the record whole. */
  save(record: RolloutRecord): Promise<void>;
  /** Adds an event. At least once: after a crash the last one may stand there twice. */
  append(entry: RolloutEntry): Promise<void>;
  events(id: string): Promise<RolloutEntry[]>;
  /** Leaves a request for whoever carries the rollout out; a later one takes its place. */
  ask(id: string, request: Request): Promise<void>;
  /** The request, which is gone then. Of several that take at once one gets it. */
  take(id: string): Promise<Request | undefined>;
  /** Is there a request that nobody has taken? */
  isAsked(id: string): Promise<boolean>;
}

/** @param dir state directory */
export function rolloutFiles(dir: string, store: Store | undefined): RolloutFiles {
  const raw = store ? inStore(store) : inFolder(join(dir, FOLDER));
  return {
    async list() {
      const names = (await raw.list()).filter((name) => name.endsWith(".json") && !name.endsWith(REQUEST));
      return names
        .map((name) => name.slice(0, -".json".length))
        .sort()
        .reverse();
    },
    async read(id) {
      const text = await raw.read(`${id}.json`);
      return text === undefined ? undefined : recordSchema.parse(JSON.parse(text));
    },
    save: (record) => raw.write(`${record.id}.json`, `${JSON.stringify(record)}\n`),
    append: (entry) => raw.append(`${entry.rollout}${EVENTS}`, `${JSON.stringify(entry)}\n`),
    async events(id) {
      const text = (await raw.read(`${id}${EVENTS}`)) ?? "";
      return text.split("\n").flatMap(parseEntry);
    },
    ask: (id, request) => raw.write(`${id}${REQUEST}`, `${JSON.stringify(request)}\n`),
    async take(id) {
      const text = await raw.take(`${id}${REQUEST}`);
      if (text === undefined) return undefined;
      const request = requestSchema.safeParse(JSON.parse(text));
      return request.success ? request.data : undefined;
    },
    async isAsked(id) {
      const text = await raw.read(`${id}${REQUEST}`);
      return text !== undefined && text !== TAKEN;
    },
  };
}

/** A line that was cut off by a crash is left out. */
function parseEntry(line: string): RolloutEntry[] {
  try {
    return [entrySchema.parse(JSON.parse(line))];
  } catch {
    return [];
  }
}

interface Raw {
  list(): Promise<string[]>;
  read(name: string): Promise<string | undefined>;
  write(name: string, text: string): Promise<void>;
  append(name: string, text: string): Promise<void>;
  /** Reads and removes in one step. */
  take(name: string): Promise<string | undefined>;
}

function inStore(store: Store): Raw {
  const prefix = `${OUR_PREFIX}${FOLDER}/`;
  return {
    list: async () => (await store.list(prefix)).map(({ key }) => key.slice(prefix.length)),
    read: async (name) => (await store.get(prefix + name))?.text,
    write: async (name, text) => void (await store.put(prefix + name, text)),
    append: (name, text) =>
      changeObject(store, prefix + name, (before) => ({ text: `${before ?? ""}${text}`, result: undefined })),
    // Written over under a condition: between a look and a removal somebody may have left another.
    take: (name) =>
      changeObject(store, prefix + name, (text) =>
        text === undefined || text === TAKEN ? { result: undefined } : { text: TAKEN, result: text },
      ),
  };
}

function inFolder(dir: string): Raw {
  return {
    list: async () => {
      try {
        return readdirSync(dir);
      } catch {
        return [];
      }
    },
    read: async (name) => {
      try {
        return readFileSync(join(dir, name), "utf8");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    write: async (name, text) => writeAtomically(join(dir, name), text),
    append: async (name, text) => {
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      appendFileSync(join(dir, name), text, { mode: 0o600, flush: true });
    },
    take: async (name) => {
      const mine = join(dir, `${name}.${process.pid}`);
      try {
        renameSync(join(dir, name), mine);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
      const text = readFileSync(mine, "utf8");
      rmSync(mine, { force: true });
      return text;
    },
  };
}
