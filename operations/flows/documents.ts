import { z } from "zod";
import type { FlowResult } from "../../flows/types.ts";
import { owned } from "../kit/events.ts";
import { flowState } from "../kit/proof-events.ts";
import type { TakenAway } from "./left.ts";
import type { PerformedFlows } from "./perform.ts";

const text = z.string();
const count = z.int().min(0);

const resultSchema = owned<FlowResult>(
  z.object({
    flow: text,
    title: text,
    service: text,
    state: flowState,
    reason: text,
    tries: z.array(
      z.object({
        ok: z.boolean(),
        reason: text,
        step: count.optional().describe("that failed, from 1"),
        milliseconds: z.number(),
        evidence: z.array(text).describe("files: a picture of the page, a trace"),
        url: text.optional(),
        left: text.optional().describe("why what it left could not be taken away"),
      }),
    ),
  }),
);

/** What flows came to, for programs. */
export const flowsDocument = z.object({
  ok: z.boolean(),
  run: text,
  at: text.describe("ISO 8601"),
  sentence: text,
  failedPercent: z.number().describe("of the flows that were run"),
  failed: count,
  flaky: count,
  notRun: count,
  results: z.array(resultSchema),
  takenAway: z
    .array(
      z.object({
        flow: text,
        mail: text.describe("of the test user"),
        reason: text.nullable().describe("why it is still there; null when it is not"),
      }),
    )
    .describe("what runs that were killed had left"),
});

/** See {@link flowsDocument}. Pure. */
export function documentOfFlows(performed: PerformedFlows): z.input<typeof flowsDocument> {
  const { run, at, verdict, results, takenAway = [] } = performed;
  return { run, at, ...verdict, results: [...results], takenAway: [...takenAway] };
}

/** What became of something that an earlier run left, in a sentence. Pure. */
export const takenAwayText = ({ flow, mail, reason }: TakenAway): string =>
  reason === null
    ? `what a run that was cut off had left of ${flow} (${mail}) was taken away`
    : `what a run that was cut off has left of ${flow} (${mail}) is still there: ${reason}`;

/** The event of a result. Pure. */
export const flowEnded = ({ flow, service, state, reason, tries }: FlowResult) => ({
  event: "flow-ended" as const,
  flow,
  service,
  state,
  reason,
  milliseconds: tries.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
  evidence: tries.flatMap(({ evidence }) => evidence),
});
