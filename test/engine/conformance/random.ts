import type { ProviderTable, TypeRow } from "./types.ts";

// Every input of these types replaces; keepers are the usual reason.
const keepers: TypeRow["changes"] = [
  { name: "keeper-added", to: { keepers: { release: "1" } }, becomes: "replace, create first" },
  {
    name: "keeper-changed",
    from: { keepers: { a: "1" } },
    to: { keepers: { a: "2" } },
    becomes: "replace, create first",
  },
];
const length: TypeRow["changes"] = [{ name: "length", to: { length: 20 }, becomes: "replace, create first" }];
const characters: TypeRow["changes"] = [
  { name: "special", to: { special: false }, becomes: "replace, create first" },
  { name: "special-true", to: { special: true }, becomes: "same" },
  { name: "minimum", to: { minNumeric: 2 }, becomes: "replace, create first" },
];
const defaults = {
  length: 16,
  upper: true,
  lower: true,
  numeric: true,
  number: true,
  special: true,
  minUpper: 0,
  minSpecial: 0,
};

/** Random, as pulumi-random 4.21 behaves. */
export const random: ProviderTable = {
  provider: "random",
  version: "4.21.0",
  world: async () => {
    return { env: {}, facts: {}, api: async () => undefined, leftovers: () => [], stop: async () => {} };
  },
  types: [
    {
      type: "random:index/randomBytes:RandomBytes",
      inputs: () => ({ length: 32 }),
      required: ["length"],
      invalid: [{ name: "no bytes at all", with: { length: 0 }, says: /at least 1/ }],
      outputs: { length: 32 },
      unknown: ["base64", "hex"],
      secret: ["base64", "hex"],
      changes: [...keepers, { name: "length", to: { length: 33 }, becomes: "replace, create first" }],
    },
    {
      type: "random:index/randomId:RandomId",
      inputs: () => ({ byteLength: 8 }),
      required: ["byteLength"],
      outputs: { byteLength: 8, hex: /^[0-9a-f]{16}$/, dec: /^\d+$/, b64Std: /=$/, b64Url: /^[\w-]{11}$/ },
      unknown: ["hex", "dec", "b64Std", "b64Url"],
      changes: [
        ...keepers,
        { name: "byte-length", to: { byteLength: 4 }, becomes: "replace, create first" },
        { name: "prefix", to: { prefix: "p-" }, becomes: "replace, create first" },
      ],
      importId: ({ outputs }) => String(outputs.b64Url),
    },
    {
      type: "random:index/randomPassword:RandomPassword",
      inputs: () => ({ length: 16 }),
      required: ["length"],
      invalid: [{ name: "shorter than its parts", with: { minUpper: 10, minLower: 10 }, says: /must be at least/ }],
      outputs: defaults,
      unknown: ["result", "bcryptHash"],
      secret: ["result", "bcryptHash"],
      changes: [...keepers, ...length, ...characters],
    },
    {
      type: "random:index/randomString:RandomString",
      inputs: () => ({ length: 16 }),
      required: ["length"],
      outputs: { ...defaults, result: /^.{16}$/ },
      unknown: ["result"],
      changes: [...keepers, ...length, ...characters],
      importId: ({ id }) => id,
    },
  ],
};
