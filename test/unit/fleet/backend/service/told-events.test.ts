import fc from "fast-check";
import { expect, it } from "vitest";
import { ToldEvents } from "../../../../../fleet/backend/service/told-events.ts";

// What breaks when this fails: a preview shows steps in another order than the engine found them, twice, or not at all.

it("tells each event once and in order, however batches come; and whether one is missing", () => {
  const plan = fc.integer({ min: 1, max: 40 }).chain((size) =>
    fc.record({
      size: fc.constant(size),
      batch: fc.integer({ min: 1, max: 7 }),
      lost: fc.option(fc.nat(size - 1), { nil: undefined }),
      twice: fc.boolean(),
      order: fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })).map((stream) => stream.take(80)),
    }),
  );
  fc.assert(
    fc.property(plan, ({ size, batch, lost, twice, order }) => {
      const events = Array.from({ length: size }, (_, sequence) => ({ sequence }));
      const batches = events.flatMap((_, at) => (at % batch === 0 ? [events.slice(at, at + batch)] : []));
      const sent = (twice ? [...batches, ...batches] : batches).map((list) =>
        list.filter((one) => one.sequence !== lost),
      );
      const keys = [...order];
      const shuffled = sent.map((list, at) => ({ list, key: keys[at] ?? 0 })).sort((a, b) => a.key - b.key);
      const told: number[] = [];
      const collected = new ToldEvents<{ sequence: number }>(({ sequence }) => told.push(sequence));
      for (const { list } of shuffled) collected.add(list);
      expect(told).toEqual(events.slice(0, lost).map(({ sequence }) => sequence));
      expect(collected.hasGap).toBe(lost !== undefined && lost < size - 1);
    }),
  );
});
