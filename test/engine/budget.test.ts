import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cellOf, DEFAULT_CELLS, loadCatalog } from "../../model/index.ts";
import { compareWithState } from "../../sandbox/compare.ts";
import { limitRules } from "../../sandbox/core/index.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { Estate, HEAD, type Row, rowText } from "../support/estate.ts";

// `sitefleet up` of new sites against limits that the sandbox enforces, time scaled. What breaks when these fail: a
// provider sees a 429, gives up after three, and a first run of a large estate loses resources.

/** All 1500 sites of the project's own catalog under its own limits: `SITEFLEET_BUDGET_FULL=1`, some ten minutes. */
const FULL = process.env.SITEFLEET_BUDGET_FULL === "1";
/** An hour is 8 s; at full size half a minute, so that the limits are what takes longest. */
const TIME_SCALE = FULL ? 120 : 450;
/** Halved limits are met only where more than half of them is made within an hour: that takes a minute on a busy machine. */
const HALVED_TIME_SCALE = FULL ? 30 : TIME_SCALE;

/** Rows whose cells are among the first few: the time of a test is starting stacks. */
function rowsOf(prefix: string, count: number, cells: number): Row[] {
  const rows: Row[] = [];
  for (let n = 0; rows.length < count; n += 1) {
    const row = { name: `${prefix}-${n}` };
    if (Number(cellOf({ host: `${row.name}.qmoney.de`, tags: [] }, DEFAULT_CELLS)) < cells) rows.push(row);
  }
  return rows;
}

/** New sites of one cell, more than half of the limit: they are created at once, whatever the machine's speed. */
const added = rowsOf("added", 20, 1);
const [head = "", ...lines] = FULL
  ? readFileSync(join(PROJECT_ROOT, "catalog/sites.csv"), "utf8").trim().split("\n")
  : [HEAD, ...[...rowsOf("first", 48, 4), ...added].map(rowText)];
const all = [head, ...lines].join("\n");
const first = [head, ...lines.slice(0, FULL ? -150 : -added.length)].join("\n");
// The sandbox is seeded with the repositories of its first catalog.
const estate = new Estate([], "none");
const writeSites = (text: string) => estate.edit("sites.csv", () => `${text}\n`);
writeSites(all);

interface Requests {
  readonly vendors: Record<string, { limited: number; writesOk: number }>;
}
/** 429s that the vendors answered since they were last set. */
const limited = async () => {
  const { vendors } = (await estate.control("/requests?latest=0")) as Requests;
  return Object.values(vendors).reduce((sum, vendor) => sum + vendor.limited, 0);
};

/** The sandbox enforces the catalog's limits, or a share of them without a word of warning. */
async function enforce(factor: number, announce: boolean, timeScale = TIME_SCALE): Promise<void> {
  const { limits } = loadCatalog(estate.catalog);
  const rules = limitRules(limits, { factor, announce, vendors: ["vercel", "cloudflare"] });
  await estate.control("/faults", {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ limits: rules, timeScale }),
  });
  await fetch(new URL("/requests", estate.info.urls.control), { method: "DELETE" });
}

interface UpDocument {
  readonly ok: boolean;
  readonly failed: readonly unknown[];
  readonly skipped: readonly unknown[];
  /** Of the gateway, by vendor: refused = 429s that a provider saw, absorbed = those that it waited out. */
  readonly calls: Record<string, { calls: number; refused: number; absorbed: number }>;
}
const stacks = (names: readonly string[]) => names.flatMap((name) => ["--stack", name]);

/** `sitefleet up` as a person runs it; returns its document and what it said. */
async function up(...args: string[]): Promise<UpDocument & { said: string }> {
  const ran = await estate.sitefleet("up", "--yes", "--json", ...args);
  if (process.env.SITEFLEET_BUDGET_REPORT) console.log(ran.stderr);
  return { ...(JSON.parse(ran.stdout) as UpDocument), said: ran.stderr };
}
const sum = (calls: UpDocument["calls"], what: "refused" | "absorbed") =>
  Object.values(calls).reduce((total, vendor) => total + vendor[what], 0);

beforeAll(async () => {
  estate.edit("zones.yaml", (text) => text.replaceAll("mode: create", "mode: existing"));
  // Smaller amounts than the real ones, so that few sites meet them; at full size they stay.
  if (!FULL) {
    estate.edit("limits.yaml", (text) =>
      text.replace(/(id: vercel\.(?:project-create|project-domain-add)\n(?:.*\n){2} {4}amount: )100/g, "$125"),
    );
  }
  await estate.start();
});
afterAll(() => estate.remove());

describe("a run of new sites under enforced limits", () => {
  it("finishes without a single 429, neither at a provider nor at the vendor", async () => {
    writeSites(first);
    await enforce(1, true);
    const run = await up(...(FULL ? [] : stacks(["prod", ...["00", "01", "02", "03"].map((n) => `prod-cell-${n}`)])));
    expect(run).toMatchObject({ ok: true, failed: [], skipped: [] });
    expect(sum(run.calls, "refused")).toBe(0);
    expect(await limited()).toBe(0);
    // The limits did bind: without admission this run would have met them.
    expect(run.said).toMatch(/waits for vercel\.project-/);
    const { missing, orphans } = await compareWithState(estate.info);
    expect({ missing, orphans }).toEqual({ missing: [], orphans: [] });
  });

  it("adapts when the limits are silently halved: no provider sees a refusal, nothing is lost", async () => {
    writeSites(all);
    await enforce(0.5, false, HALVED_TIME_SCALE);
    const run = await up(...(FULL ? [] : stacks(["prod-cell-00"])));
    expect(run).toMatchObject({ ok: true, failed: [], skipped: [] });
    expect(sum(run.calls, "refused")).toBe(0);
    // It met the smaller limits and waited them out.
    expect(await limited()).toBeGreaterThan(0);
    expect(await limited()).toBe(sum(run.calls, "absorbed"));
    const { missing, orphans } = await compareWithState(estate.info);
    expect({ missing, orphans }).toEqual({ missing: [], orphans: [] });
  });

  it("leaves what does not fit into the job and says so with an exit code of its own", async () => {
    const [late = { name: "" }] = rowsOf("late", 1, 2);
    const stack = `prod-cell-${cellOf({ host: `${late.name}.qmoney.de`, tags: [] }, DEFAULT_CELLS)}`;
    writeSites([all, rowText(late)].join("\n"));
    await enforce(1, true);
    const ran = await estate.sitefleet("up", "--yes", "--json", "--job-limit", "2s", "--stack", stack);
    expect(ran.code).toBe(3);
    expect(JSON.parse(ran.stdout)).toMatchObject({ skipped: [{ stack, later: true }] });
    expect((await up("--stack", stack)).ok).toBe(true);
  });
});
