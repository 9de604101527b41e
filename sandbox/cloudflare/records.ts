import { Hono } from "hono";
import type { VendorContext } from "../core/index.ts";
import { filterRecords } from "./record-filter.ts";
import { checkConflicts, inputOf, makeRecord } from "./record-rules.ts";
import type { DnsRecord, RecordSet } from "./record-set.ts";
import { bodyOf, CloudflareError, pageOf, paginate, success } from "./reply.ts";
import { type CloudflareState, publishRecord, type Zone, zoneOf } from "./state.ts";

/** Lists of records hold 1 to 5,000,000 a page, 100 unless told (API reference, "List DNS Records"). */
const PAGE = { size: 100, min: 1, max: 5_000_000 };

/** A change of one record, as batch and single calls share it. */
type Change = { readonly event: string; readonly record: DnsRecord };

/** Routes below `/client/v4/zones/:zone/dns_records`. */
export function recordRoutes(get: () => CloudflareState, context: VendorContext): Hono {
  const app = new Hono();
  const zoneAt = (path: string): Zone => {
    const id = path.split("/")[4] ?? "";
    return zoneOf(get(), id, path);
  };
  const commit = (zone: Zone, changes: readonly Change[]): void => {
    context.changed();
    for (const { event, record } of changes) publishRecord(context, event, zone, record);
  };
  const now = (): string => new Date(context.now()).toISOString();
  const operations = createOperations(context);

  app.get("/", (c) => {
    const zone = zoneAt(c.req.path);
    const query = new URL(c.req.url).searchParams;
    const { items, info } = paginate(filterRecords(zone.records, query), pageOf(query, PAGE));
    return c.json(success(items, info));
  });

  app.post("/", async (c) => {
    const zone = zoneAt(c.req.path);
    const change = operations.post(zone, zone.records, await bodyOf(c.req.raw), now());
    commit(zone, [change]);
    return c.json(success(change.record));
  });

  app.get("/usage", (c) => {
    const zone = zoneAt(c.req.path);
    return c.json(success({ record_quota: operations.quota(zone) ?? null, record_usage: zone.records.size }));
  });

  app.post("/batch", async (c) => {
    const zone = zoneAt(c.req.path);
    const body = await bodyOf(c.req.raw);
    const lists = (["deletes", "patches", "puts", "posts"] as const).map((kind) => [kind, listOf(body, kind)] as const);
    const amount = lists.reduce((sum, [, list]) => sum + list.length, 0);
    const limit = context.options.cloudflare?.batchOperations?.[zone.plan];
    if (limit !== undefined && amount > limit) {
      // The number of this error is in no public page; the text names the limit as the documentation does.
      throw new CloudflareError(400, 9000, `A batch must not contain more than ${limit} operations on this plan.`);
    }
    // All or nothing: work on a copy, in Cloudflare's order (deletes, patches, puts, posts), and swap at the end.
    const draft = zone.records.clone();
    const at = now();
    const result: Record<string, DnsRecord[]> = {};
    const changes: Change[] = [];
    for (const [kind, list] of lists) {
      const done = list.map((input) => operations[OPERATION[kind]](zone, draft, input, at));
      result[kind] = done.map((change) => change.record);
      changes.push(...done);
    }
    zone.records = draft;
    if (changes.length > 0) commit(zone, changes);
    return c.json(success(result));
  });

  app.get("/:record", (c) => {
    const zone = zoneAt(c.req.path);
    return c.json(success(recordOf(zone.records, c.req.param("record"))));
  });

  for (const method of ["put", "patch"] as const) {
    app[method]("/:record", async (c) => {
      const zone = zoneAt(c.req.path);
      recordOf(zone.records, c.req.param("record"));
      const body = { ...(await bodyOf(c.req.raw)), id: c.req.param("record") };
      const change = operations[method](zone, zone.records, body, now());
      commit(zone, [change]);
      return c.json(success(change.record));
    });
  }

  app.delete("/:record", (c) => {
    const zone = zoneAt(c.req.path);
    const change = operations.delete(zone, zone.records, { id: c.req.param("record") });
    commit(zone, [change]);
    return c.json(success({ id: change.record.id }));
  });

  return app;
}

const OPERATION = { deletes: "delete", patches: "patch", puts: "put", posts: "post" } as const;

type Input = Readonly<Record<string, unknown>>;

/** The four operations on a set of records, used by single calls and by batches alike. */
function createOperations(context: VendorContext) {
  const quota = (zone: Zone): number | undefined => context.options.cloudflare?.recordsPerZone?.[zone.plan];
  const facts = (zone: Zone) => ({ name: zone.name, minTtl: zone.plan === "enterprise" ? 30 : 60 });
  const replace = (zone: Zone, records: RecordSet, input: Input, previous: DnsRecord, at: string): Change => {
    const record = makeRecord(facts(zone), input, at, previous);
    checkConflicts(records, record);
    records.put(record);
    return { event: "record.updated", record };
  };
  return {
    quota,
    post(zone: Zone, records: RecordSet, input: Input, at: string): Change {
      const record = makeRecord(facts(zone), input, at);
      checkConflicts(records, record);
      const limit = quota(zone);
      if (limit !== undefined && records.size >= limit) throw new CloudflareError(400, 81045, "Record quota exceeded.");
      records.put(record);
      return { event: "record.created", record };
    },
    put(zone: Zone, records: RecordSet, input: Input, at: string): Change {
      return replace(zone, records, input, recordOf(records, input.id), at);
    },
    patch(zone: Zone, records: RecordSet, input: Input, at: string): Change {
      const previous = recordOf(records, input.id);
      return replace(zone, records, { ...inputOf(previous), ...input }, previous, at);
    },
    delete(_zone: Zone, records: RecordSet, input: Input): Change {
      const record = recordOf(records, input.id);
      records.remove(record.id);
      return { event: "record.deleted", record };
    },
  };
}

function recordOf(records: RecordSet, id: unknown): DnsRecord {
  const record = typeof id === "string" ? records.get(id) : undefined;
  if (record === undefined) throw new CloudflareError(404, 81044, "Record does not exist.");
  return record;
}

function listOf(body: Input, kind: string): Input[] {
  const list = body[kind];
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw new CloudflareError(400, 9207, "Request body is invalid.");
  return list as Input[];
}
