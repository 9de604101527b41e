import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { affectedSites } from "../../../../../fleet/releases/health-gate/affected.ts";
import { expectedBack, goingBack, staysBehind } from "../../../../../fleet/releases/health-gate/back.ts";
import type { CellState, StackState } from "../../../../../stacks/desired.ts";
import { canonicalJson } from "../../../../../stacks/digest.ts";
import type { StackChange } from "../../../../../stacks/state.ts";
import { catalogOf, cell, commit, SHARED, shared, siteState } from "./world.ts";

// Breaks when going back deletes what is new, touches what has not changed, or does by itself what loses something.

const CELL = "prod-cell-07";
const names = ["a", "b", "c", "d", "e"];
const back = (changes: StackChange[], failed: string[] = [], catalog = catalogOf(names)) =>
  goingBack(changes, affectedSites(catalog, changes, new Map()).sites, failed);

describe("a cell", () => {
  it("keeps every site that it has, new ones too; what has changed is as it was, the rest as the run has brought it", () => {
    const release = fc.constantFrom("1", "2", "3");
    const state = fc
      .uniqueArray(fc.tuple(fc.constantFrom(...names), release), { selector: ([name]) => name })
      .map((list) => cell(...list.map(([name, letter]) => siteState(name, letter))));
    fc.assert(
      fc.property(state, state, (before, target) => {
        const { desired, hosts } = back([{ stack: CELL, before, target }]);
        const then = byHost(before);
        const now = byHost(target);
        const changed = [...now]
          .filter(([host, text]) => then.has(host) && then.get(host) !== text)
          .map(([host]) => host);
        expect([...hosts].sort()).toEqual(changed.sort());
        if (changed.length === 0) {
          expect(desired).toEqual({});
          return;
        }
        const result = byHost(desired[CELL] as CellState);
        expect([...result.keys()].sort()).toEqual([...now.keys()].sort());
        for (const [host, text] of result) expect(text).toBe(changed.includes(host) ? then.get(host) : now.get(host));
      }),
    );
  });

  it("remembers as bad only releases of sites that fail", () => {
    const other = { ...siteState("b", "9"), project: { ...siteState("b", "9").project, repository: "acme/other" } };
    const changes = [
      {
        stack: CELL,
        before: cell(siteState("a", "1"), { ...other, commit: commit("1") } as never),
        target: cell(siteState("a", "2"), other as never),
      },
    ];
    expect(back(changes, ["a.qmoney.de"]).bad).toEqual([{ repository: "acme/sites", commit: commit("2") }]);
    expect(back(changes).bad).toHaveLength(2);
  });
});

describe("what stays", () => {
  it("is a site whose project would be made or deleted; the others of its cell go back", () => {
    const changes = [
      {
        stack: CELL,
        before: cell(siteState("a", "1"), siteState("b", "1"), siteState("c", "1", { shared: true })),
        target: cell(siteState("a", "2"), siteState("b", "1", { shared: true }), siteState("c", "1")),
      },
    ];
    const found = back(changes);
    expect(found.stay.map(({ name }) => name)).toEqual(["b.qmoney.de", "c.qmoney.de"]);
    expect(found.hosts).toEqual(["a.qmoney.de"]);
    expect(found.desired[CELL]).toEqual(
      cell(siteState("a", "1"), siteState("b", "1", { shared: true }), siteState("c", "1")),
    );
  });

  it("is a site that has come from another cell, and a zone that would be made or deleted", () => {
    const changes = [
      { stack: CELL, before: cell(siteState("a", "1")), target: cell() },
      {
        stack: "prod-cell-canary",
        before: cell(siteState("b", "1")),
        target: cell(siteState("a", "1"), siteState("b", "2")),
      },
      { stack: "prod", before: shared("1"), target: shared("1", { mode: "create" }) },
    ];
    const sites = affectedSites(catalogOf(names), changes, new Map()).sites;
    expect(staysBehind(changes, sites).map(({ name }) => name)).toEqual(["a.qmoney.de", "qmoney.de"]);
    expect(Object.keys(back(changes).desired)).toEqual(["prod-cell-canary"]);
  });

  it("is nothing for releases and settings", () => {
    const changes = [
      { stack: CELL, before: cell(siteState("a", "1")), target: cell(siteState("a", "2", { framework: "astro" })) },
    ];
    expect(back(changes).stay).toEqual([]);
  });
});

describe("the shared stack", () => {
  const catalog = catalogOf(["own"], ["one"]);
  const beside = new Map<string, StackState>([
    ["prod-cell-09", cell(siteState("one", "1", { shared: true }), siteState("own", "1"))],
  ]);

  it("keeps projects that are new with the run; the one that changed is as it was, and its release bad", () => {
    const target = shared("2");
    const extra = { ...target.projects[0], name: "shared-new" } as (typeof target.projects)[number];
    const changes = [
      { stack: "prod", before: shared("1"), target: { ...target, projects: [...target.projects, extra] } },
    ];
    const { sites } = affectedSites(catalog, changes, beside);
    const found = goingBack(changes, sites, ["one.qmoney.de"]);
    expect(found.desired.prod).toEqual({ ...shared("1"), projects: [...shared("1").projects, extra] });
    expect(found).toMatchObject({
      hosts: ["one.qmoney.de"],
      bad: [{ repository: "acme/landing", commit: commit("2") }],
    });
    expect(expectedBack(catalog, found)).toEqual(new Map([["one.qmoney.de", { ref: commit("1") }]]));
    expect(SHARED).toBe(target.projects[0]?.name);
  });
});

const byHost = (state: CellState) => new Map(state.sites.map((site) => [site.host, canonicalJson(site)]));
