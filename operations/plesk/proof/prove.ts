import { findBrowser } from "../../../flows/browser.ts";
import type { Catalog, Flows } from "../../../model/index.ts";
import { status, type Target } from "../../../plesk/index.ts";
import { targetOf } from "../../flows/declared.ts";
import { flowEnded, takenAwayText } from "../../flows/documents.ts";
import { type PerformedFlows, performFlows } from "../../flows/perform.ts";
import { comparePages } from "../../flows/visual.ts";
import type { FleetEvent } from "../../kit/events.ts";
import { failureOf } from "../../kit/failure.ts";
import type { Tools } from "../../kit/operation.ts";
import { keptIn } from "../../notify/declared.ts";
import { noticesOnly } from "../services/notices.ts";
import { openTargets } from "../services/targets.ts";
import { type Smoke, smokeSentence, smokeTest } from "./smoke.ts";
import { type TakeBack, type TakenBack, takeBack } from "./take-back.ts";

type ProofTools = Pick<Tools<FleetEvent>, "estate" | "emit" | "signal">;

/** What a step came to. `not-run`: nothing is known, which is no pass. */
interface StepResult {
  readonly state: "pass" | "fail" | "not-run";
  readonly sentence: string;
}

/** One more thing that is looked at after a deployment, e.g. how fast pages are. */
export interface ProofStep {
  readonly name: string;
  /** Does a failure take the services back? Else it is told. */
  readonly takesBack: boolean;
  /** @param services keys of those that were deployed */
  run(services: readonly string[], tools: ProofTools): Promise<StepResult>;
}

/** A step as it went. */
interface ProvenStep extends StepResult, Pick<ProofStep, "name" | "takesBack"> {}

/** How services stood before a deployment. */
export interface Standing {
  readonly catalog: Catalog;
  /** Undefined: the catalog declares none. */
  readonly flows?: Flows | undefined;
  readonly targets: readonly Target[];
  /** Live release by service; null where none is. */
  readonly live: ReadonlyMap<string, string | null>;
  /** Services that did not answer then. */
  readonly failing: ReadonlySet<string>;
  /** ms since 1970. */
  readonly startedAt: number;
}

/** What was proven of a deployment. */
export interface Proof {
  readonly ok: boolean;
  readonly reason: string;
  /** Services that this run has given another release. */
  readonly services: readonly string[];
  readonly flows?: PerformedFlows | undefined;
  readonly steps: readonly ProvenStep[];
  readonly back?: TakenBack | undefined;
}

/** What a proof is made with. */
export interface ProofActions {
  /** Live release by service; null where none is. */
  live(targets: readonly Target[]): Promise<ReadonlyMap<string, string | null>>;
  smoke(catalog: Catalog, keys: readonly string[], signal: AbortSignal): Promise<Smoke>;
  /** Undefined where none are run. */
  flows(tools: ProofTools, before: Ground): Promise<PerformedFlows | undefined>;
  /** @param good are the pictures those of a good release? */
  looks(tools: ProofTools, before: Ground, good: boolean): Promise<void>;
  takeBack(what: TakeBack): Promise<TakenBack>;
}

const liveOf = async (targets: readonly Target[]): Promise<Map<string, string | null>> =>
  new Map((await status(targets)).map((outcome) => [outcome.service, outcome.ok ? outcome.value.live : null] as const));

/** Looks at services before a deployment, so that it is blamed for what it has changed alone. */
export async function lookBefore(tools: ProofTools, catalog: Catalog, flows: Flows | undefined): Promise<Standing> {
  const { estate, emit, signal } = tools;
  const opened = await openTargets({ estate, emit: noticesOnly(emit) }, [], { databases: "if-known" });
  const startedAt = Date.now();
  const live = await liveOf(opened.targets);
  const deployed = [...live].flatMap(([service, release]) => (release === null ? [] : [service]));
  const { failing } = await smokeTest(catalog, deployed, signal);
  return {
    catalog,
    flows,
    targets: opened.targets,
    live,
    failing: new Set(failing.map(({ service }) => service)),
    startedAt,
  };
}

/** What a deployment is proven against. */
export type Ground = Pick<Standing, "catalog" | "flows" | "failing">;

/** Services of a deployment, and all that are live after it. */
interface Deployed {
  /** Keys of those that it has given another release. */
  readonly services: readonly string[];
  /** Live release by service; null where none is. */
  readonly live: ReadonlyMap<string, string | null>;
}

/** What an examination of services came to. */
export interface Examined extends Pick<Proof, "ok" | "reason" | "flows" | "steps"> {
  readonly smoke: Smoke;
  /** Failures that the deployment is blamed for. */
  readonly blamed: Smoke["failing"];
}

/**
 * Examines a deployment: a smoke test of all services at once, the user flows, further steps, then the verdict. Changes nothing.
 *
 * @param does for tests; @default on the hosts, in a browser
 * @throws SitefleetError `browser.start`
 */
