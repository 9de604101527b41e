import { z } from "zod";
import type { Holder } from "../fleet/backend/locks/locks.ts";
import { type RolloutEntry, type RolloutRecord, rolloutLockHolder } from "../fleet/releases/rollout/index.ts";
import { noEvents } from "./kit/events.ts";
import { defineOperation } from "./kit/operation.ts";
import { documentOf, statusDocument } from "./rollout/documents.ts";
import { latestRollout, openFiles, openPlace } from "./rollout/open.ts";

/** Where the newest rollout is. */
export interface RolloutStatus {
  readonly record: RolloutRecord;
  /** Who carries it out. */
  readonly holder: Holder | undefined;
  readonly events: readonly RolloutEntry[];
}

/** The newest rollout, whichever process carries it out. */
export const rolloutStatus = defineOperation({
  name: "rollout status",
  summary: "show the newest rollout: its waves, and what has happened",
  changes: false,
  input: z.object({}),
  events: noEvents,
  output: statusDocument,
  async run(): Promise<RolloutStatus | undefined> {
    const files = await openFiles();
    const record = await latestRollout(files);
    const holder = await rolloutLockHolder(await openPlace());
    return record && { record, holder, events: await files.events(record.id) };
  },
  document(status): z.input<typeof statusDocument> {
    if (status === undefined) return { status: "none" };
    const { record, holder, events } = status;
    const runner = holder ? { user: holder.user, host: holder.host, pid: holder.pid, since: holder.since } : null;
    return { ...documentOf(record), runner, events: [...events] };
  },
});
