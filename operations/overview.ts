import { z } from "zod";
import { overviewSchema } from "../fleet/overview/index.ts";
import { noEvents } from "./kit/events.ts";
import { flag } from "./kit/flags.ts";
import { hostOf } from "./kit/host.ts";
import { defineOperation } from "./kit/operation.ts";
import { Reader } from "./overview/read.ts";

/** What the estate is and does now, from what was kept. */
export const overview = defineOperation({
  name: "overview",
  summary:
    "say what the estate is and does now: up or not, what runs, what waits for a person, budgets, cost. Asks no vendor and no site.",
  changes: false,
  input: z.object({
    site: flag(z.string().optional(), "--site <host>", "all that is known of this site as well", hostOf),
    sites: flag(z.boolean().optional(), "--sites", "list every site as well"),
    traffic: flag(
      z.string().optional(),
      "--traffic <file>",
      "hourly requests, as `sitefleet plan --traffic` takes them, for the best window",
    ),
  }),
  events: noEvents,
  output: overviewSchema,
  run: ({ site, sites, traffic }, { estate }) => new Reader(estate, traffic).read({ site, sites }),
  document: (found) => found,
});
