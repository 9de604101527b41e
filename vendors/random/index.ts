import type { Vendor } from "../vendor.ts";
import { randomPassword } from "./undeclared.ts";

/** What a state has of the classes of characters where nothing is asked for (terraform-provider-random, `passwordSchemaV3`). */
const FEWEST = { minLower: 0, minNumeric: 0, minSpecial: 0, minUpper: 0 };

/** No vendor at all: values that are made by chance and live in the state alone, so that making one again is harmless. */
export const random: Vendor = {
  name: "random",
  title: "random values",
  providers: {
    random: {
      again: false,
      repeatable: true,
      make: async (name) => new (await import("@pulumi/random")).Provider(name, {}),
    },
  },
  types: {
    "random:index/randomPassword:RandomPassword": {
      role: "generated",
      undeclared: randomPassword,
      // Importing it takes the value as the id, which no state encrypts: it has the id of one that was made.
      adopt: (inputs, _, value) => ({
        by: "declaration",
        id: "none",
        outputs: { ...FEWEST, ...inputs, id: "none", number: inputs.numeric, result: value },
        secret: ["result"],
      }),
      losses: { gone: "a generated value that is gone is not generated again" },
    },
  },
  others: [[/^/, "generated"]],
};
