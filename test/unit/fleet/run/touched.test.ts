import { describe, expect, it } from "vitest";
import { sharedIds, touchedStacks } from "../../../../fleet/run/touched.ts";
import type { PleskState, StackState } from "../../../../stacks/desired.ts";
import { cell, SHARED, siteState } from "../releases/health-gate/world.ts";

// What breaks when these fail: sites stay attached to a project that is gone until somebody runs `up` once more.

const plesk = { kind: "plesk", hosts: [], services: [{ key: "docs", zone: "qmoney.de" }] } as unknown as PleskState;
const states = new Map<string, StackState>([
  ["prod-cell-01", cell(siteState("own", "1"))],
  ["prod-cell-02", cell(siteState("land", "1", { shared: true }))],
  ["prod-plesk", plesk],
]);
const ids = { projects: { [SHARED]: "prj_1" }, zones: { "qmoney.de": "z1" } };

describe("stacks that an update of the shared one touches", () => {
  it("are those whose project or zone has another id", () => {
    const after = { ...ids, projects: { [SHARED]: "prj_2" } };
    expect(touchedStacks({ before: ids, after, steps: [] }, states)).toEqual(["prod-cell-02"]);
    const zone = { ...ids, zones: { "qmoney.de": "z2" } };
    expect(touchedStacks({ before: ids, after: zone, steps: [] }, states)).toEqual(["prod-plesk"]);
  });

  it("is the services' stack when a secret has another value", () => {
    const steps = [{ op: "update", type: "random:index/randomPassword:RandomPassword" }];
    expect(touchedStacks({ before: ids, after: ids, steps }, states)).toEqual(["prod-plesk"]);
  });

  it("are none when only releases change", () => {
    const steps = [{ op: "update", type: "sitefleet:vercel:Release" }];
    expect(touchedStacks({ before: ids, after: ids, steps }, states)).toEqual([]);
  });
});

it("reads ids of a state, and none where there are no outputs", () => {
  const stack = { urn: "urn:pulumi:prod::sitefleet::pulumi:pulumi:Stack::x", type: "pulumi:pulumi:Stack" };
  expect(sharedIds([{ ...stack, outputs: ids } as never])).toEqual(ids);
  expect(sharedIds([stack as never])).toEqual({ projects: {}, zones: {} });
  expect(sharedIds([])).toEqual({ projects: {}, zones: {} });
});
