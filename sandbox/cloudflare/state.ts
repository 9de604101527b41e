import { createHash } from "node:crypto";
import { z } from "zod";
import type { CloudflareSeed, VendorContext, ZonePlan, ZoneSeed } from "../core/index.ts";
import { type DnsRecord, RecordSet } from "./record-set.ts";
import { CloudflareError } from "./reply.ts";

/** Account of a sandbox that names none. */
export const DEFAULT_ACCOUNT_ID = "5a17e000f1ee70000000000000000001";

/** One zone. */
export interface Zone {
  readonly id: string;
  readonly name: string;
  readonly plan: ZonePlan;
  readonly created_on: string;
  readonly nameServers: readonly [string, string];
  status: "active" | "pending";
  type: string;
  paused: boolean;
  vanityNameServers: string[];
  modified_on: string;
  activated_on: string | null;
  /** Settings that were changed; the others have their default. */
  readonly settings: Map<string, { value: unknown; modified_on: string }>;
  records: RecordSet;
}

/** Everything the vendor holds. */
export interface CloudflareState {
  readonly account: { readonly id: string; readonly name: string };
  readonly zones: Map<string, Zone>;
  readonly byName: Map<string, Zone>;
}

/** State as seeded: one account, the zones that exist already. */
export function seedState(seed: CloudflareSeed, now: number): CloudflareState {
  const state: CloudflareState = {
    account: { id: seed.accountId ?? DEFAULT_ACCOUNT_ID, name: seed.accountName ?? "Sitefleet sandbox" },
    zones: new Map(),
    byName: new Map(),
  };
  addSeeds(state, seed, now);
  return state;
}

/** Adds the seeded zones that are missing, also to a restored state: the catalog may have grown since. */
export function addSeeds(state: CloudflareState, seed: CloudflareSeed, now: number): void {
  for (const zone of seed.zones ?? []) {
    if (!state.byName.has(zone.name.toLowerCase())) addZone(state, seededZone(zone, now));
  }
}

function seededZone(seed: ZoneSeed, now: number): Zone {
  const name = seed.name.toLowerCase();
  const id = seed.id ?? createHash("sha256").update(`zone ${name}`).digest("hex").slice(0, 32);
  return newZone({ id, name, plan: seed.plan ?? "free", at: now, active: true });
}

/** A zone without records. */
export function newZone(parts: { id: string; name: string; plan: ZonePlan; at: number; active: boolean }): Zone {
  const on = new Date(parts.at).toISOString();
  return {
    id: parts.id,
    name: parts.name,
    plan: parts.plan,
    created_on: on,
    nameServers: ["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"],
    status: parts.active ? "active" : "pending",
    type: "full",
    paused: false,
    vanityNameServers: [],
    modified_on: on,
    activated_on: parts.active ? on : null,
    settings: new Map(),
    records: new RecordSet(),
  };
}

/** Registers a zone under its id and name. */
export function addZone(state: CloudflareState, zone: Zone): void {
  state.zones.set(zone.id, zone);
  state.byName.set(zone.name, zone);
}

/** @throws CloudflareError 404 when there is no such zone, 400 for an id that is none */
export function zoneOf(state: CloudflareState, id: string, path: string): Zone {
  if (!/^[0-9a-f]{32}$/.test(id)) {
    const message = `Could not route to ${path}, perhaps your object identifier is invalid?`;
    throw new CloudflareError(400, 7003, message, { code: 7000, message: "No route for that URI" });
  }
  const zone = state.zones.get(id);
  if (zone === undefined) throw new CloudflareError(404, 1001, "Invalid zone identifier");
  return zone;
}

/** Tells the others in the sandbox, and the disk, that a record changed. */
export function publishRecord(context: VendorContext, type: string, zone: Zone, record: DnsRecord): void {
  const { id, name, content } = record;
  const data = { zone: zone.name, id, name, content, type: record.type, proxied: record.proxied };
  context.events.publish({ vendor: "cloudflare", type, at: context.now(), data });
}

const snapshotSchema = z.object({
  account: z.object({ id: z.string(), name: z.string() }),
  zones: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      plan: z.enum(["free", "pro", "business", "enterprise"]),
      created_on: z.string(),
      nameServers: z.tuple([z.string(), z.string()]),
      status: z.enum(["active", "pending"]),
      type: z.string(),
      paused: z.boolean(),
      vanityNameServers: z.array(z.string()),
      modified_on: z.string(),
      activated_on: z.string().nullable(),
      settings: z.array(z.tuple([z.string(), z.object({ value: z.unknown(), modified_on: z.string() })])),
      records: z.array(z.custom<DnsRecord>((value) => typeof (value as DnsRecord | null)?.id === "string")),
    }),
  ),
});

/** The state as JSON. */
export function snapshotOf(state: CloudflareState): unknown {
  return {
    account: state.account,
    zones: [...state.zones.values()].map((zone) => ({
      ...zone,
      settings: [...zone.settings],
      records: zone.records.all(),
    })),
  };
}

/** The state a snapshot describes. @throws ZodError when it is not one */
export function stateOf(snapshot: unknown): CloudflareState {
  const parsed = snapshotSchema.parse(snapshot);
  const state: CloudflareState = { account: parsed.account, zones: new Map(), byName: new Map() };
  for (const zone of parsed.zones) {
    addZone(state, { ...zone, settings: new Map(zone.settings), records: new RecordSet(zone.records) });
  }
  return state;
}
