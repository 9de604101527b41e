import { findBrowser } from "../../../flows/browser.ts";
import type { Catalog, Flows } from "../../../model/index.ts";
import { status, type Target } from "../../../plesk/index.ts";
import { targetOf } from "../../flows/declared.ts";
import { flowEnded } from "../../flows/documents.ts";
import { type PerformedFlows, performFlows } from "../../flows/perform.ts";
import { comparePages } from "../../flows/visual.ts";
import type { FleetEvent } from "../../kit/events.ts";
import type { Tools } from "../../kit/operation.ts";
import { keptIn } from "../../notify/declared.ts";
import { openTargets } from "../services/targets.ts";
import { type Smoke, smokeSentence, smokeTest } from "./smoke.ts";
import { type TakenBack, takeBack } from "./take-back.ts";

type ProofTools = Pick<Tools<FleetEvent>, "estate" | "emit" | "signal">;

/** One more thing that is looked at after a deployment, e.g. how fast pages are. `services`: keys of those that were deployed. */
export interface ProofStep {
  readonly name: string;
  run(services: readonly string[], tools: ProofTools): Promise<{ readonly ok: boolean; readonly sentence: string }>;
}

/** How services stood before a deployment. */
export interface Standing {
  readonly catalog: Catalog;
  readonly flows: Flows;
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
  readonly back?: TakenBack | undefined;
}

const liveOf = async (targets: readonly Target[]): Promise<Map<string, string | null>> =>
  new Map((await status(targets)).map((outcome) => [outcome.service, outcome.ok ? outcome.value.live : null] as const));

/** Looks at services before a deployment, so that it is blamed for what it has changed alone. */
export async function lookBefore(tools: ProofTools, catalog: Catalog, flows: Flows): Promise<Standing> {
  const { estate, emit, signal } = tools;
  const opened = await openTargets(
    {
      estate,
      emit: (event) => {
        if (event.event === "unknown-secret") emit({ event: "notice", text: event.reason });
      },
    },
    [],
    { databases: "if-known" },
  );
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

/**
 * Proves a deployment: a smoke test of all services at once, the user flows, further steps, then the verdict. What fails takes the
 * services of this run back, with their databases.
 */
export async function prove(tools: ProofTools, before: Standing, steps: readonly ProofStep[] = []): Promise<Proof> {
  const { emit, signal } = tools;
  const { catalog, targets } = before;
  const live = await liveOf(targets);
  const services = [...live].flatMap(([service, release]) =>
    release !== null && release !== before.live.get(service) ? [service] : [],
  );
  if (services.length === 0) return { ok: true, reason: "no service has another release", services };
  const answering = [...live].flatMap(([service, release]) => (release === null ? [] : [service]));
  const smoke = await smokeTest(catalog, answering, signal);
  emit({ event: "smoke-tested", asked: smoke.asked, failing: [...smoke.failing] });
  const blamed: Smoke = {
    asked: smoke.asked,
    failing: smoke.failing.filter(({ service }) => services.includes(service) || !before.failing.has(service)),
  };
  const performed = await flowsOf(tools, before);
  const reasons = [
    ...(blamed.failing.length > 0 ? [smokeSentence(blamed)] : []),
    ...(performed !== undefined && !performed.verdict.ok ? [performed.verdict.sentence] : []),
  ];
  for (const { name, run } of steps) {
    const { ok, sentence } = await run(services, tools);
    if (!ok) reasons.push(`${name}: ${sentence}`);
  }
  const ok = reasons.length === 0;
  if (performed !== undefined && !signal.aborted) await looksOf(tools, before, ok);
  const passed = [smokeSentence(smoke), ...(performed === undefined ? [] : [performed.verdict.sentence])];
  const reason = (ok ? passed : reasons).join("; ");
  emit({ event: "proved", ok, reason });
  // A run that a person has stopped proves nothing, and takes nothing back.
  if (ok || signal.aborted) return { ok, reason, services, flows: performed };
  const back = await takeBack({
    catalog,
    targets: targets.filter(({ service }) => services.includes(service.key)),
    reason,
    since: before.startedAt,
    database: true,
    emit,
  });
  return { ok, reason, services, flows: performed, back };
}

async function flowsOf(tools: ProofTools, { catalog, flows }: Standing): Promise<PerformedFlows | undefined> {
  const { emit, signal, estate } = tools;
  if (flows.flows.length === 0) return undefined;
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
    onStart: (flow) => emit({ event: "flow-started", flow }),
    onEnd: (result) => emit(flowEnded(result)),
  });
}

/** Says which pages look otherwise than with the last good release; a good one gives the pictures for the next. It is shown, and judges nothing. */
async function looksOf(tools: ProofTools, { catalog, flows }: Standing, good: boolean): Promise<void> {
  const { emit, signal, estate } = tools;
  if (flows.visual.pages.length === 0) return;
  const target = targetOf(estate.configFile);
  const { pages, keep } = await comparePages({ flows, services: catalog.services, target, signal }, await keptIn());
  for (const { page, size, state, reason, evidence } of pages)
    if (state === "differs" || state === "not-run")
      emit({ event: "notice", text: [`page ${page} (${size}) ${state}: ${reason}`, ...evidence.slice(-1)].join("; ") });
  if (good) await keep();
}
