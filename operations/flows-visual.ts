import { z } from "zod";
import { loadCatalog } from "../model/index.ts";
import { requiredFlows, targetOf } from "./flows/declared.ts";
import { type ComparedPage, comparePages } from "./flows/visual.ts";
import { noEvents } from "./kit/events.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";
import { keptIn } from "./notify/declared.ts";

/** What pages look like, beside the last good release. */
export const flowsVisual = defineOperation({
  name: "flows visual",
  summary: "compare the pages of flows.yaml with their pictures of the last good release",
  changes: true,
  input: z.object({
    page: flag(z.array(z.string()).optional(), "--page <key>", "only this page; may be given several times"),
    staging: flag(z.boolean().optional(), "--staging", "at the staging addresses of flows.yaml"),
    accept: flag(z.boolean().optional(), "--accept", "what the pages look like now is right: keep these pictures"),
  }),
  events: noEvents,
  output: z.object({
    ok: z.boolean(),
    kept: z.boolean().describe("the pictures of now are those to compare with from here on"),
    pages: z.array(
      z.object({
        page: z.string(),
        size: z.string(),
        state: z.enum(["same", "differs", "new", "not-run"]),
        percent: z.number().nullable().describe("of the picture; null where none was compared"),
        reason: z.string(),
        evidence: z.array(z.string()).describe("files: the picture before, the one now, the difference"),
      }),
    ),
  }),
  async run({ page, staging, accept }, { estate, signal }): Promise<{ pages: readonly ComparedPage[]; kept: boolean }> {
    const { services } = loadCatalog(estate.catalogDir);
    const flows = requiredFlows(estate.catalogDir);
    const target = targetOf(estate.configFile);
    const { pages, keep } = await comparePages({ flows, services, staging, target, signal }, await keptIn(), page);
    if (accept) await keep();
    return { pages, kept: accept === true };
  },
  document: ({ pages, kept }) => ({
    ok: pages.every(({ state }) => state === "same" || (kept && state !== "not-run")),
    kept,
    pages: pages.map((one) => ({ ...one, evidence: [...one.evidence] })),
  }),
  exitCode: ({ pages, kept }) => {
    if (!kept && pages.some(({ state }) => state === "differs")) return 1;
    return pages.some(({ state }) => state === "not-run" || (state === "new" && !kept)) ? 4 : 0;
  },
});
