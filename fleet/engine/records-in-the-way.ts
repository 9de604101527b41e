import { excludeEachOther, planRecords, type RecordSpec, sameRecord } from "../../components/dns/plan.ts";
import { recordOfService } from "../../components/plesk-service/record.ts";
import { recordsOfZone } from "../../components/wildcard-zone/plan.ts";
import { DEFAULT_DNS } from "../../model/dns-vendors.ts";
import { parseUrn } from "../../provider/framework/urn.ts";
import type { StackState } from "../../stacks/desired.ts";
import type { DnsVendor } from "../../vendors/dns.ts";
import { roleOf, vendorOfType } from "../../vendors/index.ts";
import type { Props } from "../../vendors/live.ts";

/** A resource of a state, as far as it is looked at. */
interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly delete?: boolean | undefined;
  readonly pendingReplacement?: boolean | undefined;
  readonly inputs?: unknown;
}

/** A record, and the DNS vendor that it is declared at. */
export interface PlacedRecord extends RecordSpec {
  /** @default the catalog's */
  readonly dns?: string;
}

/** All DNS records that a stack declares. Pure. */
export function recordsOf(state: StackState): PlacedRecord[] {
  const at = (dns: string | undefined, records: readonly RecordSpec[]) => records.map((one) => ({ ...one, dns }));
  if (state.kind === "shared") return state.zones.flatMap((zone) => at(zone.dns, recordsOfZone(zone)));
  if (state.kind === "plesk")
    return state.services.flatMap((one) => (one.zone === undefined ? [] : at(one.dns, [recordOfService(one)])));
  return [];
}

/**
 * URNs of records that must go before the declared ones can be made. The engine deletes what is no longer declared after it
 * has made everything new, and a vendor refuses a CNAME beside addresses and a second identical record. One record that
 * changes its type is replaced in place (`planRecords`), so this is about several: two addresses that become a CNAME. Records at
 * another vendor are not in the way. Pure.
 *
 * @param resources the stack's state before the update
 */
export function recordsInTheWay(resources: readonly StateResource[], declared: readonly PlacedRecord[]): string[] {
  const live = Map.groupBy(resources.filter(isRecord), ({ type }) => vendorOfType(type));
  return [...live].flatMap(([vendor, records]) => {
    if (vendor?.dns === undefined) return [];
    const here = declared.filter(({ dns = DEFAULT_DNS }) => dns === vendor.name);
    return inTheWayAt(vendor.dns, records, here);
  });
}

const isRecord = ({ type, delete: gone, pendingReplacement }: StateResource): boolean =>
  roleOf(type) === "record" && gone !== true && pendingReplacement !== true;

function inTheWayAt(vendor: DnsVendor, resources: readonly StateResource[], declared: readonly RecordSpec[]): string[] {
  const old = new Map<string, { readonly urn: string; readonly record: RecordSpec }>();
  for (const { urn, inputs } of resources)
    old.set(parseUrn(urn).name, { urn, record: vendor.recordOf((inputs ?? {}) as Props) });
  const planned = planRecords(declared);
  // What is taken over is updated or replaced by the engine, in the right order.
  for (const { name, formerly } of planned) {
    const taken = [name, ...formerly].find((candidate) => old.has(candidate));
    if (taken !== undefined) old.delete(taken);
  }
  const byHost = Map.groupBy(declared, ({ host }) => host);
  return [...old.values()].flatMap(({ urn, record }) => {
    const beside = byHost.get(record.host) ?? [];
    return beside.some((one) => excludeEachOther(one.type, record.type) || sameRecord(one, record)) ? [urn] : [];
  });
}
