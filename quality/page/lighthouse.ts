import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { judged, least } from "../judge.ts";
import { PROJECT } from "../source/project.ts";
import { figure, jsonOf, list, mapping, orNotRun, textOf, Unusable } from "../source/read.ts";
import type { Finding, Judged, PageSubject } from "../types.ts";
import { startChrome } from "./chrome.ts";

/** Runs of a page, of which the median counts: https://github.com/GoogleChrome/lighthouse/blob/main/docs/variability.md */
export const RUNS = 3;
/** Points that runs may be apart; where they are more, something else was at work on the machine, and further runs tell. */
const APART = 5;
/** Runs of a page at most, an odd number: the median is one of them. */
const MOST_RUNS = 5;
/** Longest that a run may take, ms. */
const RUN_MS = 90_000;

/** Categories of Lighthouse by what quality.yaml calls them. */
const CATEGORIES = {
  performance: "performance",
  accessibility: "accessibility",
  bestPractices: "best-practices",
  seo: "seo",
} as const;
/** A category. */
type Category = keyof typeof CATEGORIES;
const NAMES = Object.keys(CATEGORIES) as Category[];
/** What is asked of Lighthouse: the four categories, and nothing that only its own report shows. */
const FLAGS = {
  output: "json",
  logLevel: "silent",
  onlyCategories: Object.values(CATEGORIES),
  skipAudits: ["screenshot-thumbnails", "final-screenshot"],
  disableFullPageScreenshot: true,
};

/** Scores of a page, of 100. */
export type Scores = Readonly<Record<Category, number>>;

/** One run of Lighthouse. */
export interface LighthouseRun {
  readonly scores: Scores;
  /** Audits that cost the most, worst first. */
  readonly findings: readonly Finding[];
  /** How fast the machine was while it measured, by Lighthouse's own benchmark; a quiet one of today has 1000 and more. */
  readonly benchmark: number;
}

type Run = (url: string, flags: object) => Promise<{ report: string | string[] } | undefined>;

/**
 * The function of the npm package `lighthouse`: of the directory that quality.yaml names, else this project's.
 *
 * @throws Unusable where it is not installed
 */
export async function loadLighthouse(catalogDir: string, named: string | undefined): Promise<Run> {
  const homes =
    named === undefined
      ? [PROJECT, join(PROJECT, ".toolchain/quality")].map((one) => join(one, "node_modules/lighthouse"))
      : [resolve(catalogDir, named)];
  const home = homes.find((one) => existsSync(join(one, "package.json")));
  if (home === undefined)
    throw new Unusable("lighthouse is not installed: npm run quality:tools, or tools.lighthouse in quality.yaml");
  const main = createRequire(join(home, "package.json")).resolve("./core/index.js");
  // The path is not known before: the package is large, and most installations do without.
  const loaded = (await import(pathToFileURL(main).href)) as { default: Run };
  return loaded.default;
}

/**
 * Scores of a page: the median of three runs, of five where these are apart. In a browser of its own: one that has been to another page
 * before keeps connections, and a score would depend on what was measured before.
 */
export const lighthouse = (
  { settings, origin, pages, signal }: PageSubject,
  run: Run,
  env: NodeJS.ProcessEnv,
): Promise<Judged> =>
  orNotRun(async () => {
    const chrome = await startChrome(env);
    try {
      const runs: LighthouseRun[] = [];
      while (runs.length < RUNS || (runs.length < MOST_RUNS && spreadOf(runs) > APART)) {
        const answer = await limited(run(`${origin}${pages[0] ?? "/"}`, { ...FLAGS, port: chrome.port }), signal);
        runs.push(readLighthouse(String([answer?.report].flat()[0] ?? "")));
      }
      return judgeRuns(runs, settings.thresholds.lighthouse);
    } finally {
      await chrome.close();
    }
  });

/** A run that ends in time, or is left when the work is stopped: its browser is closed then, and nothing of it counts. */
async function limited<Value>(work: Promise<Value>, stopped: AbortSignal): Promise<Value> {
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(RUN_MS)]);
  const over = new Promise<never>((_, fail) => {
    const end = () =>
      fail(new Unusable(stopped.aborted ? "it was stopped" : `lighthouse took longer than ${RUN_MS / 1000} s`));
    if (signal.aborted) end();
    signal.addEventListener("abort", end, { once: true });
  });
  // What is left goes on for a moment without its browser, and fails.
  work.catch(() => {});
  try {
    return await Promise.race([work, over]);
  } catch (error) {
    if (error instanceof Unusable) throw error;
    throw new Unusable(`lighthouse failed: ${error instanceof Error ? error.message : ""}`);
  }
}

/** Reads the JSON of one run. @throws Unusable where the page did not load, or a score is missing Pure. */
export function readLighthouse(text: string): LighthouseRun {
  const report = mapping(jsonOf(text, "the report"), "the report");
  const { runtimeError } = report;
  if (typeof runtimeError === "object" && runtimeError !== null)
    throw new Unusable(
      `lighthouse says ${textOf((runtimeError as Record<string, unknown>).message) || "that the page did not load"}`,
    );
  const categories = mapping(report.categories, "categories");
  const audits = mapping(report.audits, "audits");
  const { benchmarkIndex: index } = mapping(report.environment ?? {}, "environment");
  const costs: { finding: Finding; cost: number }[] = [];
  const scores = NAMES.map((name): [Category, number] => {
    const category = mapping(categories[CATEGORIES[name]], CATEGORIES[name]);
    for (const reference of list(category.auditRefs, CATEGORIES[name])) {
      const { id, weight } = mapping(reference, "an audit");
      const audit = mapping(audits[textOf(id)] ?? {}, "an audit");
      if (typeof audit.score !== "number" || typeof weight !== "number" || audit.score >= 0.9 || weight <= 0) continue;
      const shown = textOf(audit.displayValue);
      const message = `${CATEGORIES[name]}: ${textOf(audit.title)}${shown === "" ? "" : ` (${shown})`}`;
      costs.push({ finding: { rule: textOf(id), level: "warning", message }, cost: weight * (1 - audit.score) });
    }
    if (category.score === null) throw new Unusable(`lighthouse gives no score for ${CATEGORIES[name]}`);
    return [name, Math.round(figure(category.score, CATEGORIES[name]) * 100)];
  });
  return {
    scores: Object.fromEntries(scores) as Record<Category, number>,
    benchmark: typeof index === "number" ? index : 0,
    findings: costs.sort((a, b) => b.cost - a.cost).map(({ finding }) => finding),
  };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;

/** How far runs are apart, in the category where it is most. Pure. */
const spreadOf = (runs: readonly LighthouseRun[]): number =>
  Math.max(
    ...NAMES.map((name) => runs.map((one) => one.scores[name])).map((all) => Math.max(...all) - Math.min(...all)),
  );

/** Judges several runs by the median of each score. Pure. */
export function judgeRuns(runs: readonly LighthouseRun[], limits: Scores): Judged {
  const scores = NAMES.map((name) =>
    least(CATEGORIES[name], median(runs.map((one) => one.scores[name])), limits[name]),
  );
  const performance = median(runs.map((one) => one.scores.performance));
  const middle = runs.find((one) => one.scores.performance === performance);
  return judged(
    [
      ...scores,
      { name: "spread", value: spreadOf(runs) },
      { name: "runs", value: runs.length },
      { name: "benchmark", value: Math.round(median(runs.map((one) => one.benchmark))) },
    ],
    middle?.findings ?? [],
  );
}
