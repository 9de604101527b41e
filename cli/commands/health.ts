import type { Command } from "commander";
import { type Catalog, loadCatalog, type Vantage } from "../../catalog/index.ts";
import { environment } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { stateDir } from "../../fleet/backend/store/state-dir.ts";
import { stateStore } from "../../fleet/backend/store/state-store.ts";
import { checkWritable, writeDocument } from "../../fleet/change-set/index.ts";
import {
  addTimes,
  anyRelease,
  checkTargets,
  DEFAULT_CONCURRENCY,
  deploymentTarget,
  keepEvidence,
  rank,
  readTimes,
  renderJunit,
  renderPrometheus,
  reportOf,
  selectTargets,
  type Target,
} from "../../fleet/health/index.ts";
import { wholeNumber } from "../../operations/kit/fields.ts";
import { collectHosts } from "../../operations/kit/host.ts";
import { prepare, withCommon } from "../context.ts";
import { HealthProgress, renderHealth } from "../output/health.ts";
import { print, printJson, say } from "../output/style.ts";
import { onStop } from "../signals.ts";

/** Exit code when nothing fails and something is inconclusive, see docs/reference/cli.md. */
const INCONCLUSIVE = 4;
/** Vercel's own name for the secret that passes deployment protection: https://vercel.com/docs/deployment-protection */
const BYPASS = "VERCEL_AUTOMATION_BYPASS_SECRET";

interface HealthCommand {
  readonly site?: readonly string[];
  readonly cell?: readonly string[];
  readonly service?: readonly string[];
  readonly all?: boolean;
  readonly deployment?: string;
  readonly anyRelease?: boolean;
  readonly vantage?: readonly string[];
  readonly concurrency?: number;
  readonly updateBaseline?: boolean;
  readonly junit?: string;
  readonly prometheus?: string;
}

/** `sitefleet health`: checks sites, services or one deployment. Changes nothing. */
export function registerHealth(program: Command): void {
  const collect = (value: string, previous: string[] = []) => [...previous, ...value.split(",")];
  withCommon(program.command("health"))
    .description("check what sites, services or a deployment answer. Changes nothing.")
    .option("--site <host>", "this site; may be given several times", collectHosts)
    .option("--cell <name>", "the sites of this cell (`canary`, `00` … `63`); may be given several times", collect)
    .option("--service <key>", "this service; may be given several times", collect)
    .option("--all", "all sites and services, which is the default")
    .option("--deployment <url>", "a deployment on its own address; with --site, as a deployment of that site")
    .option("--any-release", "do not judge which release answers, e.g. while a rollout is under way")
    .option("--vantage <name>", "only from this vantage of checks.yaml; may be given several times", collect)
    .option("--concurrency <n>", `hosts at once (default: ${DEFAULT_CONCURRENCY})`, wholeNumber("--concurrency"))
    .option("--update-baseline", "add the response times of what passes to what is usual")
    .option("--junit <file>", "write the results as JUnit XML")
    .option("--prometheus <file>", "write the results for Prometheus' textfile collector")
    .action(async (options: HealthCommand, command: Command) => {
      checkWritable([options.junit, options.prometheus].filter((file) => file !== undefined));
      const context = await prepare(command);
      const catalog = loadCatalog(context.catalogDir);
      const targets = targetsFor(catalog, options);
      const vantages = vantagesFor(catalog.checks.vantages, options.vantage);
      const dir = stateDir();
      const store = await stateStore();
      const times = await readTimes(dir, store, targets);
      const started = performance.now();
      const results = await watched(targets.length, (progress, signal) =>
        checkTargets(targets, {
          vantages,
          times,
          signal,
          onResult: (result) => progress.add(result),
          ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
        }),
      );
      if (results === undefined) return;
      const seconds = (performance.now() - started) / 1000;
      const evidence = keepEvidence(dir, results);
      if (options.updateBaseline) await addTimes(dir, store, targets, results);
      if (options.junit !== undefined) writeDocument(options.junit, renderJunit(results, seconds));
      if (options.prometheus !== undefined) {
        writeDocument(options.prometheus, renderPrometheus(results, seconds, Date.now()));
      }
      const report = reportOf(results, seconds);
      if (context.json) {
        printJson({
          ok: report.verdict === "pass",
          ...report,
          evidence,
          results: rank(results).map(({ result }) => withoutExcerpts(result)),
        });
      } else print(renderHealth(results, report, evidence));
      if (report.verdict !== "pass") process.exitCode ||= report.verdict === "fail" ? 1 : INCONCLUSIVE;
    });
}

function targetsFor(catalog: Catalog, options: HealthCommand): Target[] {
  const { site = [], cell = [], service = [], all, deployment } = options;
  const named = site.length + cell.length + service.length;
  const wrong = (message: string) => new SitefleetError({ code: "usage", message });
  if (all && named > 0) throw wrong("--all goes without --site, --cell and --service");
  let targets: Target[];
  if (deployment === undefined) targets = selectTargets(catalog, { sites: site, cells: cell, services: service });
  else {
    if (all || named > site.length || site.length > 1) throw wrong("--deployment goes with at most one --site");
    // For its error when there is no such site.
    if (site.length === 1) selectTargets(catalog, { sites: site });
    const of = catalog.sites.find(({ host }) => host === site[0]);
    const bypass = environment()[BYPASS];
    targets = [
      deploymentTarget(catalog, {
        url: deployment,
        ...(of ? { site: of } : {}),
        ...(bypass ? { bypass: async () => bypass } : {}),
      }),
    ];
  }
  return options.anyRelease ? anyRelease(targets) : targets;
}

function vantagesFor(declared: readonly Vantage[], wanted: readonly string[] | undefined): readonly Vantage[] {
  if (wanted === undefined) return declared;
  return wanted.map((name) => {
    const found = declared.find((vantage) => vantage.name === name);
    if (found) return found;
    throw new SitefleetError({
      code: "vantage.unknown",
      message: "checks.yaml has no such vantage",
      subject: name,
      hint: `one of ${declared.map((vantage) => vantage.name).join(", ")}`,
    });
  });
}

/** Shows progress. Ctrl-C, SIGTERM and a closed terminal end it at once, since nothing is changed; undefined then. */
async function watched<Result>(
  total: number,
  run: (progress: HealthProgress, signal: AbortSignal) => Promise<Result>,
): Promise<Result | undefined> {
  const progress = new HealthProgress(total);
  const abort = new AbortController();
  const stop = () => abort.abort();
  const listening = onStop(stop);
  try {
    return await run(progress, abort.signal);
  } catch (error) {
    if (!abort.signal.aborted) throw error;
    say("stopped; nothing was judged");
    process.exitCode = 130;
    return undefined;
  } finally {
    listening();
    progress.end();
  }
}

/** What a document for programs holds of a result: all but the texts of pages. */
function withoutExcerpts(result: Awaited<ReturnType<typeof checkTargets>>[number]) {
  const vantages = result.vantages.map((one) => ({
    ...one,
    evidence: one.evidence.map(({ excerpt: _, ...rest }) => rest),
  }));
  return { ...result, vantages };
}
