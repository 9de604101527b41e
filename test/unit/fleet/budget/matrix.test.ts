import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MATRIX_JOBS, matrixOf } from "../../../../fleet/budget/matrix.ts";

// What breaks when these fail: CI leaves cells out, does one twice at the same time, or GitHub refuses the matrix.

const cells = fc.uniqueArray(fc.record({ cell: fc.stringMatching(/^[0-9]{2,3}$/), sites: fc.nat(80) }), {
  selector: ({ cell }) => cell,
  maxLength: 400,
});

describe("a matrix of cells", () => {
  it("has every cell once and never more jobs than allowed", () => {
    fc.assert(
      fc.property(cells, fc.integer({ min: 1, max: MATRIX_JOBS }), (given, most) => {
        const jobs = matrixOf(given, most);
        expect(jobs.length).toBe(Math.min(most, given.length));
        const named = jobs.flatMap((job) => job.cells.split(","));
        expect(named.toSorted()).toEqual(given.map(({ cell }) => cell).toSorted());
        expect(jobs.reduce((sum, { sites }) => sum + sites, 0)).toBe(given.reduce((sum, { sites }) => sum + sites, 0));
      }),
    );
  });

  it("has no job with more than twice its fair share, unless that is one cell", () => {
    fc.assert(
      fc.property(cells, fc.integer({ min: 1, max: 40 }), (given, most) => {
        const cost = ({ sites, cells: names }: { sites: number; cells: string }) => sites + names.split(",").length;
        const all = given.reduce((sum, { sites }) => sum + sites + 1, 0);
        for (const job of matrixOf(given, most)) {
          if (job.cells.includes(",")) expect(cost(job)).toBeLessThanOrEqual((2 * all) / Math.min(most, given.length));
        }
      }),
    );
  });

  it("is the same for the same cells in any order", () => {
    fc.assert(
      fc.property(cells, (given) => {
        expect(matrixOf(given.toReversed(), 7)).toEqual(matrixOf(given, 7));
      }),
    );
  });

  it("names a job for people and lists its cells for the command", () => {
    const given = [
      { cell: "07", sites: 2 },
      { cell: "canary", sites: 10 },
      { cell: "11", sites: 1 },
    ];
    expect(matrixOf(given)).toEqual([
      { name: "canary", cells: "canary", sites: 10 },
      { name: "07", cells: "07", sites: 2 },
      { name: "11", cells: "11", sites: 1 },
    ]);
    expect(matrixOf(given, 1)).toEqual([{ name: "07 and 2 more", cells: "07,11,canary", sites: 13 }]);
    expect(matrixOf([])).toEqual([]);
  });
});
