import type { Hono } from "hono";
import { type Api, type Call, type Env, json, route } from "./api.ts";
import { badRequest } from "./errors.ts";
import type { DeploymentRecord } from "./records.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Longest range of one request (vercel.com/docs/rest-api/billing/list-focus-billing-charges). */
const LONGEST = 366 * DAY;

/** Prices in US dollars, see facts.md: Pro seat a month, per GB, per million requests, per CPU minute of a build. */
const SEAT_MONTH = 20;
const GIGABYTE = 0.15;
const MILLION_REQUESTS = 2;
const BUILD_MINUTE = 0.0035;

/** Billing (FOCUS 1.3 as JSON lines) and traffic by the hour. */
export function usageRoutes(app: Hono<Env>, api: Api): void {
  route(app, "get", [1], "/billing/charges", (call) => {
    const rows = [...charges(api, call)].map((row) => `${JSON.stringify(row)}\n`);
    return new Response(rows.join(""), { headers: { "content-type": "application/jsonl" } });
  });
  route(app, "get", [2], "/usage", (call) => json(call, hourly(api, call)));
}

/** Counts one visit of a host. */
export function recordVisit(api: Api, host: string, bytes: number): void {
  const key = `${host}|${Math.floor(api.now() / HOUR)}`;
  const figures = api.store.traffic.get(key) ?? [0, 0];
  api.store.traffic.set(key, [figures[0] + 1, figures[1] + bytes]);
  api.context.changed();
}

interface Traffic {
  readonly requests: number;
  readonly bytes: number;
}

/** Visits counted, plus those the configuration makes up, of one host in one hour. */
function trafficOf(api: Api, host: string, hour: number, createdAt: number): Traffic {
  const [requests, bytes] = api.store.traffic.get(`${host}|${hour}`) ?? [0, 0];
  const { requestsPerHostDay, bytesPerRequest, hours } = api.behaviour().traffic;
  if (requestsPerHostDay === 0 || hour * HOUR < createdAt - HOUR || hour * HOUR > api.now()) return { requests, bytes };
  const total = hours.reduce((sum, weight) => sum + weight, 0);
  const made = Math.round((requestsPerHostDay * (hours[((hour % 24) + 24) % 24] ?? 0)) / (total || 1));
  return { requests: requests + made, bytes: bytes + made * bytesPerRequest };
}

/** Hosts of the caller's account with their project. */
function* hostsOf(api: Api, ownerId: string): Generator<{ host: string; projectId: string; createdAt: number }> {
  for (const { name, projectId, createdAt } of api.store.domains.values()) {
    if (api.store.projects.get(projectId)?.ownerId === ownerId) yield { host: name, projectId, createdAt };
  }
}

function* charges(api: Api, call: Call): Generator<Record<string, unknown>> {
  const [from, to] = range(call);
  const { owner } = call.var.scope;
  for (let day = Math.floor(from / DAY) * DAY; day < to; day += DAY) {
    if (day > api.now()) return;
    const row = (charge: Charge): Record<string, unknown> => focus(owner.id, owner.slug, day, charge);
    yield row({
      service: "Pro Seat",
      category: "Other",
      quantity: 1,
      unit: "Seats",
      cost: SEAT_MONTH / daysOfMonth(day),
      charge: "Purchase",
    });
    const traffic = new Map<string, Traffic>();
    for (const { host, projectId, createdAt } of hostsOf(api, owner.id)) {
      let { requests, bytes } = traffic.get(projectId) ?? { requests: 0, bytes: 0 };
      for (let hour = day / HOUR; hour < day / HOUR + 24; hour += 1) {
        const more = trafficOf(api, host, hour, createdAt);
        requests += more.requests;
        bytes += more.bytes;
      }
      traffic.set(projectId, { requests, bytes });
    }
    for (const [projectId, { requests, bytes }] of traffic) {
      if (requests === 0) continue;
      const project = { projectId, name: api.store.projects.get(projectId)?.name ?? "" };
      yield row({
        service: "Edge Requests",
        category: "Networking",
        quantity: requests,
        unit: "Requests",
        cost: (requests / 1e6) * MILLION_REQUESTS,
        project,
      });
      yield row({
        service: "Fast Data Transfer",
        category: "Networking",
        quantity: bytes / 1e9,
        unit: "GB",
        cost: (bytes / 1e9) * GIGABYTE,
        project,
      });
    }
    for (const [projectId, minutes] of buildMinutes(api, owner.id, day)) {
      const project = { projectId, name: api.store.projects.get(projectId)?.name ?? "" };
      yield row({
        service: "Build Minutes",
        category: "Compute",
        quantity: minutes,
        unit: "Minutes",
        cost: minutes * BUILD_MINUTE,
        project,
      });
    }
  }
}

