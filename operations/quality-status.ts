import { z } from "zod";
import { askedChecks, newestOf, readResults, standing } from "../fleet/quality/index.ts";
import type { QualityResult } from "../quality/index.ts";
import { resultSchema } from "../quality/index.ts";
import { noEvents } from "./kit/events.ts";
import { defineOperation } from "./kit/operation.ts";
import { keptIn } from "./notify/declared.ts";
import { artifactDigests, declaredQuality, type Task, tasksFor } from "./quality/choose.ts";
import { qualityFields } from "./quality/fields.ts";
import { exitOf } from "./quality-run.ts";

const { subject, check, state } = resultSchema.shape;

/** How one check stands. */
interface Line {
  readonly subject: Task["subject"];
  readonly check: Task["check"];
  readonly state: QualityResult["state"];
  readonly at?: string | undefined;
  /** The figures, or why nothing is known. */
  readonly result?: QualityResult | undefined;
  readonly reason?: string | undefined;
  /** Services that it is asked of before they are deployed, and for whose artifact of now it is not green. */
  readonly asked: readonly string[];
  readonly blocks: readonly string[];
}

/** How the checks of quality.yaml stand, by what is kept. */
export const qualityStatus = defineOperation({
  name: "quality status",
  summary: "say how the checks of quality.yaml stand, and what they keep from being deployed",
  changes: false,
  input: z.object(qualityFields()),
  events: noEvents,
  output: z.object({
    ok: z.boolean().describe("every check has passed, for the artifacts of now where they are asked for"),
    checks: z.array(
      z.object({
        subject,
        check,
        state,
        at: z.string().optional().describe("when it ran last"),
        reason: z.string().optional(),
        asked: z.array(z.string()).describe("services that it must have passed for before they are deployed"),
        blocks: z.array(z.string()).describe("services of these whose artifact of now it has not passed for"),
      }),
    ),
  }),
  async run(input, { estate }): Promise<readonly Line[]> {
    const declared = declaredQuality(estate.catalogDir);
    const { catalog, quality } = declared;
    const tasks = tasksFor(declared, input);
    const store = await keptIn();
    const keys = catalog.services.map(({ key }) => key);
    const digests = await artifactDigests(catalog, keys);
    const asked = askedChecks(quality, keys);
    const now = Date.now();
    const results = new Map<string, Promise<QualityResult[]>>();
    const resultsOf = (task: Task) => {
      const id = `${task.subject.kind} ${task.subject.key}`;
      const read = results.get(id) ?? readResults(store, task.subject);
      results.set(id, read);
      return read;
    };
    return Promise.all(
      tasks.map(async (task): Promise<Line> => {
        const kept = await resultsOf(task);
        const result = newestOf(kept, task.check);
        const of = asked.filter(
          (one) =>
            one.check === task.check && one.subject.kind === task.subject.kind && one.subject.key === task.subject.key,
        );
        const stands = of.map((one) =>
          standing(one, kept, digests.get(one.service), { resultDays: quality.resultDays, now }),
        );
        const blocking = stands.filter((one) => one.state !== "pass");
        const [first] = blocking;
        return {
          subject: task.subject,
          check: task.check,
          state: first?.state ?? result?.state ?? "not-run",
          at: result?.at,
          result,
          reason: first?.reason ?? result?.reason ?? (result === undefined ? "it never ran" : undefined),
          asked: of.map(({ service }) => service),
          blocks: blocking.map(({ service }) => service),
        };
      }),
    );
  },
  document: (lines) => ({
    ok: lines.every((one) => one.state === "pass"),
    checks: lines.map(({ result: _, asked, blocks, ...one }) => ({ ...one, asked: [...asked], blocks: [...blocks] })),
  }),
  exitCode: (lines) => exitOf(lines.map((one) => one.state)),
});
