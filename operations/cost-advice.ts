import { z } from "zod";
import { type Advice, adviceFor, dateOf } from "../fleet/cost/index.ts";
import { chargesIfKept, pricedCatalog } from "./cost/estate.ts";
import { noEvents } from "./kit/events.ts";
import { defineOperation } from "./kit/operation.ts";

/** Ways to pay less. */
export interface Advised {
  readonly advice: readonly Advice[];
  readonly currency: string;
}

/** Ways to pay less, each with its figure and the change of the catalog that would do it. */
export const costAdvice = defineOperation({
  name: "cost advice",
  summary: "name ways to pay less, each with its saving and the change of the catalog. Changes nothing.",
  changes: false,
  input: z.object({}),
  events: noEvents,
  output: z.object({
    currency: z.string(),
    advice: z.array(
      z.object({
        id: z.enum(["share-projects", "build-less", "cache", "flat-rate", "extras-off"]),
        saving: z.number().describe("a month"),
        why: z.string(),
        change: z.string().describe("of the catalog"),
      }),
    ),
  }),
  async run(_, { estate }): Promise<Advised> {
    const { catalog, prices } = pricedCatalog(estate);
    const now = Date.now();
    const table = await chargesIfKept(prices);
    return { advice: adviceFor(catalog, prices, { on: dateOf(now), now, table }), currency: prices.account.currency };
  },
  document: ({ advice, currency }) => ({ currency, advice: [...advice] }),
});
