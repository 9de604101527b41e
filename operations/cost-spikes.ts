import { z } from "zod";
import { type CostGate, costGates, findSpikes, type Spike } from "../fleet/cost/index.ts";
import { changeRuns, keptCharges, pricedCatalog } from "./cost/estate.ts";
import { gatesSchema } from "./cost/gates.ts";
import { noEvents } from "./kit/events.ts";
import { wholeNumber } from "./kit/fields.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";

/** Days that cost more than expected. */
export interface Spiked {
  readonly spikes: readonly Spike[];
  readonly currency: string;
  readonly gates: readonly CostGate[];
}

/** Days that cost more than expected, with what made them. */
export const costSpikes = defineOperation({
  name: "cost spikes",
  summary: "find days that cost more than expected, with project, product, region and the run before",
  changes: false,
  input: z.object({
    days: flag(
      z.int().min(1).default(30),
      "--days <n>",
      "judge so many days, the newest (default: 30)",
      wholeNumber("--days"),
    ),
  }),
  events: noEvents,
  output: z.object({
    currency: z.string(),
    spikes: z.array(
      z.object({
        day: z.string(),
        cost: z.number(),
        expected: z.number(),
        above: z.number(),
        causes: z.array(
          z.object({
            project: z.string().describe("id; empty for the team"),
            name: z.string(),
            product: z.string(),
            region: z.string(),
            above: z.number(),
          }),
        ),
        after: z.object({ run: z.string(), at: z.string(), operation: z.string() }).optional(),
      }),
    ),
    gates: gatesSchema,
  }),
  async run({ days }, { estate }): Promise<Spiked> {
    const { prices } = pricedCatalog(estate);
    const spikes = findSpikes(await keptCharges(prices), prices, { now: Date.now(), days, runs: changeRuns() });
    const largest = spikes.toSorted((a, b) => b.above - a.above)[0];
    const [cause] = largest?.causes ?? [];
    const spikeAt =
      largest && `${[cause?.name, cause?.product, cause?.region].filter(Boolean).join(", ")} on ${largest.day}`;
    const gates = costGates({ monthly: 0, spike: largest?.above ?? 0, spikeAt }, prices).slice(1);
    return { spikes, currency: prices.account.currency, gates };
  },
  document: ({ spikes, currency, gates }) => ({
    currency,
    spikes: spikes.map(({ causes, ...spike }) => ({ ...spike, causes: [...causes] })),
    gates: [...gates],
  }),
});
