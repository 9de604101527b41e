import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBucket } from "../estate/bucket.ts";
import { Estate } from "../estate/estate.ts";
import { namesForCells, ownRows, type SampleRow, spread } from "../estate/sites.ts";
import type { Check, JobSpan, Row, Say, Sizes } from "../types.ts";

/** Cells that two jobs want at once. */
const RIVALS = 8;
/** What the vendor allows of new projects a minute: fewer than there are sites, so that jobs have to wait for each other. */
const A_MINUTE = 40;

/** (k) Jobs of a CI's matrix at once on one bucket: a process and a folder each, some of them after the same stack. */
export async function jobsOnOneBucket(
  { jobs }: Sizes,
  say: Say,
): Promise<{ rows: Row[]; checks: Check[]; spans: JobSpan[] }> {
  const estate = await Estate.open(rowsOf(jobs.cells));
  const dir = mkdtempSync(join(tmpdir(), "sitefleet-bench-jobs-"));
  const bucket = await openBucket();
  try {
    limitProjects(join(estate.catalog, "limits.yaml"));
    await estate.faults({
      limits: [
        { id: "projects", vendor: "vercel", method: "POST", path: "^/v\\d+/projects$", amount: A_MINUTE, per: 60 },
      ],
    });
    const cells = [...spread(jobs.cells, jobs.cells).keys()];
    const wanted = [...cells, ...cells.slice(0, Math.min(RIVALS, jobs.cells))];
    say(`${wanted.length} jobs, ${jobs.atOnce} at once, for ${cells.length} cells`);
    await estate.requests();
    const env = { ...estate.environment(), ...bucket.env, SITEFLEET_BUDGET: "on,build-seconds=1" };
    const main = new URL("./k-jobs-main.ts", import.meta.url).pathname;
    const { stdout, ...cost } = await estate.measured(
      process.execPath,
      [main, String(jobs.atOnce), dir, ...wanted],
      env,
    );
    const spans = JSON.parse(stdout) as JobSpan[];
    const { routes } = await estate.requests();
    const made = routes.filter(({ method, route }) => method === "POST" && /\/projects$/.test(route));
    const after = await estate.measured(process.execPath, ["cli/sitefleet.js", "cells", "--changed", "--json"], {
      ...env,
      SITEFLEET_STATE_DIR: join(dir, "after"),
    });
    const left = (JSON.parse(after.stdout) as { cells: unknown[] }).cells.length;
    const row: Row = {
      variant: `${jobs.atOnce} at once`,
      operation: "up in jobs",
      sites: jobs.cells,
      stacks: jobs.cells,
      cost,
    };
    const sum = (key: "count" | "ok") => made.reduce((total, route) => total + route[key], 0);
    const counted = { left, projects: sum("ok"), refused: sum("count") - sum("ok") };
    return { rows: [row], checks: jobChecks(spans, { ...counted, cells: jobs.cells }), spans };
  } finally {
    await bucket.close();
    await estate.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A site a cell, over two domains: Let's Encrypt gives 50 certificates a week and a domain, and a job does not wait for days. Pure. */
function rowsOf(cells: number): SampleRow[] {
  const all = [...spread(cells, cells)];
  const half = Math.ceil(cells / 2);
  return ["qmoney.de", "remotecash.de"].flatMap((zone, index) => {
    const wanted = new Map(index === 0 ? all.slice(0, half) : all.slice(half));
    return ownRows(namesForCells(wanted, zone)).map((row) => ({ ...row, zone }));
  });
}

function limitProjects(file: string): void {
  const text = readFileSync(file, "utf8");
  const changed = text.replace(
    /(- id: vercel\.project-create\n(?:.*\n)*?\s+amount: )\d+(\n\s+per: )\d+/,
    `$1${A_MINUTE}$260`,
  );
  if (changed === text) throw new Error("catalog/limits.yaml has no limit vercel.project-create");
  writeFileSync(file, changed);
}

/** How often two jobs had the same stack at once. Pure. */
export function together(spans: readonly JobSpan[]): number {
  const byCell = Map.groupBy(spans, ({ cell }) => cell);
  let count = 0;
  for (const own of byCell.values()) {
    const held = own.filter(({ began, ended }) => began !== undefined && ended !== undefined);
    for (const [index, one] of held.entries())
      for (const other of held.slice(index + 1))
        if ((one.began ?? 0) < (other.ended ?? 0) && (other.began ?? 0) < (one.ended ?? 0)) count++;
  }
  return count;
}

/** Processes at once at most. Pure. */
export function mostAtOnce(spans: readonly JobSpan[]): number {
  return Math.max(0, ...spans.map(({ from }) => spans.filter((one) => one.from <= from && from < one.to).length));
}

/** What (k) says about its targets. Pure. */
export function jobChecks(
  spans: readonly JobSpan[],
  {
    left,
    projects,
    refused,
    cells,
  }: { readonly left: number; readonly projects: number; readonly refused: number; readonly cells: number },
): Check[] {
  const exactly = (value: number) => ({ is: "exactly", value }) as const;
  const failed = spans.filter(({ code }) => code !== 0).length;
  const claim = `${spans.length} jobs on one bucket`;
  return [
    { claim: `${claim}: at once`, value: mostAtOnce(spans), unit: "jobs" },
    { claim: `${claim}: that failed`, value: failed, unit: "jobs", target: exactly(0) },
    { claim: `${claim}: two that had one stack at once`, value: together(spans), unit: "jobs", target: exactly(0) },
    { claim: `${claim}: cells that are not as declared afterwards`, value: left, unit: "changes", target: exactly(0) },
    { claim: `${claim}: projects made, one a site`, value: projects, unit: "calls", target: exactly(cells) },
    {
      claim: `${claim}: calls beyond ${A_MINUTE} new projects a minute`,
      value: refused,
      unit: "calls",
      target: exactly(0),
    },
  ];
}
