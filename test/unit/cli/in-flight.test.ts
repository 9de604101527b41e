import { expect, it } from "vitest";
import { InFlight } from "../../../cli/output/in-flight.ts";
import type { Step } from "../../../fleet/engine/outcome.ts";

// What breaks when this fails: a build that hangs for a quarter of an hour looks like a tool that hangs.

const step = (type: string, name: string, more: Partial<Step> = {}): Step => ({
  op: "update",
  urn: `urn:pulumi:s::sitefleet::${type}::${name}`,
  type,
  name,
  diffs: [],
  ...more,
});
const release = step("sitefleet:vercel:Release", "quiz.qmoney.de");
const project = step("vercel:index/project:Project", "shop.qmoney.de");

it("names what takes long while it lasts, the longest first, and counts the rest", () => {
  const flights = new InFlight();
  flights.start("prod-cell-07", release, 0);
  flights.start("prod-cell-08", project, 10_000);
  flights.start("prod-cell-08", step("sitefleet:vercel:Site", "shop.qmoney.de", { component: true }), 0);
  expect(flights.long(29_000, 30_000, 3)).toEqual([]);
  expect(flights.long(240_000, 30_000, 3)).toEqual([
    "prod-cell-07: update Release quiz.qmoney.de (build, check, promotion), for 4 min",
    "prod-cell-08: update Project shop.qmoney.de, for 4 min",
  ]);
  expect(flights.long(240_000, 30_000, 1).at(-1)).toBe("and 1 more");
  flights.end("prod-cell-07", release.urn);
  flights.drop("prod-cell-08");
  expect(flights.long(240_000, 30_000, 3)).toEqual([]);
});
