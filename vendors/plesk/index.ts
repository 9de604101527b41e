import type { Vendor } from "../vendor.ts";
import { localCommand } from "./undeclared.ts";

/** A host of our own that services are deployed to over SSH, by commands of `plesk/`. A failure there is looked at by a person first. */
export const plesk: Vendor = {
  name: "plesk",
  title: "Plesk",
  providers: {
    command: {
      again: false,
      make: async (name) => new (await import("@pulumi/command")).Provider(name, {}),
    },
  },
  types: {
    "command:local:Command": {
      role: "service",
      undeclared: localCommand,
      losses: {
        changed: "a service's code goes back in seconds, what its migrations change comes back from the snapshot only",
      },
      // The driver's transaction is idempotent.
      repeatable: true,
    },
  },
  others: [[/^/, "service"]],
};
