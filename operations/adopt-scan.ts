import { z } from "zod";
import { adoptEvent } from "./adopt/events.ts";
import { type Scanned, scanEstate } from "./adopt/scan.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";

/** Reads all that the vendors and hosts have. */
export const adoptScan = defineOperation({
  name: "adopt scan",
  summary: "read all that the vendors and hosts have: page by page, within their limits. Goes on where it was cut off.",
  // What it reads is kept in the state's folder.
  changes: true,
  input: z.object({
    again: flag(z.boolean().optional(), "--again", "begin anew, also where an earlier scan was cut off"),
    services: flag(z.boolean().optional(), "--no-services", "leave the services' hosts out"),
  }),
  events: adoptEvent,
  output: z.object({
    begun: z.string().describe("ISO 8601"),
    ended: z.string().optional().describe("ISO 8601; absent: it did not come to its end"),
    pages: z.int(),
    objects: z.record(z.string(), z.int()).describe("by vendor and role, as `vendor role`"),
    calls: z.record(z.string(), z.int()).optional().describe("calls by vendor, of this run"),
    seconds: z.number(),
    file: z.string(),
  }),
  run: ({ again, services }, tools): Promise<Scanned> => scanEstate(tools, { again, services: services !== false }),
  document: ({ inventory, file, calls, seconds }) => {
    const objects: Record<string, number> = {};
    for (const { vendor, role } of inventory.seen)
      objects[`${vendor} ${role}`] = (objects[`${vendor} ${role}`] ?? 0) + 1;
    const { begun, ended, pages } = inventory;
    return { begun, ended, pages, objects, calls, seconds, file };
  },
  exitCode: ({ inventory }) => (inventory.ended === undefined ? 3 : 0),
});
