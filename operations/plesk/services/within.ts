import { z } from "zod";
import { SitefleetError } from "../../../errors/index.ts";
import { type ServiceStatus, status, type Target } from "../../../plesk/index.ts";
import { formatSeconds, readDuration } from "../../kit/duration.ts";
import { flag } from "../../kit/flags.ts";
import type { Opened } from "./targets.ts";

/** Seconds that a deployment and the hour after it take: what a bug that is reported then is blamed on. */
export const DEPLOYMENT_SECONDS = 4 * 3600;

/** Seconds that a snapshot may be older than the release before which it was taken: what its deployment took. */
export const SNAPSHOT_SECONDS = 3600;

/** Which services an operation is about, by when they were deployed. */
export const withinFields = () => ({
  within: flag(
    z.number().positive().optional().describe("seconds"),
    "--within <duration>",
    "only services whose live release was deployed in this time, and that did not go back since",
    readDuration("--within"),
  ),
});

/**
 * Of services those whose live release was deployed in the last seconds, and that did not go back since. One whose host does not answer
 * stays among them: its own failure is told, and it is not taken for one that has nothing new.
 *
 * @param now ms since 1970; @default this moment
 * @throws SitefleetError `plesk.rollback` where there is none
 */
export async function deployedWithin(
  opened: Opened<Target>,
  seconds: number,
  now: number = Date.now(),
): Promise<Opened<Target>> {
  const found = await status(opened.targets);
  const old = new Set(
    found.flatMap((one) => (one.ok && !isRecent(one.value, now - seconds * 1000) ? [one.service] : [])),
  );
  const targets = opened.targets.filter(({ service }) => !old.has(service.key));
  if (targets.length > 0) return { ...opened, targets };
  throw new SitefleetError({
    code: "plesk.rollback",
    message: `no service has a release that was deployed in the last ${formatSeconds(seconds)}`,
    hint: "--within takes another time, --service a service by name; `sitefleet plesk releases` says when each was deployed",
  });
}

/**
 * Was the live release deployed since then? One that an earlier rollback has brought back was not: its number two is marked bad. Pure.
 *
 * @param since ms since 1970
 */
export function isRecent({ live, releases }: Pick<ServiceStatus, "live" | "releases">, since: number): boolean {
  const goodAt = releases.find(({ id }) => id === live)?.goodAt;
  if (releases.some(({ previous, bad }) => previous && bad)) return false;
  return goodAt !== undefined && goodAt !== null && Date.parse(goodAt) >= since;
}
