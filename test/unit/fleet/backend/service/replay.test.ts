import fc from "fast-check";
import { expect, test } from "vitest";
import type { Deployment, TypedDeployment } from "../../../../../fleet/backend/service/deployment.ts";
import { type Entry, KIND } from "../../../../../fleet/backend/service/entry.ts";
import { Replay } from "../../../../../fleet/backend/service/replay.ts";
import { journalFrom, namesOf } from "./engine-model.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

function replay(base: Deployment | undefined, entries: readonly Entry[]): TypedDeployment {
  const replayed = new Replay(base);
  for (const entry of entries) replayed.add(entry);
  return replayed.deployment();
}

// Breaks when a state that is written while an update goes on would change what the update ends with, or an earlier one of those.
test("a look at the state in between changes neither it nor the end", () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 9 }), (seed, size) => {
      const { base, entries } = journalFrom(seed);
      const before = structuredClone(base);
      const replayed = new Replay(base);
      const looks: (readonly [seen: TypedDeployment, then: string])[] = [];
      for (const [at, entry] of entries.entries()) {
        replayed.add(entry);
        if (at % size > 0) continue;
        const seen = replayed.deployment();
        looks.push([seen, JSON.stringify(seen)]);
      }
      expect(replayed.deployment()).toEqual(replay(before, entries));
      for (const [seen, then] of looks) expect(JSON.stringify(seen)).toBe(then);
      expect(base).toEqual(before);
    }),
  );
});

// Breaks when an engine that did not hear our answer sends its entries again, and something would be there twice.
test("an entry that comes again changes nothing", () => {
  fc.assert(
    fc.property(seeds, fc.nat(), fc.integer({ min: 1, max: 5 }), (seed, from, length) => {
      const { base, entries } = journalFrom(seed);
      const at = from % entries.length;
      const again = entries.slice(at, at + length);
      const heard = new Replay(base);
      const results = [...entries.slice(0, at + length), ...again].map((entry) => heard.add(entry));
      expect(results.slice(-again.length)).toEqual(again.map(() => false));
      for (const entry of entries.slice(at + length)) heard.add(entry);
      expect(heard.deployment()).toEqual(replay(base, entries));
    }),
  );
});

/** What an engine would refuse of a state. */
function faultsOf({ deployment }: TypedDeployment): readonly string[] {
  const faults: string[] = [];
  const before = new Set<string>();
  const live = new Set<string>();
  const resources = deployment.resources ?? [];
  for (const state of resources) {
    for (const urn of namesOf(state))
      if (!before.has(urn)) faults.push(`${state.urn} names ${urn}, which is not before it`);
    if (!state.delete && live.has(state.urn)) faults.push(`${state.urn} is there twice`);
    if (!state.delete) live.add(state.urn);
    before.add(state.urn);
  }
  return faults;
}

// Breaks when the state that a crash leaves is one that no engine takes, or one that forgets what was under way.
test("after each entry the state is whole, and has what was begun and not ended as pending", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { base, entries } = journalFrom(seed);
      const replayed = new Replay(base);
      const open = new Map<number, string>();
      const left = (base?.pending_operations ?? []).filter(({ type }) => type === "creating").length;
      for (const entry of entries) {
        replayed.add(entry);
        if (entry.kind === KIND.begin && entry.operation) open.set(entry.operationID, entry.operation.resource.urn);
        if ([KIND.success, KIND.failure].some((kind) => kind === entry.kind)) open.delete(entry.operationID);
        const seen = replayed.deployment();
        expect(faultsOf(seen)).toEqual([]);
        const pending = (seen.deployment.pending_operations ?? []).map(({ resource }) => resource.urn);
        expect(pending.slice(0, pending.length - left)).toEqual([...open.values()]);
      }
    }),
  );
});

test.each([
  [{ version: 3, kind: KIND.begin }],
  [{ version: 0, kind: KIND.begin }],
  [{ version: 2, kind: 10 }],
  [{ version: 1, kind: 11 }],
])("an entry %j is refused, and changes nothing", (form) => {
  const replayed = new Replay();
  const entry = { ...form, sequenceID: 1, operationID: 1 };
  expect(() => replayed.add(entry)).toThrow(expect.objectContaining({ code: "state.steps" }));
  expect(replayed.deployment()).toEqual(new Replay().deployment());
});
