import fc from "fast-check";
import { expect, test } from "vitest";
import { CELL_COUNT, cellNames, cellOf, sharedProjects, sitesByCell, stackOf } from "../../../model/index.ts";
import { check } from "./fixture.ts";

const site = fc.record({ host: fc.domain(), tags: fc.subarray(["canary", "paid", "depot"]) });

// Breaks when hashing changes: every site would be destroyed in one stack and created in another.
test("known sites are in known cells", () => {
  expect(cellOf({ host: "quiz.qmoney.de", tags: [] })).toBe("01");
  expect(cellOf({ host: "depot.remotecash.de", tags: ["paid"] })).toBe("23");
  expect(stackOf({ host: "quiz.qmoney.de", tags: ["canary"] })).toBe("prod-cell-canary");
});

test("64 cells and the canary", () => {
  expect(CELL_COUNT).toBe(64);
  expect(cellNames()).toHaveLength(65);
  expect(new Set(cellNames()).size).toBe(65);
  expect(cellNames().slice(0, 2)).toEqual(["canary", "00"]);
});

// Breaks when a site's cell depends on the rest of the fleet.
test("a site never moves when others are added, removed or reordered", () => {
  fc.assert(
    fc.property(fc.array(site), fc.array(site), site, (before, after, one) => {
      const cellIn = (sites: { host: string; tags: string[] }[]) => {
        const found = [...sitesByCell(sites)].filter(([, members]) => members.includes(one)).map(([cell]) => cell);
        expect(found).toHaveLength(1);
        return found[0];
      };
      expect(cellIn([...before, one, ...after])).toBe(cellIn([...after, one]));
      expect(cellIn([...before, one, ...after])).toBe(cellOf(one));
      expect(cellNames()).toContain(cellOf(one));
    }),
  );
});

test("cells keep every site once, in the order of cellNames, and none is empty", () => {
  fc.assert(
    fc.property(fc.uniqueArray(site, { selector: (item) => item.host }), (sites) => {
      const cells = sitesByCell(sites);
      expect(new Set([...cells.values()].flat())).toEqual(new Set(sites));
      expect([...cells.values()].flat()).toHaveLength(sites.length);
      expect([...cells.keys()]).toEqual(cellNames().filter((cell) => cells.has(cell)));
      for (const members of cells.values()) expect(members.length).toBeGreaterThan(0);
    }),
  );
});

test("shared projects: one a repository and root directory, with sites and wildcard zones", () => {
  const { catalog } = check();
  if (!catalog) throw new Error("the base catalog has problems");
  const short = sharedProjects(catalog).map(({ name, sites, wildcardZones }) => [
    name,
    sites.map((s) => s.host),
    wildcardZones,
  ]);
  expect(short).toEqual([
    ["shared-acme-kit-apps-catch-all", [], ["remotecash.de"]],
    ["shared-acme-kit-apps-depot", ["depot.remotecash.de", "bonus.qmoney.de"], []],
  ]);
});
