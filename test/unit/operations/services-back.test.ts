import { expect, test } from "vitest";
import { mustGoBack, stays } from "../../../operations/rollout/services-back.ts";

// Breaks when a service that a wave did not reach goes back further than it was, or one that stays is taken for gone back.

const brought = { release: "new", before: "old" };
const live = (release: string | null, pending = false) => ({ live: release, pending });

test("what serves the wave's release goes back, and what was cut off; what the wave did not reach or a person changed stays", () => {
  expect(mustGoBack(live("new"), brought)).toBe(true);
  expect(mustGoBack(live("old", true), brought)).toBe(true);
  expect(mustGoBack(live("old"), brought)).toBe(false);
  expect(mustGoBack(live("other"), brought)).toBe(false);
  expect(mustGoBack(live("new"), { release: "new", before: "new" })).toBe(false);
});

test("afterwards the host's word counts: a failed way back of what stands as before is none", () => {
  expect(stays(live("old"), brought)).toBeUndefined();
  expect(stays(live("old"), brought, "release old is live already")).toBeUndefined();
  expect(stays(live("new"), brought, "no room")).toEqual({ how: "left", why: "no room" });
  expect(stays(live("old", true), brought, "no room")).toEqual({ how: "left", why: "no room" });
  expect(stays(live("other"), brought)).toMatchObject({ how: "kept" });
});

test("a service that is new with the wave stays where nothing was before it, which is no failure", () => {
  const fresh = { release: "new", before: null };
  expect(mustGoBack(live("new"), fresh)).toBe(true);
  expect(stays(live("new"), fresh, "no release was live before this one")).toMatchObject({ how: "kept" });
  expect(stays(live("original"), fresh)).toBeUndefined();
});
