import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { buildProgram } from "../../../cli/program.ts";
import { inEnvironment } from "../../../environment/index.ts";
import { directoryStore } from "../../../fleet/backend/store/directory-store.ts";
import { keepCharges } from "../../../fleet/cost/charges/keep.ts";
import { cost } from "../../../operations/cost.ts";
import { costAdvice } from "../../../operations/cost-advice.ts";
import { costCharges } from "../../../operations/cost-charges.ts";
import { costForecast } from "../../../operations/cost-forecast.ts";
import { costSpikes } from "../../../operations/cost-spikes.ts";
import { costTarget } from "../../../operations/cost-target.ts";
import { changeSetOf } from "../../../operations/fleet/change-set.ts";
import type { FleetRun } from "../../../operations/fleet/fleet-run.ts";
import { perform } from "../../../operations/kit/operation.ts";
import { historyOf } from "../../../sandbox/vercel/usage/history.ts";
import { HOSTING } from "../../../vendors/index.ts";
import { event, run as previewed, result } from "../fleet/change-set/world.ts";
import { history } from "../fleet/cost/history.ts";
import { PRICES } from "../fleet/cost/support.ts";

// What breaks when these fail: a person or a program asks about money and gets another answer than the library's, or none.

vi.setConfig({ testTimeout: 60_000 });

const state = mkdtempSync(join(tmpdir(), "cost-"));
const empty = mkdtempSync(join(tmpdir(), "cost-none-"));
afterAll(() => {
  for (const dir of [state, empty]) rmSync(dir, { recursive: true });
});
const estate = (dir = state) => ({
  catalogDir: join(process.cwd(), "catalog"),
  configFile: join(process.cwd(), "Pulumi.prod.yaml"),
  env: { SITEFLEET_STATE_DIR: dir },
});