interface Charge {
  readonly service: string;
  readonly category: string;
  readonly quantity: number;
  readonly unit: string;
  readonly cost: number;
  readonly charge?: "Usage" | "Purchase";
  readonly project?: { readonly projectId: string; readonly name: string };
}

/** One row in the columns that Vercel fills. */
function focus(accountId: string, slug: string, day: number, charge: Charge): Record<string, unknown> {
  const cost = Math.round(charge.cost * 1e6) / 1e6;
  const start = new Date(day);
  return {
    BilledCost: cost,
    BillingAccountId: accountId,
    BillingAccountName: slug,
    BillingCurrency: "USD",
    BillingPeriodStart: new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth(), 1)).toISOString(),
    BillingPeriodEnd: new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1)).toISOString(),
    ChargeCategory: charge.charge ?? "Usage",
    ChargePeriodStart: start.toISOString(),
    ChargePeriodEnd: new Date(day + DAY).toISOString(),
    ConsumedQuantity: charge.quantity,
    ConsumedUnit: charge.unit,
    EffectiveCost: cost,
    PricingQuantity: charge.quantity,
    PricingUnit: charge.unit,
    RegionId: null,
    RegionName: null,
    ServiceCategory: charge.category,
    ServiceName: charge.service,
    ServiceProviderName: "Vercel",
    Tags: charge.project === undefined ? {} : { ProjectId: charge.project.projectId, ProjectName: charge.project.name },
  };
}

function buildMinutes(api: Api, ownerId: string, day: number): Map<string, number> {
  const minutes = new Map<string, number>();
  const inDay = (deployment: DeploymentRecord): boolean => {
    return deployment.ownerId === ownerId && deployment.buildingAt >= day && deployment.buildingAt < day + DAY;
  };
  for (const deployment of api.store.deployments.values()) {
    if (!inDay(deployment)) continue;
    const end = deployment.canceledAt ?? deployment.readyAt;
    const spent = Math.max(0, end - deployment.buildingAt) / 60_000;
    if (spent > 0) minutes.set(deployment.projectId, (minutes.get(deployment.projectId) ?? 0) + spent);
  }
  return minutes;
}

/**
 * Requests and bytes by the hour, all hosts or those below `domain`. The real API's usage routes are not documented;
 * this shape is the sandbox's own.
 */
function hourly(api: Api, call: Call): Record<string, unknown> {
  const [from, to] = range(call);
  const below = call.req.query("domain");
  const data: { hour: string; requests: number; bytes: number }[] = [];
  const hosts = [...hostsOf(api, call.var.scope.owner.id)].filter(({ host }) => {
    return below === undefined || host === below || host.endsWith(`.${below}`);
  });
  for (let hour = Math.floor(from / HOUR); hour * HOUR < to; hour += 1) {
    let requests = 0;
    let bytes = 0;
    for (const { host, createdAt } of hosts) {
      const more = trafficOf(api, host, hour, createdAt);
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

function daysOfMonth(day: number): number {
  const date = new Date(day);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
}
