import { z } from "zod";
import { VENDORS } from "../vendor-names.ts";
import { read, text, Words } from "./values.ts";

/** A limit of a vendor. */
export const LimitShape = z.strictObject({
  id: text(/^[a-z]+\.[a-z0-9-]+$/, '"<vendor>.<what>" in lower case').meta({
    description: "Name of the limit; the same may stand once for each plan.",
    examples: ["vercel.project-create"],
  }),
  vendor: z.enum(VENDORS).meta({ description: "Whose limit it is; sitefleet = our own." }),
  what: Words.meta({ description: "What is limited, in words." }),
  amount: z.number().positive().meta({ description: "How many." }),
  unit: text(/^[a-z][a-z -]{0,30}$/, "a lower case word")
    .optional()
    .meta({ description: "What the amount counts; default calls with per, else items." }),
  per: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .meta({ description: "Seconds in which the amount may be used; null = a maximum at any time." }),
  scope: text(/^[a-z][a-z-]{0,30}$/, "a lower case word such as team").meta({ description: "What shares the limit." }),
  plan: text(/^[a-z][a-z-]{0,30}$/, "a lower case word such as pro")
    .default("any")
    .meta({ description: "The vendor's plan; any = all." }),
  source: Words.meta({ description: "Where it was read: address, or provider source." }),
  ...read,
});

/** limits.yaml. */
export const LimitsFile = z.strictObject({ limits: z.array(LimitShape).min(1).meta({ description: "The limits." }) });
