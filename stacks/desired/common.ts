import { SitefleetError } from "../../errors/index.ts";
import { type Catalog, type Check, DEFAULT_DNS, releaseRef, type Zone } from "../../model/index.ts";
import type { SiteCheck } from "./types.ts";

/**
 * What a release is told of its check. Where nothing can be seen (no answer, a login page) it is promoted all the same: the
 * address is Vercel's own, and a network that does not reach it says nothing about the site. Pure.
 */
export function siteCheck({ path, statuses, marker, tries, timeoutSeconds, release, tls, slow }: Check): SiteCheck {
  const { header, meta, path: file, required } = release;
  const named = header !== null || meta !== null || file !== null;
  const { percent, floorMs, least, fails } = slow;
  return {
    path,
    statuses: [...statuses],
    marker: marker ?? undefined,
    tries,
    timeoutSeconds,
    ...(named
      ? {
          release: {
            header: header ?? undefined,
            meta: meta ?? undefined,
            path: file ?? undefined,
            ...(required ? { required } : {}),
          },
        }
      : {}),
    verifyTls: tls.verify ? undefined : (false as const),
    slow: percent === 30 && floorMs === 100 && least === 5 && !fails ? undefined : { percent, floorMs, least, fails },
    inconclusive: "promote",
  };
}

/** The order that declarations have, whatever the machine's language. */
export const byName = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Undefined: what is live stays. A checked catalog declares every channel; an unchecked one must not leave what is live by mistake. */
export function commitOf(
  catalog: Catalog,
  item: { readonly channel: string; readonly repository: string },
): string | undefined {
  const commit = releaseRef(catalog.releases, item.channel, item.repository);
  if (commit !== undefined || Object.hasOwn(catalog.releases, item.channel)) return commit;
  throw new SitefleetError({
    code: "catalog.invalid",
    message: `channel ${item.channel} is not declared in releases.yaml`,
    subject: item.repository,
    hint: "run sitefleet validate",
  });
}

/** Left out where it is the usual one: declarations of earlier versions have none. */
export const dnsState = ({ dns }: Pick<Zone, "dns">): { readonly dns?: string } => (dns === DEFAULT_DNS ? {} : { dns });
