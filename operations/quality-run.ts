import { z } from "zod";
import { type QualityResult, resultSchema } from "../quality/index.ts";
import { wholeNumber } from "./kit/fields.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation, NOT_RUN_EXIT } from "./kit/operation.ts";
import { keptIn } from "./notify/declared.ts";
import { declaredQuality, tasksFor } from "./quality/choose.ts";
import { qualityEvent } from "./quality/events.ts";
import { qualityFields } from "./quality/fields.ts";
import { writeQuality } from "./quality/files.ts";
import { type IssueOutcome, showMisses } from "./quality/issue.ts";
import { latestOf } from "./quality/latest.ts";
import { carryOut, cutOff } from "./quality/work.ts";

/** What a run of checks came to. */
export interface QualityRun {
  readonly at: string;
  readonly results: readonly QualityResult[];
  readonly files: readonly string[];
  readonly issue: IssueOutcome;
  readonly seconds: number;
}

/** Runs quality checks and keeps what they found. */
export const qualityRun = defineOperation({
  name: "quality run",
  summary: "run the checks of quality.yaml and keep what they prove, by artifact",
  changes: true,
  input: z.object({
    ...qualityFields(),
    sample: flag(
      z.int().min(0).max(200).optional(),
      "--sample <n>",
      "so many sites by Lighthouse, those that were measured longest ago (default: `sites.sample`; 0 where something is named)",
      wholeNumberOrNone,
    ),
    resume: flag(
      z.boolean().optional(),
      "--resume",
      "go on with the run that was cut off: what it has proven is not done again",
    ),
    issue: flag(z.boolean().optional(), "--no-issue", "keep no issue of what misses the thresholds of Lighthouse"),
    out: flag(
      z.string().optional(),
      "--out <dir>",
      "write quality.json, quality.md, quality.sarif and quality.junit.xml into this directory",
    ),
  }),
  events: qualityEvent,
  output: z.object({
    ok: z.boolean().describe("every check has passed"),
    counts: z.object({ pass: z.int(), fail: z.int(), notRun: z.int() }),
    results: z.array(resultSchema),
    files: z.array(z.string()).describe("what was written"),
    issue: z.object({
      did: z.enum(["made", "changed", "unchanged", "failed", "none"]),
      url: z.string().optional(),
      reason: z.string().optional(),
    }),
    seconds: z.number(),
  }),
  async run(input, tools): Promise<QualityRun> {
    const { estate, signal, emit } = tools;
    const started = Date.now();
    const declared = declaredQuality(estate.catalogDir);
    const tasks = tasksFor(declared, input);
    const store = await keptIn();
    const resumed = input.resume ? await cutOff(store) : undefined;
    if (input.resume && resumed === undefined)
      emit({ event: "notice", text: "no run was cut off: all checks are done" });
    const named = [input.service, input.repository, input.site].some((one) => (one?.length ?? 0) > 0);
    const measures =
      declared.quality.services.checks.includes("lighthouse") && (input.only?.includes("lighthouse") ?? true);
    const sample = input.sample ?? (named || !measures ? 0 : declared.quality.sites.sample);
    const results = await carryOut(store, { declared, tasks, sample, resumed }, tools);
    const measured = results.some(({ check, state }) => check === "lighthouse" && state !== "not-run");
    const issue: IssueOutcome =
      input.issue === false || !measured || signal.aborted
        ? { did: "none" }
        : await showMisses(estate.catalogDir, store, await latestOf(store, declared, results), Date.now());
    const at = new Date(started).toISOString();
    const files = input.out === undefined ? [] : await writeQuality(input.out, { at, results });
    return { at, results, files, issue, seconds: (Date.now() - started) / 1000 };
  },
  document: ({ results, files, issue, seconds }) => ({
    ok: results.every(({ state }) => state === "pass"),
    counts: countsOf(results),
    results: [...results],
    files: [...files],
    issue,
    seconds,
  }),
  exitCode: ({ results }) => exitOf(results.map(({ state }) => state)),
});

function wholeNumberOrNone(text: string): number {
  return text === "0" ? 0 : wholeNumber("--sample")(text);
}

const countsOf = (results: readonly QualityResult[]) => {
  const count = (state: QualityResult["state"]) => results.filter((one) => one.state === state).length;
  return { pass: count("pass"), fail: count("fail"), notRun: count("not-run") };
};

/** Exit code of several checks: what failed weighs more than what is not known. Pure. */
export const exitOf = (states: readonly QualityResult["state"][]): number => {
  if (states.includes("fail")) return 1;
  return states.includes("not-run") ? NOT_RUN_EXIT : 0;
};
