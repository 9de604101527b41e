import type { Vendor } from "../vendor.ts";

/** A host of our own that services are deployed to over SSH, by commands of `plesk/`. A failure there is looked at by a person first. */
export const plesk: Vendor = {
  name: "plesk",
  title: "Plesk",
  providers: { command: { again: false } },
  types: {
    "command:local:Command": {
      role: "service",
      losses: {
        changed: "a service's code goes back in seconds, what its migrations change comes back from the snapshot only",
      },
      // The driver's transaction is idempotent.
      repeatable: true,
    },
  },
  others: [[/^/, "service"]],
};
