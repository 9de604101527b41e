import { plainText } from "../adoptable.ts";
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
      // Loaded only then: no other use of this list needs the driver's documents.
      async adopt(inputs, release) {
        const { adoptedResult } = await import("../../components/plesk-service/adopted.ts");
        const stdout = adoptedResult(plainText(inputs.stdin), release);
        const id = release.slice(0, 16);
        return { by: "declaration", id, outputs: { ...inputs, stdout, stderr: "" }, secret: ["stdout", "stderr"] };
      },
      losses: {
        changed: "a service's code goes back in seconds, what its migrations change comes back from the snapshot only",
      },
      // The driver's transaction is idempotent.
      repeatable: true,
    },
  },
  others: [[/^/, "service"]],
};
