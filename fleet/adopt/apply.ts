import { join } from "node:path";
import { environment } from "../../environment/index.ts";
import { SHARED_STACK } from "../../stacks/names.ts";
import { newRunId } from "../backend/journal/journal.ts";
import { checkpoints } from "../backend/states/state-files.ts";
import { writeAtomically } from "../backend/store/state-dir.ts";
import type { Adopted } from "../engine/adoption/create.ts";
import type { JobResult } from "../engine/job.ts";
import { type FrameOptions, inRun } from "../run/locked-run.ts";
import { type RunResult, runFleet } from "../run/run.ts";
import type { Session } from "../run/session.ts";
import { forgetAdopted, noteAdoption } from "./kept.ts";
import type { Matching } from "./match.ts";

/** What an adoption came to. */
export interface AppliedAdoption extends RunResult {
  readonly run: string;
  /** Objects that are in a state now, by stack. */
  readonly adopted: ReadonlyMap<string, readonly string[]>;
  /** Folder with the states as they were before; undefined when no stack had one. */
  readonly before: string | undefined;
}

/**
 * What of a matching is taken over, by stack, in the order of the stacks. Pure.
 *
 * @param values what only the configuration knows, by the name of the secret
 */
export function adoptionOf(
  matching: Matching,
  values: ReadonlyMap<string, string> = new Map(),
): Map<string, Adopted[]> {
  const found = new Map<string, Adopted[]>();
  for (const { wanted, seen } of matching.matched) {
    const value = wanted.role === "generated" ? values.get(wanted.name) : undefined;
    const list = found.get(wanted.stack) ?? [];
    found.set(wanted.stack, list);
    list.push({
      urn: wanted.urn,
      id: seen.id,
      value: wanted.role === "generated" ? digitsOf(value, wanted) : undefined,
    });
  }
  return found;
}

/** A generated value is kept as hex digits, whatever form its secret has. */
const digitsOf = (value = "", { encoding }: { readonly encoding: "base64" | "hex" }): string =>
  encoding === "hex" ? value : Buffer.from(value, "base64").toString("hex");

/**
 * Takes objects into the states of their stacks: locks, journal and repair are those of every run. Vendors are only read. A stack that was
 * cut off goes on with what its state lacks.
 *
 * @throws those of `inRun`
 */
export async function applyAdoption(
  session: Session,
  adopt: ReadonlyMap<string, readonly Adopted[]>,
  options: FrameOptions,
): Promise<AppliedAdoption> {
  const run = newRunId();
  const stacks = [...adopt.keys()];
  if (stacks.length === 0)
    return { run, results: [], skipped: [], milliseconds: 0, adopted: new Map(), before: undefined };
  return inRun(session, stacks, { ...options, run, operation: "adopt", first: {} }, async (tools) => {
    const before = await keepStates(session, run, tools.sound);
    const urnsOf = (stack: string) => (adopt.get(stack) ?? []).map(({ urn }) => urn);
    await noteAdoption(session, run, new Map(tools.sound.map((stack) => [stack, urnsOf(stack)])));
    const common = {
      operation: "up" as const,
      adopt,
      existing: new Set(session.infos.keys()),
      catalogDir: session.catalogDir,
      inputs: session.inputs,
      configFile: session.configFile,
      concurrency: options.concurrency,
      parallel: options.parallel,
      pool: tools.pool,
      signal: tools.signal,
      ...options.budget,
      observer: tools.observer,
    };
    // What could not be taken over of the shared stack need not keep the others from it: they say so themselves.
    const first = tools.sound.filter((stack) => stack === SHARED_STACK);
    const parts = [
      await runFleet({ ...common, stacks: first }),
      await runFleet({
        ...common,
        existing: new Set([...common.existing, ...first]),
        stacks: tools.sound.filter((stack) => stack !== SHARED_STACK),
      }),
    ];
    const results = parts.flatMap((part) => part.results);
    const refused = [...tools.refused].map(([stack, reason]) => ({ stack, reason }));
    const skipped = [...parts.flatMap((part) => part.skipped), ...refused];
    const adopted = new Map(results.map((result) => [result.stack, takenOver(result, adopt.get(result.stack) ?? [])]));
    await forgetAdopted(session, notTaken(tools.sound, adopt, adopted, results));
    const ok = skipped.length === 0 && results.every((one) => one.ok);
    tools.write({ event: "run-ended", ok, reason: tools.signal?.aborted ? "stopped" : undefined });
    const milliseconds = parts.reduce((sum, part) => sum + part.milliseconds, 0);
    return { run, results, skipped, milliseconds, adopted, before };
  });
}

/** URNs whose step went well. */
function takenOver({ steps }: JobResult, adopt: readonly Adopted[]): string[] {
  const made = new Set(steps.map(({ urn }) => urn));
  return adopt.flatMap(({ urn }) => (made.has(urn) ? [urn] : []));
}

/** What was noted and not taken. Of a stack whose engine did not end by itself nothing is known, and all stays noted. */
function notTaken(
  stacks: readonly string[],
  adopt: ReadonlyMap<string, readonly Adopted[]>,
  adopted: ReadonlyMap<string, readonly string[]>,
  results: readonly JobResult[],
): Map<string, string[]> {
  const cutOff = new Set(results.filter(({ finished }) => !finished).map(({ stack }) => stack));
  return new Map(
    stacks.flatMap((stack): [string, string[]][] => {
      if (cutOff.has(stack)) return [];
      const taken = new Set(adopted.get(stack));
      return [[stack, (adopt.get(stack) ?? []).map(({ urn }) => urn).filter((urn) => !taken.has(urn))]];
    }),
  );
}

/** Copies the states as they are, where the backend can be read from here; others keep their own history. */
async function keepStates(
  { folders, infos }: Session,
  run: string,
  stacks: readonly string[],
): Promise<string | undefined> {
  const read = await checkpoints(environment());
  const folder = join(folders.state, "adopt", "before", run);
  let kept: string | undefined;
  for (const stack of stacks) {
    if (!infos.has(stack)) continue;
    const state = await read?.get(stack)?.();
    if (state === undefined) continue;
    writeAtomically(join(folder, `${stack}.json`), JSON.stringify(state));
    kept = folder;
  }
  return kept;
}
