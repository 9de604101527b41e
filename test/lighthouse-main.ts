/**
 * `npm run lighthouse`: every service of a sandbox of its own measured by Lighthouse three times over. Prints the time of each run and the
 * scores side by side; the first run is killed after a third of the services and goes on. `--services N` and `--runs N` for less. Needs
 * `npm run quality:tools` and a machine that does nothing else.
 */
import type { ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadCatalog } from "../model/index.ts";
import type { QualityResult } from "../quality/index.ts";
import { Estate } from "./support/estate.ts";

/** Longest that all services may take, minutes, and points that the scores of runs may be apart. */
const TARGET = { minutes: 15, points: 5 };

const { values } = parseArgs({ options: { services: { type: "string" }, runs: { type: "string" } } });
const estate = new Estate([{ name: "quiz" }]);
const all = loadCatalog(estate.catalog).services.map(({ key }) => key);
const services = all.slice(0, Number(values.services ?? all.length));
const runs = Number(values.runs ?? 3);
const say = (text: string): void => console.log(text);
let wrong = 0;
const check = (what: string, ok: boolean): void => {
  if (!ok) wrong++;
  say(`${ok ? "ok    " : "WRONG "} ${what}`);
};

interface Measured {
  readonly results: readonly QualityResult[];
  readonly seconds: number;
}

/** Measures all services. @param killAfter so many, then kill -9 */
async function measure(more: readonly string[] = [], killAfter = Number.POSITIVE_INFINITY): Promise<Measured> {
  const started = Date.now();
  const named = services.flatMap((key) => ["--service", key]);
  let done = 0;
  const watch = (child: ChildProcess): void => {
    child.stderr?.on("data", (text: string) => {
      process.stderr.write(text);
      done += text.match(/: lighthouse: (pass|fail|not-run)/g)?.length ?? 0;
      if (done >= killAfter) child.kill("SIGKILL");
    });
  };
  const words = ["quality", "run", "--only", "lighthouse", "--no-issue", "--json", ...named, ...more];
  const { stdout, stderr } = await estate.sitefleetAs(watch, ...words);
  const seconds = (Date.now() - started) / 1000;
  if (stdout.startsWith("{")) return { results: (JSON.parse(stdout) as Measured).results, seconds };
  if (Number.isFinite(killAfter)) return { results: [], seconds };
  throw new Error(stderr.slice(-2000));
}

const figure = (result: QualityResult | undefined, name: string): number | undefined =>
  result?.measures.find((one) => one.name === name)?.value;

try {
  writeFileSync(join(estate.catalog, "quality.yaml"), "services: { checks: [lighthouse] }\n");
  await estate.start();
  say("deploying the services");
  const up = await estate.sitefleet("up", "--stack", "prod", "--stack", "prod-plesk", "--yes");
  if (up.code !== 0) throw new Error(up.stderr.slice(-2000));
  const third = Math.max(1, Math.floor(services.length / 3));
  const killed = await measure([], third);
  const at = Date.now();
  const rest = await measure(["--resume"]);
  const again = rest.results.filter((one) => Date.parse(one.at) >= at).length;
  check(
    `killed after ${third} of ${services.length} (${killed.seconds.toFixed(0)} s); --resume measured ${again} more in ${rest.seconds.toFixed(0)} s`,
    rest.results.length === services.length && again <= services.length - third,
  );
  const measured = [rest.results];
  for (let run = 2; run <= runs; run++) {
    const { results, seconds } = await measure();
    measured.push(results);
    check(`${results.length} services in ${(seconds / 60).toFixed(1)} minutes`, seconds < TARGET.minutes * 60);
  }
  let apart = 0;
  for (const key of services) {
    const of = measured.map((results) => results.find(({ subject }) => subject.key === key));
    const cells = ["performance", "accessibility", "best-practices", "seo"].map((name) => {
      const scores = of.flatMap((one) => figure(one, name) ?? []);
      apart = Math.max(apart, Math.max(...scores) - Math.min(...scores));
      return `${name} ${scores.join(" ")}`;
    });
    const machine = `benchmark ${of.map((one) => figure(one, "benchmark")).join(" ")}, runs ${of.map((one) => figure(one, "runs")).join(" ")}`;
    const unknown = of.flatMap((one) => one?.reason ?? []);
    say(`${key.padEnd(12)} ${cells.join("; ")}; ${machine}${unknown.length > 0 ? `; ${unknown.join(", ")}` : ""}`);
    check(
      `${key} was measured each time`,
      of.every((one) => one !== undefined && one.state !== "not-run"),
    );
  }
  check(`scores of ${runs} runs are at most ${apart} points apart`, apart <= TARGET.points);
} finally {
  await estate.remove();
}
process.exitCode = wrong === 0 ? 0 : 1;
