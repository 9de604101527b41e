import type { z } from "zod";
import { canonicalKey, canonicalOrigin, canonicalTarget, isIPv6 } from "../canonical.ts";
import { normaliseName } from "../dns.ts";
import { type Entry, type Report, show } from "../problem.ts";
import type { YamlFile } from "../read/yaml.ts";
import { HostShape, HostsFile } from "../shape/hosts.ts";
import type { Host } from "../types.ts";
import { checkShape, listField, salvage, textsOf, withValue } from "./salvage.ts";

/** A host as written: how many services at a time may be left to the limit. */
export type HostDraft = Omit<Host, "parallel"> & { readonly parallel?: number };

/** What hosts.yaml holds. */
export interface BuiltHosts {
  readonly hosts: Entry<HostDraft>[];
  /** Keys of all hosts that are written, valid otherwise or not. */
  readonly hostKeys: ReadonlySet<string>;
}

/** Reads hosts.yaml. */
export function buildHosts(file: YamlFile, report: Report): BuiltHosts | undefined {
  checkShape(file, HostsFile, report);
  const list = listField(file.value, "hosts");
  if (!list) return undefined;
  const hosts = list.flatMap((raw, index) => {
    const entry = salvage(HostShape, file, ["hosts", index], raw);
    return entry ? [withValue(entry, buildHost(entry, report))] : [];
  });
  return { hosts, hostKeys: new Set(textsOf(list, "key")) };
}

function buildHost(entry: Entry<z.output<typeof HostShape>>, report: Report): HostDraft {
  const { web, hostKey, origin, address, mariadb, postgresql, ...rest } = entry.value;
  const named = (text: string, ...path: string[]): Host["origin"] => {
    const target = canonicalTarget(text);
    if (target !== undefined) return target;
    const name = normaliseName(text);
    if (isIPv6(text)) {
      const wrong = `${show(text)} is an IPv6 address with a zone, or an IPv4 one in IPv6 form`;
      report("host.address", entry.at(...path), wrong, "the plain address");
    } else if ("wrong" in name) {
      report("host.address", entry.at(...path), name.wrong, `${name.allowed}, or an IP address`);
    }
    return { type: "CNAME", content: text };
  };
  const self = named(address, "address");
  if (origin !== undefined && !/[.:]/.test(origin)) {
    const wrong = `${show(origin)} is no full host name, so no DNS record can point at it`;
    report("host.address", entry.at("origin"), wrong, "a host name such as web.example.org, or an IP address");
  }
  return {
    ...rest,
    hostKey: [...new Set(hostKey.map(canonicalKey))],
    address: self.content,
    origin: origin === undefined ? self : named(origin, "origin"),
    mariadb: { ...mariadb, address: named(mariadb.address, "mariadb", "address").content },
    postgresql: { ...postgresql, address: named(postgresql.address, "postgresql", "address").content },
    web: web === undefined ? undefined : canonicalOrigin(web),
  };
}
