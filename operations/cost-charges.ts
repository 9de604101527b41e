import { z } from "zod";
import { environment } from "../environment/index.ts";
import {
  addDays,
  type ChargeProblem,
  type ChargeTable,
  dateOf,
  type Kept,
  keepCharges,
  keptDays,
  readKept,
  type Series,
} from "../fleet/cost/index.ts";
import { readConfigFile } from "../fleet/run/needs/encryption.ts";
import { VENDORS } from "../vendors/index.ts";
import { chargeStore, dayField, pricedCatalog, problemsSchema } from "./cost/estate.ts";
import type { Estate } from "./kit/estate.ts";
import { noEvents } from "./kit/events.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";

/** Days before the newest kept one that are fetched again: corrections of past days arrive this way. */
const AGAIN_DAYS = 14;
/** Months that a first fetch asks for. */
const FIRST_DAYS = 550;

const BY = ["day", "product", "project", "region", "part"] as const;

/** What was charged. */
export interface Charged {
  readonly table: ChargeTable;
  readonly fetched: Kept | undefined;
  readonly groups: readonly { readonly name: string; readonly amount: number }[];
  readonly total: number;
  readonly problems: readonly ChargeProblem[];
}

/** What the vendor has charged. */
export const costCharges = defineOperation({
  name: "cost charges",
  summary: "show what was charged; with --fetch what is new is fetched and kept, a file a day",
  changes: true,
  input: z.object({
    fetch: flag(z.boolean().optional(), "--fetch", "fetch new and corrected days first"),
    from: dayField("--from <day>", "first day (default: all that is kept)"),
    to: dayField("--to <day>", "last day (default: today)"),
    by: flag(z.enum(BY).default("product"), "--by <what>", `add up by ${BY.join(", ")} (default: product)`),
  }),
  events: noEvents,
  output: z.object({
    currency: z.string(),
    complete: z.boolean().describe("every line could be used"),
    total: z.number(),
    groups: z.array(z.object({ name: z.string(), amount: z.number() })).describe("dearest first; days in order"),
    days: z.int(),
    lines: z.int(),
    refused: z.int().describe("lines that are not in the sums"),
    problems: problemsSchema,
    boundaries: z.array(z.string()).describe("when the vendor's day begins, as the charges have it"),
    fetched: z
      .object({ lines: z.int(), added: z.array(z.string()), corrected: z.array(z.string()) })
      .optional()
      .describe("days that are new, and days that are otherwise than before"),
  }),
  async run({ fetch, from = "", to = "9999", by }, { estate }): Promise<Charged> {
    const { prices } = pricedCatalog(estate);
    const store = await chargeStore();
    const fetched = fetch ? await fetchCharges(estate, from) : undefined;
    const table = await readKept(store, prices, from);
    const sums = new Map<string, number>();
    let total = 0;
    for (const day of table.days) {
      if (day > to) continue;
      for (const [index, cost = 0] of (table.costsOf(day) ?? []).entries()) {
        const series = table.series[index];
        if (series === undefined) continue;
        const name = by === "day" ? day : nameOf(table, series, by);
        sums.set(name, (sums.get(name) ?? 0) + cost);
        total += cost;
      }
    }
    const groups = [...sums].map(([name, amount]) => ({ name, amount }));
    const order = by === "day" ? undefined : (a: { amount: number }, b: { amount: number }) => b.amount - a.amount;
    return { table, fetched, groups: order ? groups.sort(order) : groups, total, problems: table.problems };
  },
  document: ({ table, fetched, groups, total, problems }) => ({
    currency: table.currency,
    complete: table.refused === 0,
    total,
    groups: [...groups],
    days: table.days.length,
    lines: table.lines,
    refused: table.refused,
    problems: [...problems],
    boundaries: [...table.boundaries.keys()].sort(),
    fetched: fetched && { lines: fetched.lines, added: [...fetched.added], corrected: [...fetched.corrected] },
  }),
  // What is there is reported, and the exit code says that it is not all.
  exitCode: ({ table }) => (table.refused > 0 ? 4 : 0),
});

function nameOf(table: ChargeTable, { service, project, region, part }: Series, by: (typeof BY)[number]): string {
  if (by === "project") return project === "" ? "(team)" : (table.names.get(project) ?? project);
  if (by === "region") return region === "" ? "(none)" : region;
  return by === "part" ? part : service;
}

/** Fetches from every vendor that bills what is not kept yet, and the last two weeks again. */
async function fetchCharges({ configFile }: Estate, from: string): Promise<Kept> {
  const store = await chargeStore();
  const newest = (await keptDays(store)).at(-1);
  const today = dateOf(Date.now());
  const start = from || (newest === undefined ? addDays(today, -FIRST_DAYS) : addDays(newest, -AGAIN_DAYS));
  const env = environment();
  const config = readConfigFile(configFile).config as Readonly<Record<string, unknown>> | undefined;
  let lines = 0;
  const added: string[] = [];
  const corrected: string[] = [];
  for (const { billing } of VENDORS) {
    if (billing === undefined) continue;
    const named = config?.[`sitefleet:${billing.team}`];
    const team = typeof named === "string" && named !== "none" ? named : undefined;
    for (let at = start; at <= today; at = addDays(at, billing.longestDays)) {
      const last = addDays(at, billing.longestDays);
      const to = last > today ? addDays(today, 1) : last;
      const range = { from: `${at}T00:00:00.000Z`, to: `${to}T00:00:00.000Z` };
      const kept = await keepCharges(billing.charges(range, env, team), store);
      lines += kept.lines;
      added.push(...kept.added);
      corrected.push(...kept.corrected);
    }
  }
  return { lines, added, corrected };
}
