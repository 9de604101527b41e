import { textOf } from "../../../vendors/live.ts";
import type { Vendor } from "../../../vendors/vendor.ts";

const ZONES = "/zones/*";

/** A DNS vendor that nobody has heard of: what a folder of `vendors/` needs at least. `sandbox/` is its API and its provider. */
const exampleDns: Vendor = {
  name: "example-dns",
  title: "Example DNS",
  providers: {
    "example-dns": { again: true, make: async (name) => new (await import("./dns.ts")).ExampleProvider(name) },
  },
  credentials: { variable: "EXAMPLE_DNS_TOKEN" },
  types: {
    "example-dns:index/zone:Zone": {
      role: "zone",
      calls: {
        create: ["POST /zones"],
        read: [`GET ${ZONES}`],
        update: [],
        delete: [`DELETE ${ZONES}`],
        source: "sandbox",
      },
      losses: { gone: "a deleted zone comes back without records made by hand" },
    },
    "example-dns:index/record:Record": {
      role: "record",
      calls: {
        create: [`POST ${ZONES}/records`],
        read: [`GET ${ZONES}/records/*`],
        update: [],
        delete: [`DELETE ${ZONES}/records/*`],
        source: "sandbox",
      },
    },
  },
  dns: {
    provider: "example-dns",
    load: async () => (await import("./dns.ts")).exampleRecords,
    recordOf: (inputs) => ({
      host: textOf(inputs, "host") ?? "",
      type: textOf(inputs, "type") ?? "",
      content: textOf(inputs, "content") ?? "",
      ttl: Number(inputs.ttl),
      proxied: false,
      ...(typeof inputs.priority === "number" ? { priority: inputs.priority } : {}),
    }),
  },
};

export default exampleDns;
