import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assign, type Edge } from "../../../../fleet/adopt/assign.ts";

// What breaks when these fail: an object is taken twice, or one of two that fit equally well is taken by chance.

interface Thing {
  readonly name: string;
}
const edges = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })).chain(([wanted, seen]) => {
  const left = Array.from({ length: wanted }, (_, index): Thing => ({ name: `w${index}` }));
  const right = Array.from({ length: seen }, (_, index): Thing => ({ name: `s${index}` }));
  const edge = fc.record({
    wanted: fc.constantFrom(...left),
    seen: fc.constantFrom(...right),
    confidence: fc.constantFrom(50, 80, 100),
    reason: fc.constant("fits"),
  });
  return fc.uniqueArray(edge, { maxLength: 20, selector: ({ wanted, seen }) => `${wanted.name} ${seen.name}` });
});

const names = (found: ReturnType<typeof assign<Thing, Thing>>) => ({
  matched: found.matched.map(({ wanted, seen }) => `${wanted.name} ${seen.name}`).sort(),
  ties: found.ties
    .map(({ wanted, seen }) =>
      [...wanted, ...seen]
        .map(({ name }) => name)
        .sort()
        .join(" "),
    )
    .sort(),
});

describe("assigning objects to declarations", () => {
  it("gives no object and no declaration twice, and puts everything that fits into one place", () => {
    fc.assert(
      fc.property(edges, (given) => {
        const { matched, ties } = assign(given);
        const used = [
          ...matched.flatMap(({ wanted, seen }) => [wanted, seen]),
          ...ties.flatMap(({ wanted, seen }) => [...wanted, ...seen]),
        ];
        expect(new Set(used).size).toBe(used.length);
        for (const { wanted, seen } of ties) expect(wanted.length + seen.length).toBeGreaterThan(2);
      }),
    );
  });

  it("never takes one of several that fit equally well", () => {
    fc.assert(
      fc.property(edges, (given) => {
        const { matched } = assign(given);
        for (const { wanted, seen, confidence } of matched) {
          const taken = new Set<Thing>();
          for (const one of matched)
            if (one.confidence > confidence) for (const end of [one.wanted, one.seen]) taken.add(end);
          const rivals = given.filter(
            (one: Edge<Thing, Thing>) =>
              one.confidence === confidence &&
              (one.wanted === wanted) !== (one.seen === seen) &&
              !taken.has(one.wanted) &&
              !taken.has(one.seen),
          );
          // A rival's other end was settled by something surer, or it would have been a tie.
          const surer = assign(given.filter((one) => one.confidence > confidence));
          const settled = new Set<Thing>([
            ...surer.matched.flatMap((one) => [one.wanted, one.seen]),
            ...surer.ties.flatMap((one) => [...one.wanted, ...one.seen]),
          ]);
          expect(rivals.filter((one) => !settled.has(one.wanted) && !settled.has(one.seen))).toEqual([]);
        }
      }),
    );
  });

  it("does not depend on the order of what it is given", () => {
    fc.assert(
      fc.property(
        edges.chain((given) => fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length }))),
        ([one, other]) => {
          expect(names(assign(other))).toEqual(names(assign(one)));
        },
      ),
    );
  });
});
