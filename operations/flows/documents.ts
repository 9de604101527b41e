import { z } from "zod";
import type { FlowResult } from "../../flows/types.ts";
import { owned } from "../kit/events.ts";
import { flowState } from "../kit/proof-events.ts";
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
});

/** See {@link flowsDocument}. Pure. */
export function documentOfFlows({ run, at, verdict, results }: PerformedFlows): z.input<typeof flowsDocument> {
  return { run, at, ...verdict, results: [...results] };
}

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
