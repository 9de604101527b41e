import { describe, expect, it } from "vitest";
import { affectedSites, stacksBeside } from "../../../../../fleet/releases/health-gate/affected.ts";
import { stackOf } from "../../../../../model/index.ts";
import type { StackState } from "../../../../../stacks/desired.ts";
import { catalogOf, cell, commit, shared, siteState } from "./world.ts";

// Breaks when an update asks sites that it does not touch, or misses some that it does: then a bad release stays unseen.

const CELL = "prod-cell-07";
const none = new Map<string, StackState>();
const hosts = (found: ReturnType<typeof affectedSites>) => ({
  sites: found.sites.map(({ site }) => site.name),
  fresh: found.fresh.map(({ site }) => site.name),
});

describe("sites of a cell", () => {
  it("that differ are asked, with the release of before and of after; new ones are apart, the same ones are left out", () => {
    const found = affectedSites(
      catalogOf(["a", "b", "c", "d"]),
      [
        {
          stack: CELL,
          before: cell(siteState("a", "1"), siteState("b", "1"), siteState("c", "1"), siteState("gone", "1")),
          target: cell(
            siteState("a", "1"),
            siteState("b", "2"),
            siteState("c", "1", { framework: "astro" }),
            siteState("d", "2"),
          ),
        },
      ],
      none,
    );
    expect(hosts(found)).toEqual({ sites: ["b", "c"], fresh: ["d"] });
    expect(found.sites[0]).toMatchObject({
      stacks: [CELL],
      before: { ref: commit("1") },
      after: { ref: commit("2") },
    });
  });

  it("that are only to be checked in another way serve the same", () => {
    const check = { path: "/", statuses: [200], tries: 1, timeoutSeconds: 1, inconclusive: "promote" as const };
    const before = cell(siteState("a", "1"));
    const target = cell({ ...siteState("a", "1"), check });
    expect(hosts(affectedSites(catalogOf(["a"]), [{ stack: CELL, before, target }], none))).toEqual({
      sites: [],
      fresh: [],
    });
  });

  it("are all new where the stack is new: nobody is asked before", () => {
    const found = affectedSites(
      catalogOf(["a"]),
      [{ stack: CELL, before: undefined, target: cell(siteState("a", "1")) }],
      none,
    );
    expect(hosts(found)).toEqual({ sites: [], fresh: ["a"] });
  });

  it("that move to another cell were there before", () => {
    const found = affectedSites(
      catalogOf(["a"]),
      [
        { stack: CELL, before: cell(siteState("a", "1")), target: cell() },
        { stack: "prod-cell-canary", before: cell(), target: cell(siteState("a", "1")) },
      ],
      none,
    );
    expect(hosts(found)).toEqual({ sites: ["a"], fresh: [] });
  });
});

describe("a change of the shared stack", () => {
  const catalog = catalogOf(["own"], ["one"]);
  const [own, one] = catalog.sites.map((site) => stackOf(site)) as [string, string];
  const beside = new Map<string, StackState>([
    [own, cell(siteState("own", "1"))],
    [one, cell(siteState("one", "1", { shared: true }))],
  ]);

  it("of a project reaches the sites that share it, whose cells are not in the run", () => {
    const changes = [{ stack: "prod", before: shared("1"), target: shared("2") }];
    expect(stacksBeside(catalog, changes)).toEqual([one]);
    const found = affectedSites(catalog, changes, beside);
    expect(hosts(found)).toEqual({ sites: ["one"], fresh: [] });
    expect(found.sites[0]).toMatchObject({
      stacks: ["prod"],
      before: { ref: commit("1") },
      after: { ref: commit("2") },
    });
  });

  it("of a zone reaches every site in it", () => {
    const changes = [{ stack: "prod", before: shared("1"), target: shared("1", { target: "elsewhere.example" }) }];
    expect(stacksBeside(catalog, changes).sort()).toEqual([own, one].sort());
    expect(hosts(affectedSites(catalog, changes, beside))).toEqual({ sites: ["own", "one"], fresh: [] });
  });

  it("of neither reaches nobody, and nothing else is read", () => {
    const changes = [{ stack: "prod", before: shared("1"), target: shared("1") }];
    expect(stacksBeside(catalog, changes)).toEqual([]);
    expect(hosts(affectedSites(catalog, changes, beside))).toEqual({ sites: [], fresh: [] });
  });
});
