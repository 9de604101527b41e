import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import type { Results } from "../types.ts";
import { renderJobs } from "./jobs.ts";
import { renderResults, replaceBetween } from "./markdown.ts";
import { panelsOf } from "./panels.ts";
import { renderChart } from "./svg.ts";

/** The project's own results. */
export const RESULTS_DIR = join(PROJECT_ROOT, "bench/results");
const PAGE = join(PROJECT_ROOT, "docs/performance.md");

/** Results of earlier runs; none where there are none. */
export function readResults(dir: string): Results {
  const file = join(dir, "results.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { version: 1, parts: {} };
}

/** The results as JSON with one line a measured row, so that a run changes few lines of the file's history. Pure. */
export function resultsText({ parts, ...rest }: Results): string {
  const texts = Object.entries(parts).map(([name, { rows, ...about }]) => {
    const head = JSON.stringify(about).replace(/}$/, ",");
    const lines = rows.map((row, index) => `${JSON.stringify(row)}${index < rows.length - 1 ? "," : ""}`);
    return [`${JSON.stringify(name)}:${head}"rows":[`, ...lines, "]}"].join("\n");
  });
  return `${JSON.stringify(rest).replace(/}$/, ",")}"parts":{\n${texts.join(",\n")}\n}}\n`;
}

/** Writes the results and the chart. */
export function writeResults(dir: string, results: Results): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "results.json"), resultsText(results));
  writeFileSync(join(dir, "chart.svg"), renderChart("sitefleet: what operations cost", panelsOf(results)));
  const spans = results.parts.k?.spans ?? [];
  if (spans.length > 0) writeFileSync(join(dir, "jobs.svg"), renderJobs(spans));
}

/** Brings the tables of docs/performance.md up to the results. */
export function writePage(results: Results): void {
  writeFileSync(PAGE, replaceBetween(readFileSync(PAGE, "utf8"), renderResults(results)));
}
