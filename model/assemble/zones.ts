import type { z } from "zod";
import { canonicalContent } from "../canonical.ts";
import { normaliseName } from "../dns.ts";
import { type Entry, type Report, show } from "../problem.ts";
import type { YamlFile } from "../read/yaml.ts";
import { type RecordShape, ZoneShape, ZonesFile } from "../shape/zones.ts";
import type { DnsRecord, Zone } from "../types.ts";
import { checkShape, listField, salvage, textsOf, withValue } from "./salvage.ts";

/** Reads zones.yaml. */
export function buildZones(
  file: YamlFile,
  report: Report,
): { zones: Entry<Zone>[]; zoneNames: Set<string> } | undefined {
  checkShape(file, ZonesFile, report);
  const list = listField(file.value, "zones");
  if (!list) return undefined;
  const zones = list.flatMap((raw, index) => {
    const entry = salvage(ZoneShape, file, ["zones", index], raw);
    return entry ? [withValue(entry, buildZone(entry, report))] : [];
  });
  const zoneNames = new Set(textsOf(list, "name").flatMap((name) => [name, nameOr(name)]));
  return { zones, zoneNames };
}

function buildZone(entry: Entry<z.output<typeof ZoneShape>>, report: Report): Zone {
  const { name: written, target, delegation, records, ...rest } = entry.value;
  const named = normaliseName(written);
  if ("wrong" in named) report("name.host", entry.at("name"), named.wrong, named.allowed);
  const pointed = normaliseName(target, { underscore: true });
  if ("wrong" in pointed) report("name.host", entry.at("target"), pointed.wrong, pointed.allowed);
  const name = "name" in named ? named.name : written;
  const delegated = rest.kind === "wildcard" ? (delegation ?? "zone") : delegation;
  return {
    ...rest,
    name,
    target: "name" in pointed ? pointed.name : target,
    delegation: delegated,
    records: records.map((record, index) => buildRecord(record, name, entry, index, report)),
  };
}

function buildRecord(
  record: z.output<typeof RecordShape>,
  zone: string,
  entry: Entry<unknown>,
  index: number,
  report: Report,
): DnsRecord {
  const name = recordName(record.name, zone, (wrong, allowed) =>
    report("record.name", entry.at("records", index, "name"), wrong, allowed),
  );
  return {
    ...record,
    content: canonicalContent(record.type, record.content),
    name,
    host: name === "@" ? zone : `${name}.${zone}`,
  };
}

function recordName(written: string, zone: string, wrong: (wrong: string, allowed: string) => void): string {
  if (written === "@" || written === "*") return written;
  const star = written.startsWith("*.");
  const named = normaliseName(star ? written.slice(2) : written, { underscore: true });
  if ("wrong" in named) {
    wrong(named.wrong, `${named.allowed} (relative to the zone, @ for the zone itself)`);
    return written;
  }
  const name = star ? `*.${named.name}` : named.name;
  if (name === zone || name.endsWith(`.${zone}`)) {
    const relative = name === zone ? "@" : name.slice(0, -zone.length - 1);
    wrong(`${show(written)} repeats the zone`, `the part before the zone: ${show(relative)}`);
  }
  return name;
}

function nameOr(name: string): string {
  const result = normaliseName(name);
  return "name" in result ? result.name : name;
}
