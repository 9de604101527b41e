import { describeError, SitefleetError } from "../../errors/index.ts";
import {
  carryOut,
  note,
  type RolloutFiles,
  type RolloutRecord,
  rolloutWork,
} from "../../fleet/releases/rollout/index.ts";
import { applyRun } from "../../fleet/run/apply.ts";
import { tuning } from "../fleet/over.ts";
import { openRunBudget } from "../fleet/run-budget.ts";
import type { FleetEvent } from "../kit/events.ts";
import type { Tools } from "../kit/operation.ts";
import { lockedFrame, overStacks } from "../kit/watch.ts";
import type { RolloutInput } from "./input.ts";
import { me, openRollout } from "./open.ts";
import { serviceWork } from "./service-work.ts";

/**
 * Carries a rollout out with the real engine, within the vendors' limits.
 *
 * @param lost aborted when this process was taken for gone, and another has the turn
 */
export function goOn(
  tools: Tools<FleetEvent>,
  record: RolloutRecord,
  files: RolloutFiles,
  options: RolloutInput,
  lost: AbortSignal | undefined,
): Promise<RolloutRecord> {
  const { estate, emit } = tools;
  const total = record.waves.reduce(
    (sum, { kind, hosts }) => sum + (kind === "shared" || kind === "services" ? 1 : Object.keys(hosts).length),
    0,
  );
  return overStacks(tools, total, (observer, stopped) => {
    const signal = lost ? AbortSignal.any([stopped, lost]) : stopped;
    const work = rolloutWork({
      open: () => openRollout(estate),
      signal,
      services: serviceWork({ estate, emit, signal }, options),
      async apply(session, { stacks, steps, desired, keepGoing, services, ended, refuse }) {
        const known = new Map(stacks.map((stack) => [stack, { steps: steps.get(stack) ?? [] }]));
        const needs = { stacks, known, hosts: [], live: 0, notes: [] };
        const budget =
          stacks.length > 0 ? await openRunBudget(tools, session, needs, stacks, { ...options, signal }) : undefined;
        return applyRun(session, {
          stacks: budget?.order ?? stacks,
          ...tuning(options),
          operation: "rollout",
          preflight: {
            rules: {
              allow: [...(record.allow ?? []), ...(options.allow ?? [])],
              direction: keepGoing ? "back" : "forward",
            },
          },
          budget: { ...budget?.hooks, refuse: (stack) => refuse?.(stack) ?? budget?.hooks.refuse?.(stack) },
          desired,
          services,
          keepGoing: keepGoing || undefined,
          gone: options.gone,
          ...lockedFrame(emit, options.lockTimeout),
          observer: {
            started: (stack) => observer.started(stack),
            step: (stack, step) => observer.step(stack, step),
            stepEnded: (stack, urn) => observer.stepEnded(stack, urn),
            ended: (result) => {
              ended?.(result);
              observer.ended(result);
            },
          },
          signal,
        }).finally(() => budget?.close());
      },
    });
    const onEvent = (what: Parameters<typeof note>[1]) => emit({ event: "rollout", what });
    return owned(() => carryOut(record, { files, work, signal, onEvent }), { record, files, stopped, lost });
  });
}

/**
 * Leaves no rollout running without a process that carries it out. A rollout that was stopped, or that a defect ended, is
 * paused with the reason.
 * Not one that another process has taken over.
 */
async function owned(
  run: () => Promise<RolloutRecord>,
  about: {
    readonly record: RolloutRecord;
    readonly files: RolloutFiles;
    readonly stopped: AbortSignal;
    readonly lost: AbortSignal | undefined;
  },
): Promise<RolloutRecord> {
  const { files, stopped, lost } = about;
  const pause = async (reason: string) => {
    const now = (await files.read(about.record.id)) ?? about.record;
    if (now.status !== "running" || lost?.aborted) return now;
    return note(now, { event: "paused", reason, by: me() }, { files });
  };
  try {
    const record = await run();
    // Out of reach now: then it stays as it is, and the status says that no process carries it out.
    return stopped.aborted ? await pause("stopped").catch(() => record) : record;
  } catch (error) {
    await pause(`ended by an error: ${error instanceof SitefleetError ? describeError(error) : String(error)}`).catch(
      () => {},
    );
    throw error;
  }
}
