import {
  type HealthResult,
  KEPT_COUNTS_MS,
  type KeptResult,
  keptResults,
  type Target,
} from "../../fleet/health/index.ts";
import type { CheckedHost, Read } from "./sources.ts";

/**
 * How hosts were last checked: by what was asked now, else by what this machine has kept or others have told. Where the last check was
 * inconclusive, the last judgement stands.
 *
 * @param now ms since 1970
 * @param others what other machines have told
 */
export function hostsChecked(
  targets: readonly Target[],
  fresh: readonly HealthResult[],
  now: number,
  stateDir: string,
  others: readonly KeptResult[] = [],
): Read<readonly CheckedHost[]> {
  const since = now - KEPT_COUNTS_MS;
  const told = others.filter(({ at }) => at >= since);
  const kept = newestFirst(keptResults(stateDir, since), told);
  return merge(
    targets,
    fresh.map((result) => ({ at: now, result })),
    kept,
  );
}

/** Puts what was told between what was kept, so that of each host the newest comes first. Pure. @param kept the newest first, read as far as is needed */
export function* newestFirst(kept: Iterable<KeptResult>, told: readonly KeptResult[]): Generator<KeptResult> {
  const left = new Map(told.map((one) => [one.result.id, one]));
  for (const one of kept) {
    const other = left.get(one.result.id);
    // Older than what is kept or the same: what was seen here says it all.
    if (other !== undefined && other.at > one.at) yield other;
    left.delete(one.result.id);
    yield one;
  }
  yield* left.values();
}

/** Of each target the newest result and the newest judgement. Pure. @param older the newest first; read as far as is needed */
export function merge(
  targets: readonly Target[],
  fresh: readonly KeptResult[],
  older: Iterable<KeptResult>,
): Read<readonly CheckedHost[]> {
  const wanted = new Map(targets.map((target) => [target.id, target]));
  const found = new Map<string, CheckedHost>();
  let judged = 0;
  const take = ({ at, result }: KeptResult): boolean => {
    const target = wanted.get(result.id);
    if (target === undefined || target.kind !== result.kind) return judged < wanted.size;
    const before = found.get(result.id);
    if (before?.judged !== undefined) return judged < wanted.size;
    const { host, origin: url, zone, cell, service } = target;
    const one = { ...result, host, url, zone, cell, service } as HealthResult;
    const settled = result.verdict === "inconclusive" ? undefined : one;
    if (settled !== undefined) judged++;
    found.set(result.id, { at: before?.at ?? at, last: before?.last ?? one, judged: settled });
    return judged < wanted.size;
  };
  for (const one of fresh) take(one);
  if (judged < wanted.size) for (const one of older) if (!take(one)) break;
  const hosts = [...found.values()];
  return { at: hosts.length === 0 ? undefined : Math.min(...hosts.map(({ at }) => at)), value: hosts };
}
