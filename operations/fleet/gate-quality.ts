import type { Store } from "../../fleet/backend/store/store.ts";
import type { OpenCheck } from "../../fleet/gates/index.ts";
import { askedChecks, readResults, type StandingCheck, standing } from "../../fleet/quality/index.ts";
import type { Catalog } from "../../model/index.ts";
import { describeMeasure, missed, type QualityResult } from "../../quality/index.ts";
import { artifactDigests } from "../quality/choose.ts";

/**
 * What quality.yaml asks of services that would be deployed and that is not green for their artifacts. Without quality.yaml nothing is
 * asked.
 *
 * @param own where results are kept
 * @throws SitefleetError `store.unreachable`
 */
export async function openChecks(
  catalog: Catalog,
  own: Store,
  services: readonly string[],
  now: number,
): Promise<OpenCheck[]> {
  const { quality } = catalog;
  const asked = quality === undefined ? [] : askedChecks(quality, services);
  if (quality === undefined || asked.length === 0) return [];
  const digests = await artifactDigests(catalog, services);
  const kept = new Map<string, Promise<QualityResult[]>>();
  const resultsOf = ({ subject }: StandingCheck | (typeof asked)[number]) => {
    const id = `${subject.kind} ${subject.key}`;
    const read = kept.get(id) ?? readResults(own, subject);
    kept.set(id, read);
    return read;
  };
  const stands = await Promise.all(
    asked.map(async (one) => {
      const { resultDays } = quality;
      return standing(one, await resultsOf(one), digests.get(one.service), { resultDays, now });
    }),
  );
  return stands.flatMap(openOf);
}

function openOf({ service, subject, check, state, result, reason }: StandingCheck): OpenCheck[] {
  if (state === "pass") return [];
  const name = subject.kind === "repository" ? `${check} of ${subject.key}` : check;
  const figures = missed(result?.measures ?? [])
    .map(describeMeasure)
    .join(", ");
  return [{ service, check: name, state, why: state === "fail" ? figures : (reason ?? "it has not run") }];
}
