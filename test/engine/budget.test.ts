import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cellOf, loadCatalog } from "../../catalog/index.ts";
import {
  certificateDomains,
  createAdmission,
  createClock,
  expectations,
  fileStore,
  GATEWAY_VENDORS,
  type Gateway,
  Ledger,
  limitSpecs,
  plannedWork,
  startGateway,
} from "../../fleet/budget/index.ts";
import { listStacks } from "../../fleet/engine/list-stacks.ts";
import { type RunResult, runFleet } from "../../fleet/run.ts";
import { compareWithState } from "../../sandbox/compare.ts";
import { limitRules } from "../../sandbox/core/index.ts";
import { stackNames } from "../../stacks/names.ts";
import { PROJECT_ROOT } from "../../stacks/program.ts";
import { Estate, HEAD, type Row, rowText } from "../support/estate.ts";

// New sites against limits that the sandbox enforces, time scaled. What breaks when these fail: a provider sees a 429,
// gives up after three, and a first run of a large estate loses resources.

/** All 1500 sites of the project's own catalog under its own limits: `SITEFLEET_BUDGET_FULL=1`, some ten minutes. */
const FULL = process.env.SITEFLEET_BUDGET_FULL === "1";
/** An hour is 8 s; at full size half a minute, so that the limits are what takes longest. */
const TIME_SCALE = FULL ? 120 : 450;

/** Rows whose cells are among the first few: the time of a test is starting stacks. */
function rowsOf(prefix: string, count: number, cells: number): Row[] {
  const rows: Row[] = [];
  for (let n = 0; rows.length < count; n += 1) {
    const row = { name: `${prefix}-${n}` };
    if (Number(cellOf({ host: `${row.name}.qmoney.de`, tags: [] })) < cells) rows.push(row);
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
const estate = new Estate([]);
const writeSites = (text: string) => estate.edit("sites.csv", () => `${text}\n`);
writeSites(all);
const before = { ...process.env };
let gateway: Gateway;
let ledger: Ledger;
let host: ReturnType<typeof spawn>;

interface Requests {
  readonly vendors: Record<string, { limited: number; writesOk: number }>;
}
const limited = async () => {
  const { vendors } = (await estate.control("/requests?latest=0")) as Requests;
  return Object.values(vendors).reduce((sum, vendor) => sum + vendor.limited, 0);
};
const refused = () => Object.values(gateway.figures()).reduce((sum, vendor) => sum + vendor.refused, 0);
const absorbed = () => Object.values(gateway.figures()).reduce((sum, vendor) => sum + vendor.absorbed, 0);

/** Shown when asked for: how a run of full size went. */
function report(what: string, run: RunResult): void {
  if (!process.env.SITEFLEET_BUDGET_REPORT) return;
  console.log(what, run.milliseconds, `${waits.length} waits`, JSON.stringify(gateway.figures()));
}

/** The sandbox enforces the catalog's limits, or a share of them without a word of warning. */
async function enforce(factor: number, announce: boolean): Promise<void> {
  const { limits } = loadCatalog(estate.catalog);
  const rules = limitRules(limits, { factor, announce, vendors: ["vercel", "cloudflare"] });
  await estate.control("/faults", {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ limits: rules, timeScale: TIME_SCALE }),
  });
  await fetch(new URL("/requests", estate.info.urls.control), { method: "DELETE" });
}

/** Stacks that were held back, and by which limit. */
const waits: string[] = [];

