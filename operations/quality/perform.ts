import pLimit from "p-limit";
import type { Store } from "../../fleet/backend/store/store.ts";
import { keepResult } from "../../fleet/quality/index.ts";
import type { QualityResult } from "../../quality/index.ts";
import type { Estate } from "../kit/estate.ts";
import { Bench } from "./bench.ts";
import { artifactDigests, type DeclaredQuality, type Task } from "./choose.ts";

/** How checks are carried out. */
export interface Performing {
  readonly estate: Estate;
  /** What it stops says nothing of what it looked at, and is not kept. */
  readonly signal: AbortSignal;
  /** Browsers of Lighthouse at once, see `planMeasuring`. */
  readonly browsers: number;
  readonly onStart?: ((task: Task) => void) | undefined;
  readonly onEnd?: ((result: QualityResult) => void) | undefined;
}

/**
 * Carries checks out, one after the other but for measurements, and keeps each result as soon as it is there.
 *
 * @returns their results, without those that a stop has cut off
 * @throws SitefleetError `store.unreachable`, `store.busy`
 */
export async function performTasks(
  store: Store,
  declared: DeclaredQuality,
  tasks: readonly Task[],
  { estate, signal, browsers, onStart, onEnd }: Performing,
): Promise<QualityResult[]> {
  const digests = await artifactDigests(declared.catalog, [...new Set(tasks.flatMap(({ services }) => services))]);
  const bench = new Bench(declared, { estate, signal, digests });
  const results: QualityResult[] = [];
  const perform = async (task: Task) => {
    if (signal.aborted) return;
    onStart?.(task);
    const result = await bench.check(task);
    if (signal.aborted) return;
    await keepResult(store, result);
    results.push(result);
    onEnd?.(result);
  };
  try {
    // One at a time: tools use all processors by themselves, and a score depends on how busy they are.
    for (const task of tasks.filter(({ check }) => check !== "lighthouse")) await perform(task);
    const limit = pLimit(browsers);
    await Promise.all(tasks.filter(({ check }) => check === "lighthouse").map((task) => limit(() => perform(task))));
  } finally {
    await bench.close();
  }
  return results;
}
