import type { Store } from "../../fleet/backend/store/store.ts";
import { readResults } from "../../fleet/quality/index.ts";
import type { QualityResult } from "../../quality/index.ts";
import type { DeclaredQuality } from "./choose.ts";

/**
 * The newest measurement of each page by Lighthouse: those of this run, and those of services and sites that it did not measure.
 *
 * @throws SitefleetError `store.unreachable`
 */
export async function latestOf(
  store: Store,
  { catalog, quality }: DeclaredQuality,
  results: readonly QualityResult[],
): Promise<QualityResult[]> {
  const sites = (await store.list("quality/results/site/")).flatMap(({ key }) => /([^/]+)\.json$/.exec(key)?.[1] ?? []);
  const known = new Set(catalog.sites.map(({ host }) => host.toLowerCase()));
  const services = catalog.services.filter(({ key }) => !quality.services.except.includes(key));
  const subjects = [
    ...services.map(({ key }) => ({ kind: "service" as const, key })),
    ...sites.filter((host) => known.has(host)).map((key) => ({ kind: "site" as const, key })),
  ];
  const kept = await Promise.all(subjects.map((subject) => readResults(store, subject)));
  const all = [...kept.flat(), ...results].filter(({ check, state }) => check === "lighthouse" && state !== "not-run");
  const newest = new Map(all.map((one) => [`${one.subject.kind} ${one.subject.key.toLowerCase()}`, one]));
  return [...newest.values()];
}
