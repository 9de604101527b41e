import { z } from "zod";
import {
  currentWave,
  entrySchema,
  type Request,
  type RolloutRecord,
  recordSchema,
} from "../../fleet/releases/rollout/index.ts";
import type { StackState } from "../../stacks/desired.ts";
import { owned } from "../kit/events.ts";

/** Exit codes of a rollout that waits for a person, see docs/reference/cli.md. */
const PAUSED = 3;
const INCONCLUSIVE = 4;

const { before: _, target: __, ...shown } = recordSchema.shape;

const state = owned<StackState>(z.looseObject({ kind: z.string() }));

/** A rollout that was planned, whole: what a person agrees to. */
export const agreedRollout = recordSchema.extend({
  before: z.record(z.string(), state.nullable()).describe("what the stacks were; null = there was none"),
  target: z.record(z.string(), state).describe("what they are to be"),
});

/** A rollout for programs: without the states that it goes between. */
export const rolloutDocument = z.object({
  ok: z.boolean().describe("false: a wave that failed has stopped it"),
  ...shown,
});

/** What `rollout --json` prints: the rollout, or that there is nothing to bring. */
export const plannedDocument = z.union([
  rolloutDocument,
  z.strictObject({ ok: z.literal(true), status: z.literal("done"), reason: z.string(), waves: z.array(z.never()) }),
]);

/** What `rollout status --json` prints. */
export const statusDocument = z.union([
  rolloutDocument.extend({
    runner: z
      .object({ user: z.string(), host: z.string(), pid: z.int(), since: z.string() })
      .nullable()
      .describe("the process that carries it out"),
    events: z.array(entrySchema),
  }),
  z.strictObject({ status: z.literal("none") }),
]);

/** A rollout for programs. Pure. */
export function documentOf({ before: _, target: __, ...rest }: RolloutRecord) {
  return { ok: rest.status !== "stopped", ...rest };
}

/** A rollout that was planned, or that no site or service differs. Pure. */
export const plannedOf = (record: RolloutRecord | undefined): z.input<typeof plannedDocument> =>
  record ? documentOf(record) : { ok: true, status: "done", reason: "no site or service differs", waves: [] };

/** Exit code of a rollout: whether it waits for a person. @param want what was asked of it. Pure. */
export function exitOf(record: RolloutRecord | undefined, want?: Request["want"]): number {
  if (record?.status === "stopped" || record?.status === "aborting") return 1;
  if (record?.status !== "paused" || want === "pause") return 0;
  return currentWave(record)?.step === "doubtful" ? INCONCLUSIVE : PAUSED;
}
