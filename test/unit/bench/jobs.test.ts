import { expect, it } from "vitest";
import { jobChecks, mostAtOnce, together } from "../../../bench/cases/k-jobs.ts";
import { renderJobs } from "../../../bench/report/jobs.ts";

// What breaks when these fail: a measurement that finds two jobs on one stack and does not say so.

const job = (cell: string, from: number, began: number | undefined, ended: number | undefined, to: number) => ({
  cell,
  from,
  to,
  began,
  ended,
  code: 0,
  created: 4,
});

it("jobs that had one stack at once are found, those one after the other are not", () => {
  expect(together([job("07", 0, 1, 5, 6), job("07", 0, 5, 9, 10), job("08", 0, 1, 9, 10)])).toBe(0);
  expect(together([job("07", 0, 1, 5, 6), job("07", 0, 4, 9, 10)])).toBe(1);
  expect(together([job("07", 0, 1, 5, 6), job("07", 0, undefined, undefined, 10)])).toBe(0);
});

it("jobs at once are counted, and every figure has its target", () => {
  const spans = [job("07", 0, 1, 5, 6), job("08", 1, 2, 5, 6), job("09", 6, 7, 8, 9)];
  expect(mostAtOnce(spans)).toBe(2);
  const values = jobChecks(spans, { left: 0, projects: 3, refused: 0, cells: 3 }).map(({ value }) => value);
  expect(values).toEqual([2, 0, 0, 0, 3, 0]);
});

it("the picture holds a row a job, and nothing of a cell's name that is markup", () => {
  const svg = renderJobs([job("07", 0, 1, 5, 6), job('"><script>', 1, undefined, undefined, 6)]);
  expect(svg.match(/fill="#cfe0ee"/g)).toHaveLength(2);
  expect(svg.match(/fill="#0b62a4"/g)).toHaveLength(1);
  expect(svg).not.toContain("script");
});
