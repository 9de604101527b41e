import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { type Catalog, stackOf } from "../../catalog/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import {
  ASSUMED_BUILD_SECONDS,
  BUILDS,
  CERTIFICATES,
  idOfKey,
  type KnownStack,
  type LedgerState,
  limitSpecs,
  PLAN_DEFAULTS,
  planFleet,
  plannedWork,
  readLedger,
  redeploySteps,
  type WorkStep,
  type WorkWindow,
} from "../../fleet/budget/index.ts";
import { readChangeSet } from "../../fleet/change-set/index.ts";
import type { Session } from "../../fleet/session.ts";
import { affectedByPush, chooseStrategy, quietWindow, readTraffic } from "../../fleet/strategy/index.ts";
import { desiredState } from "../../stacks/desired.ts";
import { SHARED_STACK } from "../../stacks/names.ts";
import { prepare } from "../context.ts";
import { DEFAULT_CONCURRENCY, type FleetOptions, sessionFor, wholeNumber } from "../fleet.ts";
import { readDuration, readTime } from "../output/duration.ts";
import { type PlanReport, renderPlan } from "../output/plan.ts";
import { print, printJson } from "../output/style.ts";
import { withFleet } from "./fleet-options.ts";

interface PlanCommand extends FleetOptions {
  readonly changeSet?: string;
  readonly changed?: string;
  readonly repository?: string;
  readonly traffic?: string;
  readonly window?: number;
  readonly now?: boolean;
  readonly urgent?: readonly string[];
  readonly until?: number;
  readonly jobLimit?: number;
  readonly margin?: number;
  readonly buildSeconds?: number;
  readonly certificates?: boolean;
}

/** What is going to be done, from wherever it is known. */
interface Work {
  readonly stacks: readonly string[];
  readonly known: ReadonlyMap<string, KnownStack>;
  readonly hosts: readonly string[];
  /** Changes to what is live. */
  readonly live: number;
  readonly notes: readonly string[];
}

/** `sitefleet plan`: how long it will take, which limit binds, and which run does what. Changes nothing. */
export function registerPlan(program: Command): void {
  const collect = (value: string, previous: string[] = []) => [...previous, value];
  withFleet(program.command("plan"))
    .description("say before anything starts how long `up` takes, which vendor's limit binds, and which run does what")
    .option("--change-set <file>", "plan exactly this change set (sitefleet preview --out FILE.json)")
    .option("--changed <file>", "plan for a git push: a file with the paths that it changed, one a line (- = stdin)")
    .option("--repository <owner/name>", "the repository of --changed")
    .option("--urgent <host>", "this site first, ahead of everything; may be given several times", collect)
    .option(
      "--traffic <file>",
      "hourly requests (CSV hour,zone,requests or usage rows as JSON), to find the quiet hours",
    )
    .option("--window <hours>", "length of the quiet hours (default: 2)", wholeNumber("--window"))
    .option("--now", "start now, whatever the hour")
    .option("--until <time>", "nothing may end later (ISO 8601, or a duration from now)", readTime("--until"))
    .option("--job-limit <duration>", "a CI job's limit (default: 6h)", readDuration("--job-limit"))
    .option("--margin <duration>", "kept free at a job's end (default: 10m)", readDuration("--margin"))
    .option(
      "--build-seconds <n>",
      `how long a build takes (default: ${ASSUMED_BUILD_SECONDS})`,
      wholeNumber("--build-seconds"),
    )
    .option("--no-certificates", "leave Let's Encrypt's weekly limit out")
    .action(async (options: PlanCommand, command: Command) => {
      const context = await prepare(command);
      const session = await sessionFor(context, options);
      const used = await readLedger(session.folders.state);
      const report = makeReport(session, options, Date.now(), used);
      if (context.json) {
        const { plan, startsAt, ...rest } = report;
        printJson({ ...rest, startsAt: new Date(startsAt).toISOString(), ...withDates(plan) });
      } else print(renderPlan(report));
    });
}

function makeReport(session: Session, options: PlanCommand, now: number, ledger: LedgerState | undefined): PlanReport {
  const { catalog } = session.inputs;
  const certificates = options.certificates === false ? "ignore" : "enforce";
  const { buildSeconds } = options;
  const specs = limitSpecs(catalog.limits, { certificates, ...(buildSeconds ? { buildSeconds } : {}) });
  const work = workOf(session, options);
  const urgentStacks = stacksOfHosts(catalog, options.urgent ?? []);
  const planned = plannedWork({ catalog, specs, stacks: work.stacks, known: work.known, urgent: urgentStacks });
  const base = {
    specs,
    startsAt: now,
    ...(ledger ? { ledger } : {}),
    concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
    jobLimitSeconds: options.jobLimit ?? PLAN_DEFAULTS.jobLimitSeconds,
    marginSeconds: options.margin ?? PLAN_DEFAULTS.marginSeconds,
    ...(options.until === undefined ? {} : { until: options.until }),
  };
  const first = planFleet(planned, base);
  const facts = {
    hosts: work.hosts,
    stacks: planned.map(({ stack }) => stack),
    live: work.live,
    urgent: options.urgent ?? [],
  };
  const waits = first.limits.some(({ binds }) => binds !== undefined);
  const strategy = chooseStrategy({ ...facts, waits }, catalog.sites);
  const rows = options.traffic === undefined ? [] : readTraffic(options.traffic);
  const quiet = quietWindow(rows, { now, ...(options.window ? { hours: options.window } : {}) });
  const waiting = strategy.quietHours && !options.now;
  const window: WorkWindow = {
    startsAt: quiet.startsAt,
    seconds: quiet.hours * 3600,
    everySeconds: quiet.everyHours * 3600,
  };
  const plan = waiting ? planFleet(planned, { ...base, startsAt: quiet.startsAt, window }) : first;
  const why = options.now
    ? "--now was given"
    : strategy.kind === "batch"
      ? "nothing that is live is touched"
      : strategy.kind;
  return {
    strategy,
    ...(waiting ? { window: quiet } : {}),
    startsAt: waiting ? quiet.startsAt : now,
    startReason: waiting ? quiet.reason : `now (${why})`,
    plan,
    notes: [...work.notes, ...limitNotes(catalog, plan, buildSeconds)],
  };
}

