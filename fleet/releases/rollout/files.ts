import { ownStore } from "../../backend/store/state-store.ts";
import { changeObject, type Store, within } from "../../backend/store/store.ts";
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
/** In place of a request that was taken. */
const TAKEN = "{}\n";

/** What is kept of rollouts. */
export interface RolloutFiles {
  /** Ids, the newest first. */
  list(): Promise<string[]>;
  read(id: string): Promise<RolloutRecord | undefined>;
  /** Writes the record whole. */
  save(record: RolloutRecord): Promise<void>;
  /** Adds an event. At least once: after a crash the last one may stand there twice. */
  append(entry: RolloutEntry): Promise<void>;
  events(id: string): Promise<RolloutEntry[]>;
  /** Leaves a request for the process that carries the rollout out; a later one takes its place. */
  ask(id: string, request: Request): Promise<void>;
  /** The request, which is gone then. Of several that take at once one gets it. */
  take(id: string): Promise<Request | undefined>;
  /** Is there a request that was not taken? */
  isAsked(id: string): Promise<boolean>;
}

/** @param dir state directory @param store what machines share, in place of it */
export function rolloutFiles(dir: string, store: Store | undefined): RolloutFiles {
  const folder = within(ownStore(dir, store), `${FOLDER}/`);
  const textOf = async (key: string) => (await folder.get(key))?.text;
  return {
    async list() {
      const names = (await folder.list("")).map(({ key }) => key);
      return names
        .filter((name) => name.endsWith(".json") && !name.endsWith(REQUEST))
        .map((name) => name.slice(0, -".json".length))
        .sort()
        .reverse();
    },
    async read(id) {
      const text = await textOf(`${id}.json`);
      return text === undefined ? undefined : recordSchema.parse(JSON.parse(text));
    },
    save: async (record) => void (await folder.put(`${record.id}.json`, `${JSON.stringify(record)}\n`)),
    append: (entry) => folder.append(`${entry.rollout}${EVENTS}`, `${JSON.stringify(entry)}\n`),
    async events(id) {
      const text = (await textOf(`${id}${EVENTS}`)) ?? "";
      return text.split("\n").flatMap(parseEntry);
    },
    ask: async (id, request) => void (await folder.put(`${id}${REQUEST}`, `${JSON.stringify(request)}\n`)),
    async take(id) {
      // Written over under a condition: between a look and a removal another may have been left.
      const taken = await changeObject(folder, `${id}${REQUEST}`, (text) =>
        text === undefined || text === TAKEN ? { result: undefined } : { text: TAKEN, result: text },
      );
      const request = taken === undefined ? undefined : requestSchema.safeParse(JSON.parse(taken));
      return request?.success ? request.data : undefined;
    },
    async isAsked(id) {
      const text = await textOf(`${id}${REQUEST}`);
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
