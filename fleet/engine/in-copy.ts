import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { environment, inEnvironment } from "../../environment/index.ts";
import { describeError, SitefleetError } from "../../errors/index.ts";
import type { Program } from "../../stacks/program.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { openCopy, type WorkingCopy } from "../backend/copy/working-copy.ts";
import { staysClosed } from "../backend/secrets/keeper.ts";
import type { StackKey } from "../backend/secrets/stack-key.ts";
import { readIn } from "../backend/store/copy-place.ts";
import { placesOf } from "../backend/store/project.ts";
import type { Job, JobResult } from "./job.ts";
import { canJournal } from "./journaled.ts";
import { knownContent } from "./known-content.ts";
import { newStack } from "./new-stack.ts";
import { type Adoption, lastWords, operate, type StepWatch } from "./operate.ts";
import { NO_COUNTS } from "./outcome.ts";
import { infoOf } from "./read-stacks.ts";

/**
 * Runs one operation as {@link operate} does; an update on a copy of the stack (`backend/copy`) where the
 * engine can tell its steps, or where the stack lies in a bucket or table. Never rejects for
 * what concerns the copy: it is a failed result.
 *
 * @param key of the stacks' secrets. @default the engine makes it
 */
export async function operateInCopy(
  job: Job,
  inputs: Program,
  watch: StepWatch,
  adoption: Adoption,
  signal?: AbortSignal,
  key?: StackKey,
): Promise<JobResult> {
  if (job.operation === "preview") return operate(job, inputs, watch, adoption, signal, { key });
  const started = Date.now();
  let copy: WorkingCopy | undefined;
  let journal = canJournal();
  let before: string | undefined;
  try {
    if (!job.exists) await newStack(job.stack, resolve(PROJECT_ROOT, job.configFile));
    copy = await openCopy(job.stack, environment(), { hasShared: job.shared, directories: journal });
    before = copy && readIn(copy.dir, placesOf(job.stack).state);
    if (before !== undefined && journal) journal = willStayClosed(job, before);
  } catch (error) {
    const nothing = { steps: [], counts: NO_COUNTS, warnings: [], finished: false, untouched: true as const };
    return {
      ...nothing,
      stack: job.stack,
      ok: false,
      errors: [inWords(error)],
      milliseconds: Date.now() - started,
    };
  }
  const made = { ...job, exists: true };
  if (copy === undefined) return operate(made, inputs, watch, adoption, signal);
  const { behind, dir, env } = copy;
  const either = AbortSignal.any(signal ? [signal, behind] : [behind]);
  const result = await inEnvironment({ ...environment(), ...env }, () =>
    operate(made, inputs, watch, adoption, either, journal ? { journalIn: dir, key } : {}),
  );
  let left: Awaited<ReturnType<WorkingCopy["close"]>>;
  try {
    left = await copy.close();
  } catch (error) {
    return { ...result, ok: false, errors: [...result.errors, inWords(error)] };
  }
  if (behind.aborted) return { ...result, ok: false, errors: [...result.errors, inWords(behind.reason)] };
  const info = left && infoOf({ stack: job.stack, whole: true, ...left });
  const told = left && info ? { info: { ...info, content: knownContent(job, before, left.text) } } : {};
  return { ...result, ...told, ...(left && job.tellState ? { state: left.text } : {}) };
}

/** Whether the engine may tell its steps alone, see {@link staysClosed}. A state that cannot be read is the engine's to refuse. */
function willStayClosed({ configFile }: Job, state: string): boolean {
  try {
    return staysClosed(state, readFileSync(resolve(PROJECT_ROOT, configFile), "utf8"));
  } catch {
    return true;
  }
}

const inWords = (error: unknown) => (error instanceof SitefleetError ? describeError(error) : lastWords(error));
