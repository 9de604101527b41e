import { readCheckpoint } from "../../fleet/backend/states/checkpoint.ts";
import { checkSites, type HealthResult, type Report, reportOf } from "../../fleet/health/index.ts";
import { builtAnew, readState, sitesToCheck } from "../../fleet/releases/rollback/index.ts";
import type { RunResult } from "../../fleet/run/run.ts";
import type { PlannedRollback } from "./plan.ts";

/** What the sites that went back answer. */
export interface CheckedBack {
  readonly results: readonly HealthResult[];
  readonly report: Report;
}

/** Asks the sites that went back, with the release that they must answer with. Undefined when there are none. */
export async function checkBack({ session, targets }: PlannedRollback): Promise<CheckedBack | undefined> {
  // A host that does not answer yet is asked again by its check's own tries.
  const started = performance.now();
  const { catalog } = session.inputs;
  const checks = sitesToCheck(catalog, targets);
  if (checks.length === 0) return undefined;
  const expected = new Map(checks.map(({ site, expected }) => [site.host, expected]));
  const sites = checks.map(({ site }) => site);
  const results = await checkSites(catalog, sites, { expected });
  return { results, report: reportOf(results, (performance.now() - started) / 1000) };
}

/** The sites and shared projects whose old deployment was gone, so that the commit was built anew. @param results what became of the stacks */
export async function rebuiltBy(
  { targets }: Pick<PlannedRollback, "targets">,
  results: RunResult["results"],
): Promise<string[]> {
  const left = new Map(results.map(({ stack, state }) => [stack, state]));
  const now = async (stack: string) => {
    const state = left.get(stack);
    return state === undefined ? readState(stack) : readCheckpoint(JSON.parse(state));
  };
  const all = await Promise.all(
    targets.map(async (target) =>
      builtAnew(target, await target.formerResources(), (await now(target.stack)).resources),
    ),
  );
  return all.flat().sort();
}
