import { z } from "zod";
import {
  type ChargeProblem,
  ChargeTable,
  completeDays,
  dateOf,
  type Forecast,
  forecastCycle,
  type PriceRange,
  priceRange,
} from "../fleet/cost/index.ts";
import { readAmount } from "./cost/amount.ts";
import { chargesIfKept, pricedCatalog, problemsSchema } from "./cost/estate.ts";
import { noEvents, owned } from "./kit/events.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";

/** What the cycle will come to. */
export interface Forecasted {
  readonly forecast: Forecast | PriceRange;
  readonly problems: readonly ChargeProblem[];
}

const spread = { expected: z.number(), low80: z.number(), high80: z.number(), low95: z.number(), high95: z.number() };
const chance = z.number().describe("0 to 1");

/** What the billing cycle will come to, with its uncertainty. */
export const costForecast = defineOperation({
  name: "cost forecast",
  summary: "forecast the billing cycle: 80 and 95 % interval, and the chance that a limit or tier is passed",
  changes: false,
  input: z.object({
    limit: flag(
      z.number().positive().optional(),
      "--limit <amount>",
      "a further limit, in the account's currency",
      readAmount("--limit"),
    ),
  }),
  events: noEvents,
  output: z.object({
    forecast: owned<Forecast | PriceRange>(
      z.union([
        z.looseObject({
          kind: z.literal("forecast"),
          currency: z.string(),
          cycle: z.object({ from: z.string(), to: z.string().describe("first day of the next cycle") }),
          asOf: z.string().describe("last day whose charges are complete"),
          history: z.int().describe("complete days that were learned from"),
          missing: z.array(z.string()).describe("days of the cycle without charges: reckoned like days to come"),
          method: z.string(),
          errors: z
            .record(z.string(), z.number())
            .describe("each method's error in the backtest, a share of a day's cost"),
          coverage: z
            .object({ judged: z.int(), of80: chance, of95: chance })
            .optional()
            .describe("how often past intervals held"),
          flat: z.array(z.looseObject({ service: z.string(), charged: z.number(), expected: z.number() })),
          metered: z.object({ charged: z.number(), expected: z.number() }),
          credit: z.number(),
          total: z.object(spread),
          limits: z.array(z.object({ name: z.string(), limit: z.number(), chance })),
          tiers: z.array(z.object({ tier: z.string(), monthly: z.number(), chance })),
          days: z.array(z.looseObject({ day: z.string(), known: z.boolean(), ...spread })),
        }),
        z
          .looseObject({
            kind: z.literal("range"),
            currency: z.string(),
            history: z.int(),
            low: z.number(),
            high: z.number(),
            dependsOn: z.array(z.string()),
          })
          .describe("too little history: a range from the price list"),
      ]),
    ),
    problems: problemsSchema,
  }),
  async run({ limit }, { estate }): Promise<Forecasted> {
    const { catalog, prices } = pricedCatalog(estate);
    const now = Date.now();
    const table = (await chargesIfKept(prices)) ?? new ChargeTable(prices);
    const history = completeDays(table, now).length;
    const forecast = forecastCycle(table, prices, { now, limit }) ?? priceRange(catalog, prices, dateOf(now), history);
    return { forecast, problems: table.problems };
  },
  document: ({ forecast, problems }) => ({ forecast, problems: [...problems] }),
  exitCode: ({ problems }) => (problems.length > 0 ? 4 : 0),
});
