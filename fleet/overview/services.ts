import { plainLine } from "../../errors/plain.ts";
import type { Catalog } from "../../model/index.ts";
import type { StackState } from "../../stacks/desired.ts";
import { PLESK_STACK } from "../../stacks/names.ts";
import { checkedOf, type Facts, fresh } from "./estate.ts";
import { type OverviewFacts, unknown } from "./facts.ts";
import type { Overview } from "./shape.ts";

type ServiceNow = Overview["services"][number];

/** Services as of their stack's last update, their last check, and the last look at their hosts. Pure. */
export function servicesNow(catalog: Catalog, facts: Facts & Pick<OverviewFacts, "hosts">): ServiceNow[] {
  const desired: StackState | undefined = facts.live.get(PLESK_STACK)?.desired;
  const live = new Map(desired?.kind === "plesk" ? desired.services.map((one) => [one.host, one.artifactDigest]) : []);
  return catalog.services.map(({ key, host, server, kind, database }) => ({
    ...{ key, host, server, kind },
    release: live.get(host) ?? null,
    database: database?.name ?? null,
    ...checkedOf(host, facts),
    certificateUntil: certificateOf(host, facts),
    onHost: onHostOf(key, facts.hosts),
  }));
}

function certificateOf(host: string, { checks, now }: Facts): string | undefined {
  const until = fresh(checks.get(host), now)
    ?.result.vantages.flatMap(({ evidence }) => evidence)
    .map((one) => one.certificate?.until)
    .find((one) => one !== undefined);
  return until === undefined ? undefined : new Date(until).toISOString();
}

/** What `sitefleet metrics` and `sitefleet watch` saw when they logged in. Pure. */
function onHostOf(key: string, hosts: OverviewFacts["hosts"]): ServiceNow["onHost"] {
  const seen = hosts?.services.find(({ service }) => service === key);
  if (hosts === undefined || seen === undefined)
    return unknown("no look at its host is kept", "sitefleet metrics, or sitefleet watch");
  if (!seen.ok) return unknown(plainLine(seen.reason, 300), "sitefleet plesk status");
  const { deployed, cutOff, locked, snapshotAt, disk, database } = seen.value;
  const { connections, limit, migrations } = database?.figures ?? {};
  return {
    known: true,
    at: new Date(hosts.at).toISOString(),
    ...{ deployed, cutOff, locked, connections, connectionsLimit: limit, migrations },
    snapshotAt: snapshotAt === undefined ? undefined : new Date(snapshotAt).toISOString(),
    diskFreeBytes: disk?.freeBytes,
    diskBytes: disk?.bytes,
    databaseUp: database?.up,
  };
}
