import { newRunId } from "../../fleet/backend/journal/journal.ts";
import type { Figures } from "../../fleet/backend/journal/verdict.ts";
import type { RolloutRecord, Seen, ServiceWork, WaveState, WentBack } from "../../fleet/releases/rollout/index.ts";
import { inRun } from "../../fleet/run/locked-run.ts";
import { loadCatalog } from "../../model/index.ts";
import { rollback, type ServiceStatus, status, type Target } from "../../plesk/index.ts";
import type { PleskState } from "../../stacks/desired.ts";
import { PLESK_STACK } from "../../stacks/names.ts";
import { declaredFlows } from "../flows/declared.ts";
import type { FleetEvent } from "../kit/events.ts";
import { failureOf } from "../kit/failure.ts";
import type { Tools } from "../kit/operation.ts";
import { lockedFrame } from "../kit/watch.ts";
import { lighthouseSteps } from "../plesk/proof/lighthouse.ts";
import { type Examined, examine } from "../plesk/proof/prove.ts";
import { smokeSentence, smokeTest } from "../plesk/proof/smoke.ts";
import { noticesOnly } from "../plesk/services/notices.ts";
import { openDeclared } from "../plesk/services/targets.ts";
import type { RolloutInput } from "./input.ts";
import { mustGoBack, stays } from "./services-back.ts";

type WorkTools = Pick<Tools<FleetEvent>, "estate" | "emit" | "signal">;

/** Proves the services of a rollout and takes them back, over their hosts. */
export function serviceWork(tools: WorkTools, options: RolloutInput): ServiceWork {
  const { estate, emit, signal } = tools;
  const opening = { estate, emit: noticesOnly(emit) };
  const targetsOf = (record: RolloutRecord, keys: readonly string[], databases: "if-known" | "required") =>
    openDeclared(opening, stateOf(record), keys, { databases });

  return {
    async check(record, wave, when): Promise<Seen> {
      const catalog = loadCatalog(estate.catalogDir);
      const known = new Set(catalog.services.map(({ key }) => key));
      const standing = await standingOf(await targetsOf(record, [], "if-known"), signal);
      const live = new Map([...standing].flatMap(([key, one]) => (known.has(key) ? [[key, one.live]] : [])));
      const services = wave.services ?? [];
      const failing = new Set(wave.known.map(({ id }) => id));
      if (when === "before") {
        const answering = [...live].flatMap(([key, release]) => (release === null ? [] : [key]));
        const smoke = await smokeTest(catalog, answering, signal);
        const blamed = smoke.failing.filter(({ service }) => !failing.has(service));
        const reason = smokeSentence(blamed.length > 0 ? { ...smoke, failing: blamed } : smoke);
        const were = Object.fromEntries(services.map((key) => [key, standing.get(key)?.live ?? null]));
        return {
          results: smoke.results ?? [],
          live: were,
          known: smoke.failing.map(({ service }) => ({ id: service, aspects: [] })),
          judged: judgement({ ok: blamed.length === 0, reason, smoke, blamed }),
        };
      }
      const ground = { catalog, failing, flows: declaredFlows(estate.catalogDir) };
      const examined = await examine(tools, ground, { services, live }, lighthouseSteps(catalog));
      const other = services.filter((key) => standing.get(key)?.live !== releaseOf(record, key));
      const wrong = other.map((key) => `${key} does not serve the release of its wave`);
      const reason = [...wrong, ...(examined.ok && wrong.length > 0 ? [] : [examined.reason])].join("; ");
      return {
        results: examined.smoke.results ?? [],
        judged: judgement({ ...examined, ok: examined.ok && wrong.length === 0, reason }),
      };
    },

    async goBack(session, record, wave): Promise<WentBack> {
      const run = newRunId();
      const frame = { ...lockedFrame(emit, options.lockTimeout), gone: options.gone, concurrency: 1, signal };
      // Under the stack's lock: an engine that a killed process has left may still be deploying.
      return inRun(session, [PLESK_STACK], { ...frame, run, operation: "rollout", first: {} }, async ({ write }) => {
        const { kept, left } = await restore(record, wave, await targetsOf(record, wave.services ?? [], "required"));
        write({ event: "run-ended", ok: left.length === 0 });
        const skipped = left.map((reason) => ({ stack: PLESK_STACK, reason }));
        return { run: { run, results: [], skipped, milliseconds: 0 }, kept };
      });
    },
  };
}

/** Gives services their releases from before a wave again. Not to be stopped half way. */
async function restore(record: RolloutRecord, wave: WaveState, targets: readonly Target[]) {
  const were = (key: string) => wave.live?.[key] ?? null;
  const about = (key: string) => ({ release: releaseOf(record, key), before: were(key) });
  const standing = await standingOf(targets);
  const goes = targets.filter(({ service: { key } }) => {
    const now = standing.get(key);
    return now !== undefined && mustGoBack(now, about(key));
  });
  const outcomes = await rollback(goes, {
    database: "if-kept",
    since: Date.parse(wave.begunAt ?? record.startedAt),
    releases: new Map(
      goes.flatMap(({ service: { key } }) => {
        const before = were(key);
        return before === null ? [] : [[key, before] as const];
      }),
    ),
  });
  const after = await standingOf(targets);
  const kept: string[] = [];
  const left: string[] = [];
  for (const [key, now] of after) {
    const failed = outcomes.find((outcome) => outcome.service === key && !outcome.ok);
    const why = failed && !failed.ok ? failureOf(failed.error).message : undefined;
    const stay = stays(now, about(key), why);
    if (stay?.how === "kept") kept.push(`${key}: ${stay.why}`);
    if (stay?.how === "left") left.push(`${key} stays: ${stay.why}`);
  }
  return { kept, left };
}

/** How services stand on their hosts. @throws SitefleetError `plesk.*` of the first that cannot be asked */
async function standingOf(targets: readonly Target[], signal?: AbortSignal): Promise<Map<string, ServiceStatus>> {
  const found = new Map<string, ServiceStatus>();
  for (const outcome of await status(targets, signal ? { signal } : {})) {
    if (!outcome.ok) throw outcome.error;
    found.set(outcome.service, outcome.value);
  }
  return found;
}

function stateOf({ target, id }: RolloutRecord): PleskState {
  const state = target[PLESK_STACK];
  if (state?.kind !== "plesk") throw new Error(`rollout ${id}: ${PLESK_STACK} is none of its stacks`);
  return state;
}

const releaseOf = (record: RolloutRecord, key: string): string | undefined =>
  stateOf(record).services.find((service) => service.key === key)?.artifactDigest;

/** An examination as a wave's judgement. Pure. */
function judgement({ ok, reason, smoke, blamed }: Pick<Examined, "ok" | "reason" | "smoke" | "blamed">) {
  const { asked, failing } = smoke;
  const figures: Figures = {
    sites: asked,
    failed: blamed.length,
    failedBefore: failing.length - blamed.length,
    inconclusive: 0,
    failurePercent: asked === 0 ? 0 : Math.round((blamed.length / asked) * 1000) / 10,
    slowdownPercent: 0,
    slowdownMs: 0,
    compared: 0,
    examples: blamed.map(({ service }) => service),
  };
  return { verdict: ok ? ("pass" as const) : ("fail" as const), reason, figures };
}
