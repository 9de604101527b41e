import { z } from "zod";
import { environment } from "../environment/index.ts";
import { incidentMessage, takeObservations } from "../fleet/incidents/index.ts";
import { evenGrace, Notifier, type NotifyReport } from "../fleet/notify/index.ts";
import { defaultNotify, readNotify } from "../model/index.ts";
import { noEvents } from "./kit/events.ts";
import { defineOperation } from "./kit/operation.ts";
import { keptIn, receiversOf } from "./notify/declared.ts";

/** How long receivers are waited for, ms: there is no run that waits. */
const WAIT_MS = 20_000;

/** Tells what could not be told, and repeats incidents that no person has acknowledged. For a timer. */
export const notifyFlush = defineOperation({
  name: "notify flush",
  summary: "deliver what could not be delivered, and repeat incidents that are not acknowledged",
  changes: true,
  input: z.object({}),
  events: noEvents,
  output: z.object({
    ok: z.boolean().describe("nothing is left that could be told now"),
    delivered: z.record(z.string(), z.int()).describe("by receiver"),
    left: z.array(z.object({ receiver: z.string(), title: z.string(), reason: z.string() })),
    refused: z.array(z.object({ receiver: z.string(), title: z.string(), reason: z.string() })),
  }),
  async run(_input, { estate }): Promise<NotifyReport> {
    const receivers = receiversOf(estate.catalogDir);
    const store = await keptIn();
    const { repeatMinutes } = (readNotify(estate.catalogDir) ?? defaultNotify()).incidents;
    const now = Date.now();
    const due = await takeObservations(store, [], repeatMinutes * 60_000, now);
    const notifier = new Notifier({ receivers, env: environment(), store });
    for (const one of due) notifier.post(incidentMessage(one, now));
    return notifier.close(evenGrace(WAIT_MS));
  },
  document: ({ delivered, left, refused }) => ({
    ok: left.every(({ reason }) => reason === "") && refused.length === 0,
    delivered: { ...delivered },
    left: left.map(({ receiver, message: { title }, reason }) => ({ receiver, title, reason })),
    refused: [...refused],
  }),
  exitCode: ({ left, refused }) => (left.every(({ reason }) => reason === "") && refused.length === 0 ? 0 : 1),
});