/** Brings the catalog's stacks up under the budget. */
async function up(only?: string): Promise<RunResult> {
  const catalog = loadCatalog(estate.catalog);
  const infos = await listStacks();
  const known = new Map([...infos].map(([name, { resources }]) => [name, { resources }]));
  const all = stackNames(catalog).filter((name) => name !== "prod-plesk");
  const stacks = all.filter((name) => only === undefined || name === only);
  const work = plannedWork({ catalog, specs: [...ledger.specs.values()], stacks, known });
  const certificateOf = certificateDomains(catalog.zones);
  const { admit } = createAdmission({
    ledger,
    expected: expectations(work),
    certificateOf,
    waiting: (stack, key) => waits.push(`${stack} ${key}`),
  });
  return runFleet({
    operation: "up",
    stacks,
    existing: new Set(infos.keys()),
    catalogDir: estate.catalog,
    configFile: process.env.SITEFLEET_CONFIG_FILE ?? "",
    concurrency: 3,
    admit,
  });
}

beforeAll(async () => {
  estate.edit("zones.yaml", (text) => text.replaceAll("mode: create", "mode: existing"));
  // Smaller amounts than the real ones, so that few sites meet them; at full size they stay.
  if (!FULL) {
    estate.edit("limits.yaml", (text) =>
      text.replace(/(id: vercel\.(?:project-create|project-domain-add)\n(?:.*\n){2} {4}amount: )100/g, "$125"),
    );
  }
  await estate.start();
  Object.assign(process.env, estate.env());
  const specs = limitSpecs(loadCatalog(estate.catalog).limits, { certificates: "ignore", buildSeconds: 1 });
  ledger = new Ledger({
    store: fileStore(join(estate.dir, "budget.db")),
    specs,
    clock: createClock(TIME_SCALE),
    metered: new Set(GATEWAY_VENDORS),
  });
  gateway = await startGateway({ ledger });
  // The sandbox's own stand-ins call the vendors directly: these ones call through the gateway.
  host = spawn(process.execPath, [join(PROJECT_ROOT, "sandbox/providers/host.ts")], {
    env: { ...process.env, ...gateway.env },
    cwd: PROJECT_ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ports = await new Promise<Record<string, number>>((resolve, reject) => {
    host.stdout?.once("data", (text) => resolve(JSON.parse(String(text))));
    host.once("exit", () => reject(new Error("the providers' host did not start")));
  });
  process.env.PULUMI_DEBUG_PROVIDERS = Object.entries(ports)
    .map(([name, port]) => `${name}:${port}`)
    .join(",");
});

afterAll(async () => {
  host?.kill("SIGTERM");
  await gateway?.close();
  await ledger?.close();
  await estate.remove();
  process.env = before;
});

describe("a run of new sites under enforced limits", () => {
  it("finishes without a single 429, neither at a provider nor at the vendor", async () => {
    writeSites(first);
    await enforce(1, true);
    const run = await up();
    report("full limits", run);
    expect(run.results.flatMap(({ errors }) => errors)).toEqual([]);
    expect(run.results.every(({ ok }) => ok)).toBe(true);
    expect(refused()).toBe(0);
    expect(await limited()).toBe(0);
    // The limits did bind: without admission this run would have met them.
    expect(waits.length).toBeGreaterThan(0);
    const { missing, orphans } = await compareWithState(estate.info);
    expect({ missing, orphans }).toEqual({ missing: [], orphans: [] });
  });

  it("adapts when the limits are silently halved: no provider sees a refusal, nothing is lost", async () => {
    writeSites(all);
    await enforce(0.5, false);
    const run = await up(FULL ? undefined : "prod-cell-00");
    report("halved limits", run);
    expect(run.results.flatMap(({ errors }) => errors)).toEqual([]);
    expect(run.results.every(({ ok }) => ok)).toBe(true);
    expect(refused()).toBe(0);
    // It met the smaller limits, waited them out and learned them.
    expect(await limited()).toBe(absorbed());
    const learned = (await ledger.standings()).filter(({ learned }) => learned);
    expect(learned.map(({ key }) => key)).toContain(FULL ? "vercel.project-domain-add" : "vercel.project-create");
    const { missing, orphans } = await compareWithState(estate.info);
    expect({ missing, orphans }).toEqual({ missing: [], orphans: [] });
  });
});
