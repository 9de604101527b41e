import { excludeEachOther, planRecords, type RecordSpec, sameRecord } from "../../components/dns-records/plan.ts";
import { recordOfService } from "../../components/plesk-service/record.ts";
import { recordsOfZone } from "../../components/wildcard-zone/plan.ts";
import { parseUrn } from "../../provider/framework/urn.ts";
import type { StackState } from "../../stacks/desired.ts";

const DNS_RECORD = "cloudflare:index/dnsRecord:DnsRecord";

/** A resource of a state, as far as it is looked at. */
interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly delete?: boolean | undefined;
  readonly pendingReplacement?: boolean | undefined;
  readonly inputs?: unknown;
}

/** All DNS records that a stack declares. Pure. */
export function recordsOf(state: StackState): RecordSpec[] {
  if (state.kind === "shared") return state.zones.flatMap(recordsOfZone);
  if (state.kind === "plesk")
    return state.services.flatMap((one) => (one.zone === undefined ? [] : recordOfService(one)));
  return [];
}

/**
 * URNs of records that must go before the declared ones can be made. The engine deletes what is no longer declared after it
 * has made everything new, and Cloudflare refuses a CNAME beside addresses and a second identical record. One record that
 * changes its type is replaced in place (`planRecords`), so this is about several: two addresses that become a CNAME. Pure.
 *
 * @param resources the stack's state before the update
 */
export function recordsInTheWay(resources: readonly StateResource[], declared: readonly RecordSpec[]): string[] {
  const old = new Map<string, { readonly urn: string; readonly record: RecordSpec }>();
  for (const { urn, type, inputs, delete: gone, pendingReplacement } of resources) {
    if (type === DNS_RECORD && gone !== true && pendingReplacement !== true) {
      old.set(parseUrn(urn).name, { urn, record: specOf(inputs) });
    }
  }
  const planned = planRecords(declared, "");
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

function specOf(inputs: unknown): RecordSpec {
  const { name, type, content, priority, data } = (inputs ?? {}) as Record<string, unknown>;
  const caa = data as { flags?: unknown; tag?: unknown; value?: unknown } | undefined;
  return {
    host: String(name),
    type: String(type),
    content: typeof content === "string" ? content : caa ? `${caa.flags} ${caa.tag} "${caa.value}"` : "",
    ttl: 1,
    proxied: false,
    ...(typeof priority === "number" ? { priority } : {}),
  };
}
