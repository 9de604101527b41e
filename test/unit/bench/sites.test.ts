import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withoutCanaryLimit } from "../../../bench/estate/estate.ts";
import { changeSome, inOneStack, namesForCells, ownRows, sampleSites, spread } from "../../../bench/estate/sites.ts";
import { cellOf, DEFAULT_CELLS } from "../../../model/index.ts";
import { textOf } from "../docs/markdown.ts";

// What breaks when these fail: the bench compares other stacks than it says.

/** Sites by cell, as the fleet would cut them. */
function cut(rows: ReturnType<typeof ownRows>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { name, zone, tags } of rows) {
    const cell = cellOf({ host: `${name}.${zone}`, tags: tags === "" ? [] : tags.split(";") }, DEFAULT_CELLS);
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
  }
  return counts;
}

describe("hosts for cells", () => {
  it("fall into exactly the cells that were asked for, whatever those are", () => {
    const cells = fc.integer({ min: 1, max: 64 });
    fc.assert(
      fc.property(cells, fc.integer({ min: 0, max: 200 }), (count, more) => {
        const wanted = spread(count + more, count);
        const rows = ownRows(namesForCells(wanted));
        expect(cut(rows)).toEqual(wanted);
        expect(new Set(rows.map(({ name }) => name)).size).toBe(count + more);
      }),
      { numRuns: 20 },
    );
  });

  it("are 13 cells of 23, and one more site, for 300", () => {
    expect([...spread(300, 13).values()].sort()).toEqual([...Array(12).fill(23), 24]);
    expect(() => spread(300, 65)).toThrow(RangeError);
  });

  it("are one stack when they are put into it, the very same hosts", () => {
    const rows = ownRows(namesForCells(spread(30, 3)));
    const one = inOneStack(rows);
    expect([...cut(one.rows)]).toEqual([[one.cell, 30]]);
    expect(one.rows.map(({ name }) => name)).toEqual(rows.map(({ name }) => name));
  });
});

describe("changed sites", () => {
  it("are as many as asked for, each in a cell of its own", () => {
    const before = sampleSites(300);
    const after = changeSome(before, 3);
    const changed = after.filter((row, index) => row !== before[index]);
    expect(changed).toHaveLength(3);
    expect(
      new Set(changed.map(({ name, zone }) => cellOf({ host: `${name}.${zone}`, tags: [] }, DEFAULT_CELLS))).size,
    ).toBe(3);
  });
});

it("lifts the limit on the cell that one stack is made of, and no other", () => {
  const before = textOf("catalog/limits.yaml");
  const after = withoutCanaryLimit(before);
  const lines = (text: string) => text.split("\n");
  const differ = lines(after).filter((line, index) => line !== lines(before)[index]);
  expect(differ.map((line) => line.trim())).toEqual(["amount: 1000000"]);
  expect(() => withoutCanaryLimit("limits: []\n")).toThrow("sitefleet.canary-sites");
});
