import { z } from "zod";
import { type Times, timesKey } from "../../checks/times.ts";
import type { HealthResult, Target } from "../../checks/types.ts";
import { ownStore } from "../backend/store/state-store.ts";
import { changeObject, type Store } from "../backend/store/store.ts";

/** Folder of the times below the state directory, and below a store's prefix. */
const FOLDER = "health";

const fileSchema = z.object({
  version: z.literal(1),
  /** `<vantage> <id>` → times in ms, the newest last. */
  times: z.record(z.string(), z.array(z.number().nonnegative())),
});

/**
 * Adds what passed. A time that is slow against what is usual is added as well: when it stays so, it becomes usual, which
 * takes half of the kept times. Pure.
 */
export function withResults(times: Times, results: readonly HealthResult[], samples: (id: string) => number): Times {
  const next = new Map(times);
  for (const { id, kind, vantages } of results) {
    // The address of a deployment never comes back.
    if (kind === "deployment") continue;
    for (const { vantage, milliseconds, findings } of vantages) {
      const wrong = findings.some(
        ({ about, verdict }) => about !== "time" && (verdict === "fail" || verdict === "inconclusive"),
      );
      if (wrong || milliseconds === undefined) continue;
      const key = timesKey(vantage, id);
      next.set(key, [...(next.get(key) ?? []), milliseconds].slice(-samples(id)));
    }
  }
  return next;
}

/** Times are kept in one file a cell, so that jobs for different cells never write the same: `cell-07`, `services`. */
function shardOf({ kind, cell }: Pick<Target, "kind" | "cell">): string {
  return kind === "site" ? `cell-${cell ?? "none"}` : "services";
}

/**
 * The known times of some targets: from the store where machines share one, else from the state directory. What cannot be
 * read counts as not known.
 *
 * @throws SitefleetError `store.unreachable`
 */
export async function readTimes(dir: string, store: Store | undefined, targets: readonly Target[]): Promise<Times> {
  const shards = [...new Set(targets.map(shardOf))];
  const own = ownStore(dir, store);
  const texts = await Promise.all(shards.map(async (shard) => (await own.get(keyOf(shard)))?.text));
  return new Map(texts.flatMap((text) => Object.entries(parse(text))));
}

/**
 * Adds the times of some results to what is kept. Two runs at once lose none.
 *
 * @throws SitefleetError `store.unreachable`, `store.busy`
 */
export async function addTimes(
  dir: string,
  store: Store | undefined,
  targets: readonly Target[],
  results: readonly HealthResult[],
): Promise<void> {
  const byId = new Map(targets.map((target) => [target.id, target]));
  const shards = new Map<string, HealthResult[]>();
  for (const result of results) {
    const target = byId.get(result.id);
    if (target === undefined || target.kind === "deployment") continue;
    const shard = shardOf(target);
    shards.set(shard, [...(shards.get(shard) ?? []), result]);
  }
  const own = ownStore(dir, store);
  const samples = (id: string): number => byId.get(id)?.check.slow.samples ?? 1;
  await Promise.all(
    [...shards].map(async ([shard, some]) => {
      const change = (text: string | undefined): string => {
        const times = Object.fromEntries(withResults(new Map(Object.entries(parse(text))), some, samples));
        return JSON.stringify({ version: 1, times });
      };
      await changeObject(own, keyOf(shard), (text) => ({ text: change(text), result: undefined }));
    }),
  );
}

const keyOf = (shard: string): string => `${FOLDER}/${shard}.json`;

function parse(text: string | undefined): Record<string, number[]> {
  if (text === undefined) return {};
  try {
    return fileSchema.parse(JSON.parse(text)).times;
  } catch {
    // Damaged, or of another version: times are measured anew.
    return {};
  }
}
