import { availableParallelism } from "node:os";
import { describeError } from "../../errors/index.ts";
import { markCauses } from "../../fleet/change-set/drift.ts";
import { channelsOf } from "../../fleet/change-set/index.ts";
import type { JobResult } from "../../fleet/engine/job.ts";
import { NO_COUNTS } from "../../fleet/engine/outcome.ts";
import { badReleaseError, refusedIn } from "../../fleet/releases/rollback/index.ts";
import { startEarly } from "../../fleet/run/early.ts";
import { checkNeeds } from "../../fleet/run/needs/index.ts";
import { areParts, partsOf, settledOf } from "../../fleet/run/parts.ts";
import { lookAhead } from "../../fleet/run/preflight/index.ts";
import { unsoundStacks } from "../../fleet/run/repair-first.ts";
import { type RunOptions, type RunResult, runFleet } from "../../fleet/run/run.ts";
import { openSession, type Session } from "../../fleet/run/session.ts";
import { changesOf } from "../../fleet/run/summary.ts";
import { stackOfCell } from "../../model/index.ts";
import type { Estate } from "../kit/estate.ts";
import type { FleetEvent } from "../kit/events.ts";
import { type AllowInput, DEFAULT_CONCURRENCY, type FleetInput } from "../kit/fields.ts";
import type { Tools } from "../kit/operation.ts";
import { overStacks } from "../kit/watch.ts";
import { changeSetOf } from "./change-set.ts";
import type { FleetRun } from "./fleet-run.ts";
import { judgeChanges, policyOf } from "./gate-facts.ts";

/** The stacks that the options name; none: all. Pure. */
const namedIn = ({ stack = [], cell = [] }: FleetInput): string[] => [
  ...stack,
  ...cell.flatMap((cells) => cells.split(",")).map((one) => (one.startsWith("prod") ? one : stackOfCell(one))),
];

/** Opens a session as the options say. */
export async function sessionFor(estate: Estate, options: FleetInput): Promise<Session> {
  return openSession({
    catalogDir: estate.catalogDir,
    configFile: estate.configFile,
    named: namedIn(options),
    except: options.except,
    all: options.all ?? false,
    refresh: options.refresh ?? false,
  });
}

/** Starts what a run needs before its session is opened, see `startEarly`. */
export function startedEarly({ catalogDir, configFile }: Estate, options: FleetInput) {
  const { all, refresh, concurrency = DEFAULT_CONCURRENCY } = options;
  const named = namedIn(options).length;
  const stacks = named === 0 ? concurrency : Math.min(named, concurrency);
  return startEarly({ catalogDir, configFile, all: (all || refresh) ?? false, stacks });
}

/** How a preview is carried out, beyond what a person says. */
export interface PreviewExtras {
  /** Files that the engine's plans are written to, by stack. @default none are written */
  readonly plans?: ReadonlyMap<string, string>;
  /** Holds stacks back, and leads calls through the gateway. @default neither */
  readonly budget?: Pick<RunOptions, "admit" | "refuse" | "env">;
  /** Only what belongs to these services of the Plesk stack. @default everything */
  readonly services?: readonly string[] | undefined;
  /** What has been started already. @default nothing */
  readonly warm?: RunOptions["warm"];
}

/** Previews the stacks that differ from what is declared. */
export async function previewOver(
  tools: Tools<FleetEvent>,
  options: FleetInput & AllowInput,
  session?: Session,
  { plans, budget, services, warm }: PreviewExtras = {},
): Promise<FleetRun> {
  const { estate } = tools;
  const opened = session ?? (await sessionFor(estate, options));
  const refused = await refusedIn(opened, opened.open);
  if (refused.length > 0) tools.emit({ event: "would-refuse", reason: describeError(badReleaseError(refused)) });
  // With `--refresh` what the declaration has changed is previewed without it as well: the rest is drift.
  const unsound = await unsoundStacks(opened, opened.open, opened.faults);
  const sound = opened.open.filter((stack) => !unsound.has(stack));
  await checkNeeds(opened, sound);
  const declared = options.refresh
    ? opened.surveyed.filter(({ differs, stack }) => differs && !unsound.has(stack)).map(({ stack }) => stack)
    : [];
  // A plan is held to as a whole, so it is made of the whole.
  const parts = plans ? undefined : await partsOf(opened, sound);
  const run = await overStacks(tools, sound.length + declared.length, async (observer, signal) => {
    const common = {
      operation: "preview" as const,
      existing: new Set(opened.infos.keys()),
      retired: opened.choice.retired,
      catalogDir: estate.catalogDir,
      inputs: opened.inputs,
      configFile: estate.configFile,
      services,
      settled: settledOf(opened),
      ...tuning(options, parts && areParts(sound, parts)),
      warm,
      observer,
      signal,
    };
    const plain = declared.length > 0 ? await runFleet({ ...common, refresh: false, stacks: declared }) : undefined;
    // `--all` declares each resource, live or not.
    const still = options.all ? undefined : new Set(unchangedIn(opened));
    const live = await runFleet({ ...common, ...budget, stacks: sound, plans, siteTargets: parts, still });
    if (!options.refresh) return live;
    const results = new Map(plain?.results.map((result) => [result.stack, result]));
    return { ...live, results: markCauses(live.results, results) };
  });
  const failed = [...unsound].map(([stack, error]) => notStarted(stack, error));
  const steps = new Map(run.results.map(({ stack, steps }) => [stack, steps]));
  const look = { stacks: opened.open, services, rules: { allow: options.allow ?? [] }, steps };
  const { findings, facts } = await lookAhead(opened, { ...look, whole: changesOf(run.results) > 0 });
  const found = { ...withUnopened(opened, { ...run, results: [...run.results, ...failed] }), findings };
  const policy = await policyOf(opened);
  const verdicts = await judgeChanges(opened, policy, changeSetOf(found).changes, { facts, input: options });
  return { ...found, gated: { policy, verdicts } };
}

/** Stacks that are declared as they are. Pure. */
const unchangedIn = ({ surveyed }: Pick<Session, "surveyed">): string[] =>
  surveyed.filter(({ differs }) => !differs).map(({ stack }) => stack);

/** The result of a stack that nothing may be done to. */
function notStarted(stack: string, error: string): JobResult {
  const base = { steps: [], counts: NO_COUNTS, warnings: [], finished: false, milliseconds: 0 };
  return { ...base, stack, ok: false, errors: [error] };
}

/** A run together with what was not opened, and why the rest was. */
export function withUnopened(
  session: Pick<Session, "choice" | "open" | "surveyed" | "inputs">,
  run: RunResult,
): FleetRun {
  const opened = new Set([...session.open, ...run.results.map(({ stack }) => stack)]);
  const reasons = session.surveyed.flatMap(({ stack, reason }) =>
    reason === undefined ? [] : [[stack, reason] as const],
  );
  return {
    ...run,
    unopened: session.choice.stacks.filter((stack) => !opened.has(stack)),
    reasons: Object.fromEntries(reasons),
    channels: channelsOf(session.inputs.catalog),
    prices: session.inputs.catalog.prices,
  };
}

/**
 * How stacks run, as the options say.
 *
 * @param small of each stack a few sites are looked at: then a runner's start costs more than waiting for another one. @default false
 */
export function tuning(options: Pick<FleetInput, "concurrency" | "parallel" | "refresh">, small = false) {
  return {
    concurrency: options.concurrency ?? (small ? availableParallelism() : DEFAULT_CONCURRENCY),
    parallel: options.parallel,
    refresh: options.refresh,
  };
}
