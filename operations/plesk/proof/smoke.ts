import { checkTargets, type HealthResult, selectTargets } from "../../../fleet/health/index.ts";
import type { Catalog } from "../../../model/index.ts";

/** A service that does not answer as it must. */
export interface Failing {
  readonly service: string;
  readonly reason: string;
}

/** What a smoke test of services found. */
export interface Smoke {
  readonly asked: number;
  /** Those that fail or cannot be judged, all of them. */
  readonly failing: readonly Failing[];
  /** All that was seen. @default it is not known */
  readonly results?: readonly HealthResult[];
}

/** Asks services, all at once: every result counts, not the first failure. */
export async function smokeTest(catalog: Catalog, keys: readonly string[], signal: AbortSignal): Promise<Smoke> {
  if (keys.length === 0) return { asked: 0, failing: [], results: [] };
  const targets = selectTargets(catalog, { services: keys });
  const results = await checkTargets(targets, { vantages: catalog.checks.vantages, signal });
  const keyOf = new Map(catalog.services.map(({ key, host }) => [host, key]));
  const failing = results
    .filter(({ verdict }) => verdict !== "pass")
    .map(({ host, reason }) => ({ service: keyOf.get(host) ?? host, reason }));
  return { asked: targets.length, failing, results };
}

/** The result in a sentence. Pure. */
export const smokeSentence = ({ asked, failing }: Smoke): string =>
  failing.length === 0
    ? `all ${asked} services answer`
    : `${failing.length} of ${asked} services fail: ${failing.map(({ service, reason }) => `${service} (${reason})`).join(", ")}`;