async function* lines(): AsyncGenerator<string> {
  const options = history({ now: Date.now(), months: 4, flatRateMonthsAgo: 2 });
  for (const rows of historyOf(options, 0, options.now)) yield rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

beforeAll(async () => void (await keepCharges(lines(), directoryStore(state))));

describe("each document keeps to its schema", () => {
  it("cost: with the measured use of what the catalog names, and a gate", async () => {
    const { document } = await perform(cost, { by: "kind" }, { estate: estate() });
    expect(cost.output.parse(document)).toEqual(JSON.parse(JSON.stringify(document)));
    expect(document.groups.map(({ name }) => name)).toContain("own");
    expect(document.gates).toMatchObject([{ gate: "monthly-cost", answer: "ask" }]);
  });

  it("charges", async () => {
    const { document, exitCode } = await perform(costCharges, { by: "part" }, { estate: estate() });
    expect(costCharges.output.parse(document)).toEqual(JSON.parse(JSON.stringify(document)));
    expect(document).toMatchObject({ complete: true, refused: 0, currency: "EUR" });
    expect(exitCode).toBe(0);
  });

  it("forecast, and a range from the price list without history", async () => {
    const { document } = await perform(costForecast, { limit: 30 }, { estate: estate() });
    costForecast.output.parse(document);
    expect(document.forecast).toMatchObject({ kind: "forecast", method: expect.any(String) });
    const none = await perform(costForecast, {}, { estate: estate(empty) });
    costForecast.output.parse(none.document);
    expect(none.document.forecast).toMatchObject({
      kind: "range",
      history: 0,
      dependsOn: expect.arrayContaining(["cpu"]),
    });
  });

  it("spikes, which escalate", async () => {
    const { document } = await perform(costSpikes, {}, { estate: estate() });
    expect(costSpikes.output.parse(document)).toEqual(JSON.parse(JSON.stringify(document)));
    expect(document.spikes).toHaveLength(1);
    expect(document.gates).toMatchObject([{ gate: "cost-spike", answer: "escalate" }]);
    await expect(perform(costSpikes, {}, { estate: estate(empty) })).rejects.toMatchObject({ code: "cost.history" });
  });

  it("advice, each with a figure and a change", async () => {
    const { document } = await perform(costAdvice, {}, { estate: estate() });
    costAdvice.output.parse(document);
    expect(document.advice.map(({ id }) => id)).toContain("cache");
    for (const { saving, change } of document.advice) expect([saving > 0, change.length > 0]).toEqual([true, true]);
  });

  it("target", async () => {
    const { document } = await perform(costTarget, { budget: 25 }, { estate: estate() });
    costTarget.output.parse(document);
    expect(document).toMatchObject({ budget: 25, sites: 1500 });
  });
});

it("a line that is not understood makes the answer incomplete, and the exit code says so", async () => {
  const dir = mkdtempSync(join(tmpdir(), "cost-broken-"));
  try {
    cpSync(state, dir, { recursive: true });
    writeFileSync(join(dir, "cost/charges/2026-01-01.jsonl"), '\n{"BillingCurrency":"XYZ"}\n');
    const { document, exitCode } = await perform(costCharges, {}, { estate: estate(dir) });
    expect([document.complete, exitCode]).toEqual([false, 4]);
    expect(document.problems).toMatchObject([{ day: "2026-01-01", line: 2 }]);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

describe("the command line", () => {
  const run = async (...words: string[]): Promise<string> => {
    let text = "";
    const write = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
      text += chunk;
      return true;
    });
    try {
      const program = await buildProgram(words);
      await inEnvironment({ SITEFLEET_STATE_DIR: state }, () => program.parseAsync(words, { from: "user" }));
    } finally {
      write.mockRestore();
    }
    return text;
  };

  it("takes --by and --csv for the command that they stand with", async () => {
    expect(await run("cost", "charges", "--by", "part", "--csv")).toMatch(/^what,amount,currency\r\nmetered,/);
    expect(await run("cost", "--by", "kind", "--csv")).toMatch(
      /^part,projects,amount,currency,estimated,depends on\r\nown,/,
    );
  });

  it("draws the cycle, as a picture that loads nothing", async () => {
    const file = join(empty, "cycle.svg");
    await run("cost", "forecast", "--svg", file, "--csv");
    const { readFileSync } = await import("node:fs");
    const svg = readFileSync(file, "utf8");
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg.match(/<polygon /g)).toHaveLength(2);
    expect(svg).not.toMatch(/NaN|undefined|href|<script/);
  });
});

describe("preview", () => {
  const releases = (): FleetRun => ({
    ...previewed(
      result("prod-cell-07", [
        event({
          op: "update",
          type: HOSTING.type("release"),
          name: "quiz.qmoney.de",
          old: { ref: "a" },
          new: { ref: "b" },
          diff: { ref: { diffKind: "update", inputDiff: true } },
        }),
      ]),
    ),
    unopened: [],
    reasons: {},
  });

  it("puts today's cost into the change set, and nothing without a price list", () => {
    expect(changeSetOf({ ...releases(), prices: PRICES }).cost).toMatchObject({ builds: 1, currency: "USD" });
    expect(changeSetOf(releases()).cost).toBeUndefined();
  });

  it("goes on where a price cannot be changed into the account's currency today", () => {
    const rates = [{ from: "USD", to: "EUR", rate: 1, on: "2090-01-01", source: "later" }];
    expect(changeSetOf({ ...releases(), prices: { ...PRICES, rates } }).cost?.sentences[0]).toContain(
      "cannot be said: no rate leads from USD to EUR",
    );
  });
});

it("cost splits shared projects over zones by requests", async () => {
  const file = join(empty, "traffic.csv");
  writeFileSync(file, "hour,zone,requests\n2026-11-01T00:00:00Z,remotecash.de,1000\n");
  const amountOf = async (traffic?: string) => {
    const { document } = await perform(cost, { by: "zone", traffic }, { estate: estate() });
    return document.groups.find(({ name }) => name === "remotecash.de")?.amount ?? 0;
  };
  expect(await amountOf(file)).toBeGreaterThan(await amountOf());
});
