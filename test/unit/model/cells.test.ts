import fc from "fast-check";
import { expect, test } from "vitest";
import { cellNames, cellOf, DEFAULT_CELLS, sharedProjects, sitesByCell, stackOf } from "../../../model/index.ts";
import { check } from "./fixture.ts";

const number = fc.integer({ min: 1, max: 256 });
const key = fc.record({ host: fc.domain(), tags: fc.subarray(["canary", "paid", "depot"]) });
const fleet = fc
  .tuple(number, fc.uniqueArray(key, { selector: ({ host }) => host }))
  .map(([cells, keys]) => ({ cells, sites: keys.map((one) => ({ ...one, cell: cellOf(one, cells) })) }));

// Breaks when hashing or the usual number changes: every site would be destroyed in one stack and created in another.
test("known sites are in known cells", () => {
  expect(DEFAULT_CELLS).toBe(64);
  expect(cellOf({ host: "quiz.qmoney.de", tags: [] }, 64)).toBe("01");
  expect(cellOf({ host: "depot.remotecash.de", tags: ["paid"] }, 64)).toBe("23");
  expect(cellOf({ host: "quiz.qmoney.de", tags: ["canary"] }, 64)).toBe("canary");
  expect(stackOf({ cell: "canary" })).toBe("prod-cell-canary");
});

// Breaks when an estate's cells are called otherwise than before: its stacks would be new ones.
test.each([
  [1, ["canary", "00"]],
  [16, ["canary", "00", "15"]],
  [100, ["canary", "00", "99"]],
  [101, ["canary", "000", "100"]],
  [256, ["canary", "000", "255"]],
])("%i cells and the canary have their names", (cells, [canary, first, last = first]) => {
  const names = cellNames(cells);
  expect(new Set(names).size).toBe(cells + 1);
  expect([names[0], names[1], names.at(-1)]).toEqual([canary, first, last]);
  expect(names.slice(1)).toEqual(names.slice(1).toSorted());
});

test("a host is in a cell that there is, and in the same one in whatever company", () => {
  fc.assert(
    fc.property(number, key, (cells, one) => {
      expect(cellNames(cells)).toContain(cellOf(one, cells));
    }),
  );
});

test("cells keep every site once, in the order of cellNames, and none is empty", () => {
  fc.assert(
    fc.property(fleet, ({ cells: number, sites }) => {
      const cells = sitesByCell(sites);
      expect(new Set([...cells.values()].flat())).toEqual(new Set(sites));
      expect([...cells.values()].flat()).toHaveLength(sites.length);
      expect([...cells.keys()]).toEqual(cellNames(number).filter((cell) => cells.has(cell)));
      for (const members of cells.values()) expect(members.length).toBeGreaterThan(0);
    }),
  );
});

// Breaks when the number that an estate declares is not the one its sites are put into cells by, or an estate without one gets another.
test("estate.yaml has the number of cells; without it there are 64", () => {
  const cellsOf = (text: string | null) => {
    const { catalog, lines } = check({ "estate.yaml": text });
    expect(lines).toEqual([]);
    return [catalog?.cells, catalog?.sites.map(({ cell }) => cell)];
  };
  const hosts = ["zins.qmoney.de", "depot.remotecash.de", "bonus.qmoney.de"];
  const cells = (number: number) => ["canary", ...hosts.map((host) => cellOf({ host, tags: [] }, number))];
  expect(cellsOf(null)).toEqual([64, cells(64)]);
  expect(cellsOf("cells: 8\n")).toEqual([8, cells(8)]);
  expect(cellsOf("cells: 128\n")).toEqual([128, cells(128)]);
});

test.each([
  ["cells: 0\n", "estate.yaml:1: cells: 0 is too small"],
  ["# So many.\ncells: 257\n", "estate.yaml:2: cells: 257 is too large"],
  ["cells: 2.5\n", "estate.yaml:1: cells: "],
  ["cells: many\n", "estate.yaml:1: cells: "],
  ["sells: 8\n", "estate.yaml:1: sells: is not known here"],
])("%j is refused at its place", (text, part) => {
  expect(check({ "estate.yaml": text }).lines.join("\n")).toContain(part);
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
