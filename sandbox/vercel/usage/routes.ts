import type { Hono } from "hono";
import { type Api, type Call, type Env, json, route } from "../api.ts";
import { badRequest } from "../errors.ts";
import { type Charge, daysOfMonth, focusRow } from "./focus.ts";
import { historyOf } from "./history.ts";
import { HOUR, hostsOf, type Traffic, trafficBetween } from "./traffic.ts";

const DAY = 24 * HOUR;
/** Longest range of one request, and that it must be given: vercel.com/docs/rest-api/billing/list-focus-billing-charges. */
const LONGEST = 366 * DAY;

/**
 * Prices in US dollars, from vercel.com/pricing (Pro), read November 2026: the seat a month, a GB of transfer, a million
 * requests, a CPU minute of a build. They make the sandbox's bill; the fleet's own forecast has its prices in the catalog.
 */
const PRICES = { seatMonth: 20, gigabyte: 0.15, millionRequests: 2, buildMinute: 0.0035 };

/** Billing (FOCUS 1.3 as JSON lines) and traffic by the hour. */
export function usageRoutes(app: Hono<Env>, api: Api): void {
  route(app, "get", [1], "/billing/charges", (call) => {
    const [from, to] = range(call);
    const made = api.behaviour().billing;
    const days = made.months > 0 ? madeUp(api, call, from, to) : [charges(api, call)];
    return streamed(call, days);
  });
  route(app, "get", [2], "/usage", (call) => json(call, hourly(api, call)));
}

/** The made-up history of the account's projects, a day at a time. */
function madeUp(api: Api, call: Call, from: number, to: number): Iterable<Record<string, unknown>[]> {
  const { owner } = call.var.scope;
  const projects = [...api.store.projects.values()].filter(({ ownerId }) => ownerId === owner.id);
  const options = {
    ...api.behaviour().billing,
    now: api.now(),
    projects: projects.map(({ id, name }) => ({ id, name })),
  };
  return historyOf(options, from, to);
}

/** Lines as they are made, compressed when that was asked for: a year of 1500 projects is never held as a whole. */
function streamed(call: Call, days: Iterable<Record<string, unknown>[]>): Response {
  const headers: Record<string, string> = { "content-type": "application/jsonl" };
  const text = ReadableStream.from(
    (function* () {
      for (const rows of days) if (rows.length > 0) yield rows.map((row) => `${JSON.stringify(row)}\n`).join("");
    })(),
  ).pipeThrough(new TextEncoderStream());
  if (!/\bgzip\b/.test(call.req.header("accept-encoding") ?? "")) return new Response(text, { headers });
  headers["content-encoding"] = "gzip";
  return new Response(text.pipeThrough(new CompressionStream("gzip") as never), { headers });
}

/** The bill, day by day: the seat, then what every project used. Nothing lies in the future. */
function charges(api: Api, call: Call): Record<string, unknown>[] {
  const [from, to] = range(call);
  const { owner } = call.var.scope;
  const hosts = hostsOf(api, owner.id);
  const rows: Record<string, unknown>[] = [];
  for (let day = Math.floor(from / DAY) * DAY; day < to && day <= api.now(); day += DAY) {
    const seat = PRICES.seatMonth / daysOfMonth(day);
    const found: Charge[] = [
      { service: "Pro Seat", category: "Other", quantity: 1, unit: "Seats", cost: seat, kind: "Purchase" },
    ];
    const traffic = new Map<string, Traffic>();
    for (const host of hosts) {
      const { requests, bytes } = trafficBetween(api, host, day / HOUR, day / HOUR + 24);
      if (requests === 0) continue;
      const sum = traffic.get(host.projectId) ?? { requests: 0, bytes: 0 };
      traffic.set(host.projectId, { requests: sum.requests + requests, bytes: sum.bytes + bytes });
    }
    for (const [id, used] of traffic) found.push(...trafficCharges(used, projectTag(api, id)));
    for (const [id, minutes] of buildMinutes(api, owner.id, day)) {
      const cost = minutes * PRICES.buildMinute;
      const project = projectTag(api, id);
      found.push({ service: "Build Minutes", category: "Compute", quantity: minutes, unit: "Minutes", cost, project });
    }
    rows.push(...found.map((charge) => focusRow(day, charge)));
  }
  return rows;
}

function trafficCharges({ requests, bytes }: Traffic, project: NonNullable<Charge["project"]>): Charge[] {
  const gigabytes = bytes / 1e9;
  const network = { category: "Networking", project } as const;
  return [
    {
      ...network,
      service: "Edge Requests",
      quantity: requests,
      unit: "Requests",
      cost: (requests / 1e6) * PRICES.millionRequests,
    },
    { ...network, service: "Fast Data Transfer", quantity: gigabytes, unit: "GB", cost: gigabytes * PRICES.gigabyte },
  ];
}

function projectTag(api: Api, id: string): { id: string; name: string } {
  return { id, name: api.store.projects.get(id)?.name ?? "" };
}

function buildMinutes(api: Api, ownerId: string, day: number): Map<string, number> {
  const minutes = new Map<string, number>();
  for (const { ownerId: owner, projectId, buildingAt, canceledAt, readyAt } of api.store.deployments.values()) {
    if (owner !== ownerId || buildingAt < day || buildingAt >= day + DAY) continue;
    const spent = Math.max(0, (canceledAt ?? readyAt) - buildingAt) / 60_000;
    if (spent > 0) minutes.set(projectId, (minutes.get(projectId) ?? 0) + spent);
  }
  return minutes;
}

/**
 * Requests and bytes by the hour, of all hosts or of `domain` and those below it. The real API's usage routes are not
 * documented; this shape is the sandbox's own.
 */
function hourly(api: Api, call: Call): Record<string, unknown> {
  const [from, to] = range(call);
  const below = call.req.query("domain");
  const hosts = hostsOf(api, call.var.scope.owner.id).filter(({ host }) => {
    return below === undefined || host === below || host.endsWith(`.${below}`);
  });
  const data: Record<string, unknown>[] = [];
  for (let hour = Math.floor(from / HOUR); hour * HOUR < to; hour += 1) {
    let requests = 0;
    let bytes = 0;
    for (const host of hosts) {
      const more = trafficBetween(api, host, hour, hour + 1);
      requests += more.requests;
      bytes += more.bytes;
    }
    data.push({ hour: new Date(hour * HOUR).toISOString(), requests, bytes });
  }
  return { data };
}

function range(call: Call): [number, number] {
  const [from, to] = [call.req.query("from"), call.req.query("to")].map((text) => Date.parse(text ?? ""));
  if (from === undefined || Number.isNaN(from)) throw badRequest("Invalid request: missing required property `from`.");
  if (to === undefined || Number.isNaN(to)) throw badRequest("Invalid request: missing required property `to`.");
  if (to <= from || to - from > LONGEST) throw badRequest("The date range must be positive and at most one year.");
  return [from, to];
}
