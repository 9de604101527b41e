import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { windowsAround } from "../../../../../fleet/budget/runs.ts";
import { planWork } from "../../../../../fleet/budget/strategy/report.ts";
import type { Work } from "../../../../../fleet/budget/strategy/work.ts";
import { loadCatalog, sitesByCell, stackOfCell } from "../../../../../model/index.ts";
import { PROJECT_ROOT } from "../../../../../stacks/root.ts";

// What breaks: a fleet that three quiet nights would do waits a week for each run, and nobody is told what that costs.

const HOUR = 3_600_000;
const now = Date.UTC(2026, 10, 25, 10, 20);
const catalog = loadCatalog(join(PROJECT_ROOT, "catalog"));
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "waiting-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A new release of every site with a project of its own. */
function releases(): Work {
  const known = new Map<string, { steps: { op: string; type: string; name: string }[] }>();
  const hosts: string[] = [];
  for (const [cell, sites] of sitesByCell(catalog.sites)) {
    const own = sites.filter(({ project }) => project === "own").map(({ host }) => host);
    hosts.push(...own);
    const steps = own.map((name) => ({ op: "update", type: "sitefleet:vercel:Release", name }));
    known.set(stackOfCell(cell), { steps });
  }
  return { stacks: [...known.keys()], known, hosts, live: hosts.length, notes: [] } as Work;
}

function plan(requests: (hourOfWeek: number) => number) {
  const monday = Date.UTC(2026, 10, 16);
  const rows = Array.from(
    { length: 168 },
    (_, hour) => `${new Date(monday + hour * HOUR).toISOString()},${requests(hour)}`,
  );
  const traffic = join(dir, "traffic.csv");
  writeFileSync(traffic, `hour,requests\n${rows.join("\n")}\n`);
  return planWork(releases(), { catalog, now, concurrency: 3, traffic });
}

const night = (hour: number) => hour % 24 >= 4 && hour % 24 < 6;

it("uses every night where the nights are alike: runs on nights that follow each other", () => {
  const { plan: found, window, notes } = plan((hour) => (night(hour) ? 10 + (hour > 144 ? 0 : 1) : 100));
  expect(window?.windows).toHaveLength(7);
  const days = found.runs.map(({ startsAt }) => Math.floor((startsAt - now) / (24 * HOUR)));
  expect(days).toEqual(days.map((_, index) => (days[0] ?? 0) + index));
  expect(found.runs.length).toBeGreaterThan(1);
  for (const { startsAt } of found.runs) expect([4, 5]).toContain(new Date(startsAt).getUTCHours());
  expect(notes[0]).toMatch(/^waiting for the quietest alone \(Sunday 04:00–06:00 UTC, 11 %\) would end \d+ d later$/);
});

it("waits for the one night that is quiet, and says how many days that costs", () => {
  const { plan: found, window, notes } = plan((hour) => (night(hour) ? (hour > 144 ? 10 : 40) : 100));
  expect(window?.windows).toHaveLength(1);
  expect(new Set(found.runs.map(({ startsAt }) => new Date(startsAt).getUTCDay()))).toEqual(new Set([0]));
  expect(notes[0]).toMatch(
    /^waiting for the quietest \(Sunday .*\) costs \d+ d: the quietest 2 h of every day, with up to 4\d %/,
  );
});

it("finds the window around each moment", () => {
  const window = { startsAt: 100_000, seconds: 10, everySeconds: 100, offsets: [0, 30, 60] };
  expect(windowsAround(window, 100_000)).toEqual({ last: 100_000, next: 130_000 });
  expect(windowsAround(window, 129_999)).toEqual({ last: 100_000, next: 130_000 });
  expect(windowsAround(window, 199_999)).toEqual({ last: 160_000, next: 200_000 });
  expect(windowsAround(window, 200_000)).toEqual({ last: 200_000, next: 230_000 });
  expect(windowsAround({ startsAt: 0, seconds: 1, everySeconds: 10 }, 9_999)).toEqual({ last: 0, next: 10_000 });
});