/** From a change set, a push, or what the digests say. */
function workOf(session: Session, options: PlanCommand): Work {
  const { catalog } = session.inputs;
  const own = new Set(catalog.sites.map(({ host }) => host));
  if (options.changeSet !== undefined) {
    const set = readChangeSet(options.changeSet);
    const steps = Map.groupBy(
      set.changes.filter(({ component }) => !component),
      ({ stack }) => stack,
    );
    const known = new Map([...steps].map(([stack, list]): [string, KnownStack] => [stack, { steps: list }]));
    const live = set.changes.filter(({ op, component }) => op !== "create" && !component).length;
    const hosts = [...new Set(set.changes.map(({ name }) => name))].filter((name) => own.has(name));
    return { stacks: [...known.keys()], known, hosts, live, notes: [] };
  }
  if (options.changed !== undefined) return workOfPush(catalog, options.changed, options.repository);
  const known = new Map<string, KnownStack>();
  const hosts: string[] = [];
  let live = 0;
  for (const stack of session.open) {
    const resources = session.infos.get(stack)?.resources;
    known.set(stack, resources === undefined ? {} : { resources, changed: true });
    if (resources !== undefined) live += 1;
    const state = desiredState(catalog, stack);
    if (state?.kind === "cell") hosts.push(...state.sites.map(({ host }) => host));
  }
  const notes =
    live === 0
      ? []
      : [`${live} existing stacks differ: every site of them is counted as a new deployment; --change-set is exact`];
  return { stacks: session.open, known, hosts, live, notes };
}

function workOfPush(catalog: Catalog, file: string, repository = ""): Work {
  if (repository === "") {
    throw new SitefleetError({
      code: "usage",
      message: "--changed needs --repository OWNER/NAME",
      hint: "the repository that was pushed to",
    });
  }
  const files = readFileSync(file === "-" ? 0 : file, "utf8")
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  const { hosts, shared } = affectedByPush(catalog.sites, { repository, files });
  const touched = new Set(hosts);
  const known = new Map<string, KnownStack>();
  for (const stack of stacksOfHosts(catalog, hosts)) {
    const state = desiredState(catalog, stack);
    const steps: WorkStep[] = state === undefined ? [] : redeploySteps(state, touched);
    if (steps.length > 0) known.set(stack, { steps });
  }
  // Sites of a shared project are deployed once, with the project, by the shared stack.
  const projects = new Set(
    catalog.sites
      .filter((site) => site.project === "shared" && touched.has(site.host))
      .map(({ rootDirectory }) => rootDirectory),
  );
  const shares = [...projects].map(
    (name): WorkStep => ({ op: "replace", type: "vercel:index/deployment:Deployment", name }),
  );
  if (shares.length > 0) known.set(SHARED_STACK, { steps: shares });
  const notes =
    shared.length > 0
      ? [`${shared.length} changed files lie in no site's directory: every site of ${repository} is counted`]
      : [];
  return { stacks: [...known.keys()], known, hosts, live: hosts.length, notes };
}

/** @throws SitefleetError `site.unknown` */
function stacksOfHosts(catalog: Catalog, hosts: readonly string[]): Set<string> {
  return new Set(
    hosts.map((host) => {
      const site = catalog.sites.find((one) => one.host === host);
      if (site) return stackOf(site);
      throw new SitefleetError({
        code: "site.unknown",
        message: "the catalog has no such site",
        subject: host,
        hint: "sitefleet cells lists the sites",
      });
    }),
  );
}

/** What a reader must know about the numbers. */
function limitNotes(catalog: Catalog, plan: PlanReport["plan"], buildSeconds: number | undefined): string[] {
  const used = new Set(plan.limits.map(({ key }) => idOfKey(key)));
  const doubtful = catalog.limits.filter(
    ({ id, confidence, note }) => confidence === "?" && note !== undefined && used.has(id),
  );
  const notes = doubtful.map(({ id, note }) => `${id}: ${note}`);
  if (used.has(CERTIFICATES)) {
    notes.push(
      `${CERTIFICATES}: zones of kind wildcard need one certificate; if Vercel tells you of a higher limit, put it into limits.yaml`,
    );
  }
  if (used.has(BUILDS) && buildSeconds === undefined)
    notes.push(`a build is taken to last ${ASSUMED_BUILD_SECONDS} s (--build-seconds)`);
  return notes;
}

/** Times as text. */
function withDates(plan: PlanReport["plan"]): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify(plan, (key, value) =>
      ["startsAt", "endsAt", "from", "until"].includes(key) && typeof value === "number"
        ? new Date(value).toISOString()
        : value,
    ),
  );
}
