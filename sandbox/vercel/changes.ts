import type { StoreState } from "./store-state.ts";

/** Lists of a {@link StoreState} whose records are written one by one; the others change seldom, and only with all. */
const KEYS = {
  projects: (record) => record.id,
  domains: (record) => record.name,
  envs: (record) => record.id,
  deployments: (record) => record.id,
  aliases: (record) => record.alias,
  files: ([digest]) => digest,
  traffic: ([key]) => key,
} as const satisfies { readonly [Kind in keyof StoreState]?: (record: ElementOf<StoreState[Kind]>) => string };

type ElementOf<List> = List extends readonly (infer Element)[] ? Element : never;

/** Kind of record that is written by itself. */
export type Kind = keyof typeof KEYS;

/** A record as it is now; null: it is gone. */
type RecordChange = readonly [kind: Kind, key: string, record: unknown];

/** What has changed since the last time. */
export interface StoreChanges {
  readonly lastCreatedAt: number;
  readonly records: readonly RecordChange[];
}

/** Which records have changed since they were last written. */
export class Marks {
  readonly #marked = new Map<Kind, Set<string>>();
  #all = true;

  mark(kind: Kind, key: string): void {
    if (this.#all) return;
    const keys = this.#marked.get(kind);
    if (keys === undefined) this.#marked.set(kind, new Set([key]));
    else keys.add(key);
  }

  /** Says that anything may have changed. */
  markAll(): void {
    this.#all = true;
    this.#marked.clear();
  }

  /** The marks, which are gone then; undefined: anything may have changed. */
  take(): [kind: Kind, key: string][] | undefined {
    const taken = [...this.#marked].flatMap(([kind, keys]) => [...keys].map((key): [Kind, string] => [kind, key]));
    const all = this.#all;
    this.#marked.clear();
    this.#all = false;
    return all ? undefined : taken;
  }
}

/** The state after the changes, which are given in their order. Takes the records over. */
export function applyChanges(state: StoreState, changes: readonly StoreChanges[]): StoreState {
  if (changes.length === 0) return state;
  const records = changes.flatMap((change) => change.records);
  const list = <K extends Kind>(kind: K): StoreState[K] => {
    const keyOf = KEYS[kind] as (record: unknown) => string;
    const found = new Map((state[kind] as unknown[]).map((record) => [keyOf(record), record]));
    for (const [of, key, record] of records) {
      if (of !== kind) continue;
      if (record === null) found.delete(key);
      else found.set(key, record);
    }
    return [...found.values()] as StoreState[K];
  };
  return {
    ...state,
    lastCreatedAt: changes.at(-1)?.lastCreatedAt ?? state.lastCreatedAt,
    projects: inOrder(list("projects")),
    domains: inOrder(list("domains")),
    envs: inOrder(list("envs")),
    deployments: inOrder(list("deployments")),
    aliases: inOrder(list("aliases")),
    files: list("files"),
    traffic: list("traffic"),
  };
}

/** By creation, as a store holds them: what was deleted and made again has another place than before. */
function inOrder<T extends { readonly createdAt: number }>(records: T[]): T[] {
  return records.sort((a, b) => a.createdAt - b.createdAt);
}
