import type { Site } from "../../../model/index.ts";
import { checkSites, type Expected, type HealthResult, readTimes, siteTarget } from "../../health/index.ts";
import type { Session } from "../../run/session.ts";

/** How sites are asked. */
export interface AskOptions {
  readonly signal?: AbortSignal;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Asks sites with what is usual for them, before or after something changes them. Asks nothing where there are none.
 *
 * @param expected what each must answer with, by host
 * @throws those of `checkTargets`, `store.unreachable`; what `signal` was aborted with
 */
export async function askSites(
  { inputs: { catalog }, folders, store }: Pick<Session, "inputs" | "folders" | "store">,
  sites: readonly Site[],
  expected: ReadonlyMap<string, Expected>,
  { signal, env }: AskOptions,
): Promise<HealthResult[]> {
  if (sites.length === 0) return [];
  const targets = sites.map((site) => siteTarget(catalog, site));
  const times = await readTimes(folders.state, store, targets);
  return checkSites(catalog, sites, { times, expected, signal, env });
}
