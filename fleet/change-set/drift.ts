import type { JobResult } from "../engine/job.ts";
import type { Step } from "../engine/outcome.ts";

/** Where a change comes from: the declaration, a change by hand at the vendor, or both. */
type Cause = "code" | "drift" | "both";

/**
 * Says of each change where it comes from. A preview with refresh finds both kinds, a preview without finds only what the
 * declaration changes. The difference is drift. Pure.
 *
 * @param live preview with refresh
 * @param declared previews without, by stack; a stack whose declaration has not changed has none, so that all of it is drift
 */
export function markCauses(live: readonly JobResult[], declared: ReadonlyMap<string, JobResult>): JobResult[] {
  return live.map((result) => {
    const plain = declared.get(result.stack);
    // Without a whole answer nothing is claimed.
    if (plain !== undefined && !plain.ok) return result;
    const known = new Map(plain?.steps.map((step) => [step.urn, step]));
    return { ...result, steps: result.steps.map((step) => ({ ...step, cause: causeOf(step, known.get(step.urn)) })) };
  });
}

function causeOf(step: Step, declared: Step | undefined): Cause {
  if (declared === undefined) return "drift";
  const paths = new Set(declared.diffs.map(({ path }) => path));
  return step.op === declared.op && step.diffs.every(({ path }) => paths.has(path)) ? "code" : "both";
}
