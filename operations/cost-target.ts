import { z } from "zod";
import { dateOf, type TargetAnswer, targetAnswer } from "../fleet/cost/index.ts";
import { readAmount } from "./cost/amount.ts";
import { pricedCatalog } from "./cost/estate.ts";
import { noEvents, owned } from "./kit/events.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";

/** What a month's budget would need. */
export const costTarget = defineOperation({
  name: "cost target",
  summary: "say what a month's budget would need, item by item",
  changes: false,
  input: z.object({
    budget: flag(
      z.number().positive().optional(),
      "--budget <amount>",
      "a month's budget in the account's currency (default: budget.target of prices.yaml)",
      readAmount("--budget"),
    ),
  }),
  events: noEvents,
  output: owned<TargetAnswer>(
    z.object({
      budget: z.number(),
      currency: z.string(),
      sites: z.int(),
      projects: z.int(),
      items: z.array(z.object({ what: z.string(), amount: z.number().optional(), note: z.string() })),
      left: z.number().describe("of the budget after what is certain"),
      needs: z.array(z.string()).describe("what must hold for the budget to be enough"),
      possible: z.boolean(),
    }),
  ),
  async run({ budget }, { estate }): Promise<TargetAnswer> {
    const { catalog, prices } = pricedCatalog(estate);
    return targetAnswer(catalog, prices, { budget, on: dateOf(Date.now()) });
  },
  document: (answer) => answer,
});
