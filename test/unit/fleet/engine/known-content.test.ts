import { expect, it } from "vitest";
import { knownContent } from "../../../../fleet/engine/known-content.ts";
import { digestOfText } from "../../../../stacks/digest.ts";

// What breaks when this fails: what a person has written into a cell's state is not seen any more once another of its sites was updated.

const sites = { sites: ["a"], about: "all", whole: true, current: true } as const;

it("a state is known after an update of all of it, and after one of some sites where it was known before", () => {
  expect(knownContent({}, "before", "after")).toBe(digestOfText("after"));
  expect(knownContent({ sites, settled: digestOfText("before") }, "before", "after")).toBe(digestOfText("after"));
  expect(knownContent({ sites, settled: digestOfText("before") }, "edited", "after")).toBeUndefined();
  expect(knownContent({ sites }, "before", "after")).toBeUndefined();
});
