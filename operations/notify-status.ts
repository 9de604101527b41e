import { z } from "zod";
import { environment } from "../environment/index.ts";
import { type Kept, readKept, variablesOf } from "../fleet/notify/index.ts";
import type { NotifyReceiver } from "../model/index.ts";
import { noEvents } from "./kit/events.ts";
import { defineOperation } from "./kit/operation.ts";
import { keptIn, receiversOf } from "./notify/declared.ts";

/** What is known of the receivers. */
interface NotifyStatus {
  readonly receivers: readonly NotifyReceiver[];
  readonly kept: Kept;
  /** Variables without a value, by receiver. */
  readonly missing: ReadonlyMap<string, readonly string[]>;
}

/** Who is told, and what was not told yet. */
export const notifyStatus = defineOperation({
  name: "notify status",
  summary: "list the receivers, and the messages that could not be delivered yet",
  changes: false,
  input: z.object({}),
  events: noEvents,
  output: z.object({
    receivers: z.array(
      z.object({
        name: z.string(),
        kind: z.string(),
        waiting: z.int(),
        missing: z.array(z.string()).describe("variables that are not set"),
      }),
    ),
    waiting: z.array(
      z.object({
        receiver: z.string(),
        title: z.string(),
        at: z.string(),
        reason: z.string(),
        notBefore: z.string().optional(),
      }),
    ),
    refused: z
      .array(z.object({ receiver: z.string(), title: z.string(), reason: z.string(), at: z.string() }))
      .describe("messages that a receiver will not take; they are not tried again"),
  }),
  async run(_input, { estate }): Promise<NotifyStatus> {
    const receivers = receiversOf(estate.catalogDir);
    const env = environment();
    const missing = receivers.map((one) => [one.name, variablesOf(one).filter((name) => !env[name])] as const);
    return { receivers, kept: await readKept(await keptIn()), missing: new Map(missing) };
  },
  document: ({ receivers, kept, missing }) => ({
    receivers: receivers.map(({ name, kind }) => ({
      name,
      kind,
      waiting: kept.waiting.filter(({ receiver }) => receiver === name).length,
      missing: [...(missing.get(name) ?? [])],
    })),
    waiting: kept.waiting.map(({ receiver, message: { title, at }, reason, notBefore }) => ({
      receiver,
      title,
      at,
      reason,
      notBefore: notBefore > 0 ? new Date(notBefore).toISOString() : undefined,
    })),
    refused: kept.refused,
  }),
});
