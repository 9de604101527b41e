import { z } from "zod";
import { VENDORS } from "../vendor-names.ts";
import { read, text, Words } from "./values.ts";

/** What a price is paid for by use. A component's `cost.ts` says which of them it has. */
export const DRIVERS = [
  "builds",
  "requests",
  "transfer",
  "cpu",
  "memory",
  "invocations",
  "reads",
  "writes",
  "images",
  "events",
] as const;

const Day = text(/^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, "YYYY-MM-DD").refine(
  // 30 February is none.
  (day) => new Date(Date.parse(day) || 0).toISOString().startsWith(day),
  { error: "a day that there is" },
);
const Word = text(/^[a-z][a-z0-9-]{0,30}$/, "a lower case word");
const Currency = text(/^[A-Z]{3}$/, "three capital letters such as USD");
const amount = z.number().min(0);

const common = {
  id: text(/^[a-z]+\.[a-z0-9-]+$/, '"<vendor>.<what>" in lower case').meta({
    description: "Name of the price; the same may stand once for each region, plan and date.",
    examples: ["vercel.build"],
  }),
  vendor: z.enum(VENDORS).meta({ description: "Who charges it." }),
  what: Words.meta({ description: "What is paid for, in words." }),
  services: z.array(Words).default([]).meta({ description: "Names under which charges list it (ServiceName)." }),
  currency: Currency.default("USD").meta({ description: "Currency of the amounts." }),
  region: Word.default("any").meta({ description: "The vendor's region; any = all without a row of their own." }),
  plan: Word.default("any").meta({ description: "The vendor's plan; any = all." }),
  effectiveFrom: Day.meta({ description: "First day on which it holds, until a row of a later day." }),
  source: Words.meta({ description: "Where it was read." }),
  ...read,
};

const Fixed = z.strictObject({
  kind: z.literal("fixed").meta({ description: "A sum a month, whatever is used." }),
  ...common,
  amount: amount.meta({ description: "What it costs." }),
  unit: z
    .enum(["team", "seat", "project", "zone"])
    .meta({ description: "What it is paid for each of; a seat counts from the second on." }),
  credit: amount.default(0).meta({ description: "Metered use that it pays for in a billing cycle." }),
  when: Word.optional().meta({
    description: "Only where this is switched on: an extra of the account, or a plan of a zone.",
  }),
});

const Stepwise = z.strictObject({
  kind: z.literal("stepwise").meta({ description: "A tier; what passes it means the next tier in the next cycle." }),
  ...common,
  tiers: z
    .array(
      z.strictObject({
        name: Word.meta({ description: "Name of the tier." }),
        amount: amount.meta({ description: "What it costs a month." }),
        includes: z
          .partialRecord(z.enum(DRIVERS), amount)
          .meta({ description: "What is covered in a cycle, by driver." }),
      }),
    )
    .min(1)
    .meta({ description: "The tiers, smallest first." }),
});

const Metered = z.strictObject({
  kind: z.literal("metered").meta({ description: "Paid by use." }),
  ...common,
  driver: z.enum(DRIVERS).meta({ description: "What it depends on." }),
  amount: amount.meta({ description: "What `quantity` units cost; the lowest of the regions." }),
  highest: amount.optional().meta({ description: "The same in the dearest region." }),
  quantity: z.number().positive().default(1).meta({ description: "Units that the amount is for." }),
  unit: Words.meta({ description: "What is counted, e.g. CPU-minutes." }),
  included: amount.default(0).meta({ description: "Units in a cycle that cost nothing." }),
});

/** A price with its source. */
const PriceShape = z.discriminatedUnion("kind", [Fixed, Stepwise, Metered]);

/** A month's use of one site or project. */
const Use = z.partialRecord(z.enum(DRIVERS), amount);

/** prices.yaml. */
export const PricesFile = z.strictObject({
  account: z
    .strictObject({
      plan: Word.default("pro").meta({ description: "The team's plan." }),
      region: Word.default("any").meta({ description: "Region that functions run in." }),
      seats: z.int().min(1).default(1).meta({ description: "Seats that may deploy." }),
      cycleDay: z.int().min(1).max(28).default(1).meta({ description: "Day of the month a billing cycle begins on." }),
      cdn: z.enum(["flat", "on-demand"]).default("on-demand").meta({ description: "How the CDN is paid." }),
      tier: Word.optional().meta({ description: "The tier of a flat CDN; without it the first." }),
      buildMinutes: z
        .number()
        .positive()
        .default(2)
        .meta({ description: "Minutes a build takes; paid in full minutes." }),
      buildCpus: z.int().min(1).default(4).meta({ description: "CPUs of the machine that builds." }),
      extras: z.array(Word).default([]).meta({ description: "Extras that are switched on for every project." }),
      currency: Currency.default("EUR").meta({ description: "Currency of budgets and reports." }),
    })
    .prefault({})
    .meta({ description: "What the team has agreed with its vendors." }),
  budget: z
    .strictObject({
      approval: amount.default(20).meta({ description: "A month's cost above which a person must approve." }),
      spike: amount.default(10).meta({ description: "Cost above the expected day that is a spike." }),
      target: amount.default(25).meta({ description: "What a month is meant to cost." }),
    })
    .prefault({})
    .meta({ description: "Limits in the account's currency." }),
  rates: z
    .array(
      z.strictObject({
        from: Currency,
        to: Currency,
        rate: z.number().positive().meta({ description: "How much of `to` one of `from` is." }),
        on: Day.meta({ description: "First day on which it is used." }),
        source: Words,
      }),
    )
    .default([])
    .meta({ description: "Dated exchange rates." }),
  usage: z
    .strictObject({ own: Use.prefault({}), shared: Use.prefault({}) })
    .prefault({})
    .meta({
      description: "A month's use of a project of each kind where nothing was measured; what is left out is unknown.",
    }),
  prices: z.array(PriceShape).min(1).meta({ description: "The prices." }),
});

/** What a price is paid for by use. */
export type Driver = (typeof DRIVERS)[number];
/** A price of any kind. */
export type Price = z.output<typeof PriceShape>;
/** prices.yaml as it is used. */
export type Prices = z.output<typeof PricesFile>;
