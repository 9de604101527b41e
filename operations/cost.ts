import { z } from "zod";
import { readTraffic } from "../fleet/budget/strategy/traffic.ts";
import { changeSetShape, readChangeSet } from "../fleet/change-set/index.ts";
import {
  type ChangeCost,
  type CostGate,
  type CostGroup,
  costGates,
  costOfChanges,
  type Estimate,
  estimate,
  GROUPINGS,
  groupEstimate,
} from "../fleet/cost/index.ts";
import { DRIVERS } from "../model/index.ts";
import { pricedCatalog, recentUse } from "./cost/estate.ts";
import { gatesSchema } from "./cost/gates.ts";
import { noEvents } from "./kit/events.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";

/** What the desired state costs a month, and a change of it. */
export interface Costed {
  readonly estimate: Estimate;
  readonly by: CostGroup[];
  readonly change: ChangeCost | undefined;
  readonly gates: readonly CostGate[];
}

const drivers = z.array(z.enum(DRIVERS)).describe("drivers whose use is not known; their cost is on top");

/** What the estate costs a month. */
export const cost = defineOperation({
  name: "cost",
  summary: "say what the declared estate costs a month, line by line, and what a change adds",
  changes: false,
  input: z.object({
    month: flag(
      z
        .string()
        .regex(/^20\d\d-(0[1-9]|1[0-2])$/, "a month is written YYYY-MM")
        .optional(),
      "--month <month>",
      "with the prices that hold on the first day of this month (default: today's)",
    ),
    by: flag(z.enum(GROUPINGS).default("zone"), "--by <what>", `divide it by ${GROUPINGS.join(", ")} (default: zone)`),
    traffic: flag(
      z.string().optional(),
      "--traffic <file>",
      "requests (CSV hour,zone,requests), by which shared projects are split over zones",
    ),
    changeSet: flag(
      z.string().optional(),
      "--change-set <file>",
      "what carrying out this change set costs (sitefleet preview --out FILE.json)",
    ),
  }),
  events: noEvents,
  output: z.object({
    on: z.string().describe("day of the prices"),
    currency: z.string().describe("of totals and groups"),
    total: z.number().describe("a month, without what depends on use"),
    dependsOn: drivers,
    lines: z.array(
      z.object({
        price: z.string(),
        what: z.string(),
        part: z.enum(["fixed", "stepwise", "metered", "credit"]),
        quantity: z.number().optional(),
        unit: z.string(),
        amount: z.number().optional().describe("in the line's currency; absent = it depends on use, never 0"),
        currency: z.string(),
        driver: z.enum(DRIVERS).optional(),
        unknown: z.int().describe("projects whose use is not known"),
        sources: z.record(z.string(), z.int()).describe("where the use is from, with the projects of each"),
        disputed: z.array(z.string()).optional().describe("sources that disagree about the price"),
        note: z.string().optional(),
      }),
    ),
    groups: z.array(
      z.object({ name: z.string(), amount: z.number(), projects: z.int(), dependsOn: drivers, estimated: z.boolean() }),
    ),
    change: changeSetShape.shape.cost,
    gates: gatesSchema,
  }),
  async run({ month, by, traffic, changeSet }, { estate }): Promise<Costed> {
    const { catalog, prices } = pricedCatalog(estate);
    const now = Date.now();
    const on = month === undefined ? new Date(now).toISOString().slice(0, 10) : `${month}-01`;
    const found = estimate(catalog, prices, { on, useOf: await recentUse(catalog, prices, now) });
    const change = changeSet === undefined ? undefined : costOfChanges(readChangeSet(changeSet).changes, prices, on);
    // What is declared has the change in it already.
    const added = change?.monthly.amount ?? 0;
    const gates = costGates({ monthly: found.total - added, added, dependsOn: found.dependsOn }, prices);
    return { estimate: found, by: groupEstimate(found, by, requestsIn(traffic)), change, gates: gates.slice(0, 1) };
  },
  document: ({ estimate: { on, currency, total, dependsOn, lines }, by, change, gates }) => ({
    on,
    currency,
    total,
    dependsOn: [...dependsOn],
    lines: lines.map(({ disputed, ...line }) => ({
      ...line,
      disputed: disputed && [...disputed],
      sources: { ...line.sources },
    })),
    groups: by.map((group) => ({ ...group, dependsOn: [...group.dependsOn] })),
    change,
    gates: [...gates],
  }),
});

/** Requests by zone. @throws SitefleetError `traffic.invalid` */
function requestsIn(file: string | undefined): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { zone, requests } of file === undefined ? [] : readTraffic(file))
    sums.set(zone, (sums.get(zone) ?? 0) + requests);
  return sums;
}
