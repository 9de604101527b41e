import { z } from "zod";
import {
  findRun,
  keepFigures,
  listReported,
  type Report,
  reportOf,
  reportSchema,
  trendBefore,
} from "../fleet/report/index.ts";
import { noEvents } from "./kit/events.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";
import { keptIn } from "./notify/declared.ts";
import { writeReport } from "./report/files.ts";
import { type Publication, publishReport } from "./report/publish.ts";

/** Runs that a list shows. */
const LISTED = 20;

const listedSchema = z.object({
  runs: z
    .array(
      reportSchema
        .pick({ run: true, outcome: true, target: true, startedAt: true, endedAt: true })
        .extend({ operations: z.array(z.string()), by: z.array(z.string()) }),
    )
    .describe("the newest first"),
});

const reportedSchema = reportSchema.extend({
  files: z.array(z.string()).describe("what was written"),
  published: z
    .object({
      note: z.string().optional().describe("why nothing was done"),
      parts: z.array(
        z.object({
          what: z.string(),
          did: z.enum(["made", "changed", "unchanged", "failed"]),
          url: z.string().optional(),
          reason: z.string().optional(),
        }),
      ),
    })
    .optional()
    .describe("only with --publish"),
});

/** A report, or the runs that there can be one of. */
export type Reported =
  | { readonly report: Report; readonly files: readonly string[]; readonly published?: Publication | undefined }
  | { readonly listed: readonly Report[] };

/** What a run came to, from what its events say. */
export const report = defineOperation({
  name: "report",
  summary:
    "report what a run changed, who approved it, how it was judged, and how it compares with targets and earlier runs",
  // Only with --out and --publish.
  changes: true,
  input: z.object({
    run: flag(
      z.string().optional(),
      "[run]",
      "id of the run, of its rollout, or of the CI run whose jobs it is (default: the last one)",
    ),
    list: flag(z.boolean().optional(), "--list", `list the last ${LISTED} runs`),
    publish: flag(
      z.boolean().optional(),
      "--publish",
      "show the run beside its commits, where notify.yaml says (`publish`): status, deployment, tag, tracking issue; again as often as wanted",
    ),
    out: flag(
      z.string().optional(),
      "--out <dir>",
      "write deployment-<date>.md and .json into this directory, e.g. quality-reports, and keep the figures for trends",
    ),
  }),
  events: noEvents,
  output: z.union([reportedSchema, listedSchema]),
  async run({ run, list, out, publish }, { estate }): Promise<Reported> {
    const store = await keptIn();
    if (list) {
      const runs = await listReported(store, LISTED, Number.POSITIVE_INFINITY);
      return { listed: runs.map((one) => reportOf(one.run, one.streams)) };
    }
    const found = await findRun(store, run);
    const { startedAt } = reportOf(found.run, found.streams);
    const made = reportOf(found.run, found.streams, await trendBefore(store, found.run, startedAt));
    const files = out === undefined ? [] : writeReport(out, made);
    const published = publish ? await publishReport(estate.catalogDir, store, made) : undefined;
    // Of a run that goes on there is a later report.
    if ((out !== undefined || publish) && made.endedAt !== null) await keepFigures(store, made.figures);
    return { report: made, files, published };
  },
  document(value) {
    if ("listed" in value)
      return {
        runs: value.listed.map(({ run, outcome, target, startedAt, endedAt, jobs }) => {
          const operations = [...new Set(jobs.map(({ operation }) => operation))];
          return { run, outcome, target, startedAt, endedAt, operations, by: [...new Set(jobs.map(({ by }) => by))] };
        }),
      };
    const { report: made, files, published } = value;
    return { ...made, files: [...files], published: published && { ...published, parts: [...published.parts] } };
  },
  exitCode: (value) => ("published" in value && value.published?.parts.some(({ did }) => did === "failed") ? 1 : 0),
});
