import { z } from "zod";
import { environment } from "../environment/index.ts";
import { type Tried, tryReceivers } from "../fleet/notify/index.ts";
import { whoRuns } from "../fleet/run/preflight/who.ts";
import { noEvents } from "./kit/events.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";
import { receiversOf } from "./notify/declared.ts";

/** A message to receivers, now: whether each takes it. */
export const notifyTest = defineOperation({
  name: "notify test",
  summary: "send a test message to the receivers of notify.yaml",
  changes: true,
  input: z.object({
    to: flag(z.array(z.string()).optional(), "--to <name>", "only this receiver; may be given several times"),
  }),
  events: noEvents,
  output: z.object({
    ok: z.boolean(),
    receivers: z.array(z.object({ name: z.string(), kind: z.string(), ok: z.boolean(), reason: z.string() })),
  }),
  run({ to }, { estate }): Promise<readonly Tried[]> {
    return tryReceivers(receiversOf(estate.catalogDir, to), environment(), whoRuns());
  },
  document: (tried) => ({ ok: tried.every(({ ok }) => ok), receivers: [...tried] }),
  exitCode: (tried) => (tried.every(({ ok }) => ok) ? 0 : 1),
});
