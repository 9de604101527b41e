import { availableParallelism } from "node:os";
import type { Store } from "../../fleet/backend/store/store.ts";
import { newestOf, readResults } from "../../fleet/quality/index.ts";
import { planMeasuring, type QualityResult } from "../../quality/index.ts";
import { RUNS } from "../../quality/page/lighthouse.ts";
import type { Task } from "./choose.ts";

/**
 * What measuring takes on this machine: by what the newest measurement of each page took, as far as there is one.
 *
 * @throws SitefleetError `store.unreachable`
 */
export async function plannedMeasuring(
  store: Store,
  tasks: readonly Task[],
): Promise<ReturnType<typeof planMeasuring>> {
  const earlier = await Promise.all(
    tasks.map(async ({ subject }) => newestOf(await readResults(store, subject), "lighthouse")),
  );
  return planMeasuring(tasks.length, RUNS, availableParallelism(), secondsOfRun(earlier));
}

/** What a run took, in the median; undefined where nothing was measured. Pure. */
export function secondsOfRun(results: readonly (QualityResult | undefined)[]): number | undefined {
  const each = results
    .flatMap((one) => (one === undefined || one.state === "not-run" ? [] : [one]))
    .map(({ seconds, measures }) => seconds / (measures.find(({ name }) => name === "runs")?.value ?? RUNS))
    .toSorted((a, b) => a - b);
  return each[Math.floor(each.length / 2)];
}
