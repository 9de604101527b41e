import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide, type Facts } from "../../../../fleet/repair/decide.ts";
import { OPERATIONS } from "../../../../fleet/repair/state.ts";
import type { Found } from "../../../../vendors/live.ts";

// The decision table of interrupted operations. What breaks when these fail: an object is lost (it exists, no state holds
// it), doubled, or taken from somebody else.

const found = (more: Partial<Found> = {}): Found => ({
  id: "a",
  ours: true,
  why: "is the declared one",
  unique: true,
  ...more,
});
const facts = (more: Partial<Facts> = {}): Facts => ({
  operation: "creating",
  policy: "look-up",
  stateId: undefined,
  found: [],
  holders: new Map(),
  needed: false,
  ...more,
});

describe("an interrupted create", () => {
  it.each<[string, Partial<Facts>, string]>([
    ["was never made", {}, "forgotten"],
    ["exists and is ours", { found: [found()] }, "adopted"],
    ["exists and is not ours", { found: [found({ ours: false })] }, "refused"],
    ["is held by another stack", { found: [found()], holders: new Map([["a", "stack b"]]) }, "refused"],
    ["is in the state already", { found: [found()], stateId: "a" }, "cleared"],
    ["replaces what is in the state", { found: [found({ id: "b" }), found()], stateId: "a" }, "adopted"],
    ["was to replace and was never made", { found: [found()], stateId: "a", operation: "creating" }, "cleared"],
    ["is still being built", { found: [found({ state: "building" })] }, "kept"],
    ["was built and failed", { found: [found({ state: "failed", unique: false })] }, "forgotten"],
    ["failed and was then built", { found: [found({ id: "b", state: "failed" }), found()] }, "adopted"],
    ["cannot be identified", { found: undefined }, "kept"],
    ["has a type that nobody knows", { policy: "unknown" }, "kept"],
    ["can be repeated", { policy: "repeat", found: undefined }, "forgotten"],
    [
      "has another of its kind that somebody holds",
      { found: [found({ unique: false })], holders: new Map([["a", "stack b"]]) },
      "forgotten",
    ],
  ])("that %s", (_, more, outcome) => {
    expect(decide(facts(more)).outcome).toBe(outcome);
  });
});

describe("an interrupted delete", () => {
  it.each<[string, Partial<Facts>, string]>([
    ["is gone", { exists: false }, "removed"],
    ["is still there", { exists: true }, "cleared"],
    ["is gone while others refer to it", { exists: false, needed: true }, "cleared"],
    ["nobody can look at", {}, "cleared"],
  ])("of what %s", (_, more, outcome) => {
    expect(decide(facts({ operation: "deleting", ...more })).outcome).toBe(outcome);
  });
});

it("keeps the state of an interrupted update and has it compared with what is live", () => {
  expect(decide(facts({ operation: "updating" }))).toMatchObject({ outcome: "cleared", refresh: true });
});

const anyFound = fc.record({
  id: fc.constantFrom("a", "b", "c"),
  ours: fc.boolean(),
  why: fc.constant("is"),
  unique: fc.boolean(),
  state: fc.constantFrom("ready" as const, "building" as const, "failed" as const),
});
const anyFacts: fc.Arbitrary<Facts> = fc.record({
  operation: fc.constantFrom(...OPERATIONS),
  policy: fc.constantFrom("repeat" as const, "look-up" as const, "unknown" as const),
  stateId: fc.option(fc.constantFrom("a", "b"), { nil: undefined }),
  found: fc.option(fc.uniqueArray(anyFound, { selector: ({ id }) => id }), { nil: undefined }),
  holders: fc.subarray(["a", "b", "c"]).map((ids) => new Map(ids.map((id): [string, string] => [id, "stack other"]))),
  exists: fc.option(fc.boolean(), { nil: undefined }),
  needed: fc.boolean(),
});

describe("whatever was found", () => {
  it("takes over only what is ours, ready, free and not in the state", () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const { outcome, adopt } = decide(given);
        expect(outcome === "adopted").toBe(adopt !== undefined);
        if (adopt === undefined) return;
        expect(adopt).toMatchObject({ ours: true, state: "ready" });
        expect(given.holders.has(adopt.id)).toBe(false);
        expect(adopt.id).not.toBe(given.stateId);
        expect(given.operation).toBe("creating");
      }),
    );
  });

  it("never forgets a create whose object is there, ours and in no state", () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const lost = given.found?.some(
          ({ id, ours, state }) => ours && state !== "failed" && id !== given.stateId && !given.holders.has(id),
        );
        if (given.operation !== "creating" || given.policy !== "look-up" || !lost) return;
        expect(["adopted", "kept"]).toContain(decide(given).outcome);
      }),
    );
  });

  it("removes from the state only what is gone and not referred to", () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        if (decide(given).outcome !== "removed") return;
        expect(given).toMatchObject({ operation: "deleting", exists: false, needed: false });
      }),
    );
  });

  it("says what to do wherever it does not decide", () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const { outcome, hint, reason } = decide(given);
        expect(reason).not.toBe("");
        if (outcome === "refused" || outcome === "kept") expect(hint).toBeTruthy();
      }),
    );
  });
});
