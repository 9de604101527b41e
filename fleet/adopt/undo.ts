import { join } from "node:path";
import pLimit from "p-limit";
import { environment } from "../../environment/index.ts";
import { nameOfUrn } from "../../provider/framework/urn.ts";
import { newRunId } from "../backend/journal/journal.ts";
import { writeAtomically } from "../backend/store/state-dir.ts";
import { NO_COUNTS } from "../engine/outcome.ts";
import { type Exported, type Resource, StackCli } from "../repair/index.ts";
import { type FrameOptions, inRun } from "../run/locked-run.ts";
import type { Session } from "../run/session.ts";
import { forgetAdopted } from "./kept.ts";

/** States that are changed at once: each starts the engine twice. */
const AT_ONCE = 3;

/** What became of one stack. */
export interface UndoneStack {
  readonly stack: string;
  /** Names of what is in its state no more. */
  readonly removed: readonly string[];
  /** What stays, since something that was not adopted refers to it. */
  readonly kept: readonly string[];
  /** Why nothing was done. */
  readonly error?: string;
}

/** A state without what was adopted, and what had to stay. */
interface WithoutAdopted {
  readonly state: Exported;
  readonly removed: readonly string[];
  readonly kept: readonly string[];
}

/**
 * Takes resources out of a state. One that another resource refers to, which is not taken out, stays. Components and providers that
 * nothing is left of go as well; a state with nothing else in it is empty. Pure.
 */
export function withoutAdopted(state: Exported, urns: readonly string[]): WithoutAdopted {
  const all = state.deployment.resources ?? [];
  const gone = new Set(all.flatMap(({ urn }) => (urns.includes(urn) ? [urn] : [])));
  for (let before = -1; before !== gone.size; ) {
    before = gone.size;
    for (const one of all) if (!gone.has(one.urn)) for (const urn of refersTo(one)) gone.delete(urn);
  }
  let left = all.filter(({ urn }) => !gone.has(urn));
  if (!left.some(isObject)) left = [];
  const used = new Set(
    left.filter(isObject).flatMap((one) => [...refersTo(one), one.provider?.split("::").slice(0, -1).join("::") ?? ""]),
  );
  const parents = new Set(left.filter(isObject).map(({ parent }) => parent));
  left = left.filter(
    (one) => isObject(one) || used.has(one.urn) || parents.has(one.urn) || one.type === "pulumi:pulumi:Stack",
  );
  const removed = [...gone];
  const kept = all.flatMap(({ urn }) => (urns.includes(urn) && !gone.has(urn) ? [urn] : []));
  return { state: { ...state, deployment: { ...state.deployment, resources: left } }, removed, kept };
}

/** An object at a vendor, or a value; neither a component nor bookkeeping. */
const isObject = ({ custom, type, external }: Resource): boolean =>
  custom === true && external !== true && !type.startsWith("pulumi:");

const refersTo = ({ parent, dependencies = [] }: Resource): string[] => [...(parent ? [parent] : []), ...dependencies];

/**
 * Takes what was adopted out of the states again. No vendor is called. The states as they were are kept.
 *
 * @param urns by stack
 * @throws those of `inRun`
 */
export async function undoAdoption(
  session: Session,
  urns: ReadonlyMap<string, readonly string[]>,
  options: FrameOptions,
): Promise<{ readonly stacks: readonly UndoneStack[]; readonly before: string }> {
  const run = newRunId();
  const before = join(session.folders.state, "adopt", "before", run);
  const stacks = [...urns.keys()].filter((stack) => session.infos.has(stack));
  if (stacks.length === 0) return { stacks: [], before };
  return inRun(
    session,
    stacks,
    { ...options, run, operation: "adopt", first: {} },
    async ({ sound, refused, observer, write, signal }) => {
      const limit = pLimit(AT_ONCE);
      const one = async (stack: string): Promise<UndoneStack> => {
        if (signal?.aborted) return { stack, removed: [], kept: [], error: "the run was stopped" };
        await observer.started?.(stack);
        const cli = new StackCli(stack, session.configFile, options.budget?.env ?? environment());
        const done = await undoOne(cli, stack, urns.get(stack) ?? [], before).catch(
          (error: Error): UndoneOne => ({ stack, removed: [], kept: [], absent: [], error: error.message }),
        );
        const result = {
          steps: [],
          counts: { ...NO_COUNTS, deleted: done.removed.length },
          warnings: [],
          finished: true,
          milliseconds: 0,
        };
        observer.ended?.({ ...result, stack, ok: done.error === undefined, errors: done.error ? [done.error] : [] });
        if (done.error === undefined)
          await forgetAdopted(session, new Map([[stack, [...done.removed, ...done.absent]]]));
        return { stack, removed: done.removed.map(nameOfUrn), kept: done.kept.map(nameOfUrn), error: done.error };
      };
      const results = await Promise.all(sound.map((stack) => limit(one, stack)));
      const left = [...refused].map(([stack, error]) => ({ stack, removed: [], kept: [], error }));
      write({ event: "run-ended", ok: results.every(({ error }) => error === undefined) && left.length === 0 });
      return { stacks: [...results, ...left], before };
    },
  );
}

interface UndoneOne extends UndoneStack {
  /** What its state did not hold any more. */
  readonly absent: readonly string[];
}

async function undoOne(cli: StackCli, stack: string, urns: readonly string[], before: string): Promise<UndoneOne> {
  const exported = await cli.export();
  writeAtomically(join(before, `${stack}.json`), JSON.stringify(exported));
  const { state, removed, kept } = withoutAdopted(exported, urns);
  if (removed.length > 0) await cli.import(state);
  const there = new Set([...removed, ...kept]);
  return { stack, removed, kept, absent: urns.filter((urn) => !there.has(urn)) };
}