export async function examine(
  tools: ProofTools,
  before: Ground,
  { services, live }: Deployed,
  steps: readonly ProofStep[] = [],
  does: Pick<ProofActions, "smoke" | "flows" | "looks"> = { smoke: smokeTest, flows: flowsOf, looks: looksOf },
): Promise<Examined> {
  const { emit, signal } = tools;
  const answering = [...live].flatMap(([service, release]) => (release === null ? [] : [service]));
  const smoke = await does.smoke(before.catalog, answering, signal);
  emit({ event: "smoke-tested", asked: smoke.asked, failing: [...smoke.failing] });
  const blamed = smoke.failing.filter(({ service }) => services.includes(service) || !before.failing.has(service));
  const performed = await does.flows(tools, before);
  const reasons = [
    ...(blamed.length > 0 ? [smokeSentence({ asked: smoke.asked, failing: blamed })] : []),
    ...(performed !== undefined && !performed.verdict.ok ? [performed.verdict.sentence] : []),
  ];
  const proven: ProvenStep[] = [];
  for (const step of steps) {
    const done = { name: step.name, takesBack: step.takesBack, ...(await carriedOut(step, services, tools, reasons)) };
    proven.push(done);
    if (done.takesBack && done.state === "fail") reasons.push(inWords(done));
  }
  const ok = reasons.length === 0;
  if (performed !== undefined && !signal.aborted) await does.looks(tools, before, ok);
  const seen = [smokeSentence(smoke), ...(performed === undefined ? [] : [performed.verdict.sentence])];
  const reason = (ok ? [...seen, ...proven.map(inWords)] : reasons).join("; ");
  return { ok, reason, smoke, blamed, flows: performed, steps: proven };
}

/**
 * Proves a deployment, see {@link examine}. What fails takes the services of this run back, with their databases.
 *
 * @param does for tests; @default on the hosts, in a browser
 * @throws SitefleetError where a host cannot be asked, `browser.start`
 */
export async function prove(
  tools: ProofTools,
  before: Standing,
  steps: readonly ProofStep[] = [],
  does: ProofActions = { live: liveOf, smoke: smokeTest, flows: flowsOf, looks: looksOf, takeBack },
): Promise<Proof> {
  const { emit, signal } = tools;
  const { catalog, targets } = before;
  const live = await does.live(targets);
  const services = [...live].flatMap(([service, release]) =>
    release !== null && release !== before.live.get(service) ? [service] : [],
  );
  if (services.length === 0) return { ok: true, reason: "no service has another release", services, steps: [] };
  const { ok, reason, flows, steps: proven } = await examine(tools, before, { services, live }, steps, does);
  emit({ event: "proved", ok, reason });
  // A run that a person has stopped proves nothing, and takes nothing back.
  if (ok || signal.aborted) return { ok, reason, services, flows, steps: proven };
  const back = await does.takeBack({
    catalog,
    targets: targets.filter(({ service }) => services.includes(service.key)),
    reason,
    since: before.startedAt,
    database: true,
    emit,
  });
  return { ok, reason, services, flows, steps: proven, back };
}

/** One step. What breaks it says nothing of the release; once that is known to be bad, no time is lost. */
async function carriedOut(
  { run }: ProofStep,
  services: readonly string[],
  tools: ProofTools,
  reasons: readonly string[],
): Promise<StepResult> {
  if (reasons.length > 0) return { state: "not-run", sentence: "not run, since the release goes back" };
  if (tools.signal.aborted) return { state: "not-run", sentence: "not run, since the run was stopped" };
  try {
    return await run(services, tools);
  } catch (error) {
    return { state: "not-run", sentence: `not run: ${failureOf(error).message}` };
  }
}

const inWords = ({ name, sentence }: Pick<ProvenStep, "name" | "sentence">): string => `${name}: ${sentence}`;

async function flowsOf(tools: ProofTools, { catalog, flows }: Ground): Promise<PerformedFlows | undefined> {
  const { emit, signal, estate } = tools;
  if (flows === undefined || flows.flows.length === 0) return undefined;
  if (findBrowser() === undefined) {
    emit({ event: "notice", text: "the user flows were not run: this machine has no Chromium" });
    return undefined;
  }
  return performFlows({
    flows,
    chosen: flows.flows,
    services: catalog.services,
    target: targetOf(estate.configFile),
    signal,
    onTakenAway: (what) => emit({ event: "notice", text: takenAwayText(what) }),
    onStart: (flow) => emit({ event: "flow-started", flow }),
    onEnd: (result) => emit(flowEnded(result)),
  });
}

/** Says which pages look otherwise than with the last good release; a good one gives the pictures for the next. It is shown, and judges nothing. */
async function looksOf(tools: ProofTools, { catalog, flows }: Ground, good: boolean): Promise<void> {
  const { emit, signal, estate } = tools;
  if (flows === undefined || flows.visual.pages.length === 0) return;
  const target = targetOf(estate.configFile);
  const { pages, keep } = await comparePages({ flows, services: catalog.services, target, signal }, await keptIn());
  for (const { page, size, state, reason, evidence } of pages)
    if (state === "differs" || state === "not-run")
      emit({ event: "notice", text: [`page ${page} (${size}) ${state}: ${reason}`, ...evidence.slice(-1)].join("; ") });
  if (good) await keep();
}
