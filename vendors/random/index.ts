import type { Vendor } from "../vendor.ts";
import { randomPassword } from "./undeclared.ts";

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
      losses: { gone: "a generated value that is gone is not generated again" },
    },
  },
  others: [[/^/, "generated"]],
};
