import { z } from "zod";

/** What gates need to know of money, see `costGates`. */
export const gatesSchema = z.array(
  z.object({
    gate: z.enum(["monthly-cost", "cost-spike"]),
    answer: z.enum(["ask", "escalate", "pass"]).describe("ask: a person must approve; escalate: a person must be told"),
    value: z.number(),
    limit: z.number(),
    currency: z.string(),
    reason: z.string(),
  }),
);
