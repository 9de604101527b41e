import { randomBytes } from "node:crypto";
import { Hono } from "hono";
import { getDomain } from "tldts";
import type { VendorContext } from "../core/index.ts";
import { bodyOf, CloudflareError, pageOf, paginate, success } from "./reply.ts";
import { addZone, type CloudflareState, newZone, type Zone, zoneOf } from "./state.ts";

/** Plans as zones show them: id, name and price a month in US dollars (cloudflare.com/plans). */
const PLANS = {
  free: { id: "0feeeeeeeeeeeeeeeeeeeeeeeeeeeeee", name: "Free Website", legacy_id: "free", price: 0 },
  pro: { id: "1bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", name: "Pro Website", legacy_id: "pro", price: 25 },
  business: { id: "2ccccccccccccccccccccccccccccccc", name: "Business Website", legacy_id: "business", price: 250 },
  enterprise: { id: "94f3b7b768b0458b56d2cac4fe5ec0f9", name: "Enterprise Website", legacy_id: "enterprise", price: 0 },
} as const;

/** Lists of zones hold 5 to 50 a page, 20 unless told (API reference, "List Zones"). */
const PAGE = { size: 20, min: 5, max: 50 };

const TYPES = ["full", "partial", "secondary", "internal"];

/** Routes below `/client/v4/zones`. */
export function zoneRoutes(get: () => CloudflareState, context: VendorContext): Hono {
  const app = new Hono();

  app.get("/", (c) => {
    const query = new URL(c.req.url).searchParams;
    const found = [...get().zones.values()].filter((zone) => matches(zone, get(), query));
    const direction = query.get("direction") === "desc" ? -1 : 1;
    found.sort((a, b) => direction * (a.name < b.name ? -1 : 1));
    const { items, info } = paginate(found, pageOf(query, PAGE));
    return c.json(
      success(
        items.map((zone) => show(zone, get())),
        info,
      ),
    );
  });

  app.post("/", async (c) => {
    const state = get();
    const body = await bodyOf(c.req.raw);
    const name = nameOf(body.name);
    const account = (body.account as { id?: unknown } | undefined)?.id;
    if (account !== undefined && account !== state.account.id) {
      throw new CloudflareError(403, 9109, "Unauthorized to access requested resource");
    }
    if (state.byName.has(name)) throw new CloudflareError(400, 1061, `${name} already exists`);
    const plan = context.options.cloudflare?.plans?.[name] ?? "free";
    const zone = newZone({ id: randomBytes(16).toString("hex"), name, plan, at: context.now(), active: false });
    if (body.type !== undefined && body.type !== null) zone.type = typeOf(body.type);
    addZone(state, zone);
    announce(context, "zone.created", zone);
    return c.json(success(show(zone, state)));
  });

  app.get("/:zone", (c) => c.json(success(show(zoneOf(get(), c.req.param("zone"), c.req.path), get()))));

  app.patch("/:zone", async (c) => {
    const zone = zoneOf(get(), c.req.param("zone"), c.req.path);
    const body = await bodyOf(c.req.raw);
    const type = body.type === undefined || body.type === null ? zone.type : typeOf(body.type);
    if (body.paused !== undefined && typeof body.paused !== "boolean") {
      throw new CloudflareError(400, 1004, "Invalid value for paused");
    }
    zone.type = type;
    if (typeof body.paused === "boolean") zone.paused = body.paused;
    if (Array.isArray(body.vanity_name_servers)) zone.vanityNameServers = body.vanity_name_servers.map(String);
    zone.modified_on = new Date(context.now()).toISOString();
    announce(context, "zone.updated", zone);
    return c.json(success(show(zone, get())));
  });

  app.delete("/:zone", (c) => {
    const state = get();
    const zone = zoneOf(state, c.req.param("zone"), c.req.path);
    state.zones.delete(zone.id);
    state.byName.delete(zone.name);
    announce(context, "zone.deleted", zone);
    return c.json(success({ id: zone.id }));
  });

  // In reality the zone becomes active once its registrar points at the name servers; here, when it is asked for.
  app.put("/:zone/activation_check", (c) => {
    const zone = zoneOf(get(), c.req.param("zone"), c.req.path);
    if (zone.status === "pending") {
      zone.status = "active";
      zone.activated_on = new Date(context.now()).toISOString();
      announce(context, "zone.updated", zone);
    }
    return c.json(success({ id: zone.id }));
  });

  return app;
}

function announce(context: VendorContext, type: string, zone: Zone): void {
  context.changed();
  const data = { id: zone.id, zone: zone.name, status: zone.status };
  context.events.publish({ vendor: "cloudflare", type, at: context.now(), data });
}

function matches(zone: Zone, state: CloudflareState, query: URLSearchParams): boolean {
  const tests: boolean[] = [];
  const want = (name: string, value: string): void => {
    const wanted = query.get(name);
    if (wanted !== null && wanted !== "") tests.push(nameMatches(wanted, value));
  };
  want("name", zone.name);
  want("status", zone.status);
  want("account.id", state.account.id);
  want("account.name", state.account.name);
  return query.get("match") === "any" && tests.length > 0 ? tests.includes(true) : !tests.includes(false);
}

/** `contains:x`, `starts_with:x`, `ends_with:x`, `equal:x` or the plain value. */
function nameMatches(wanted: string, value: string): boolean {
  const [operator, rest] = /^(equal|not_equal|starts_with|ends_with|contains):(.*)$/.exec(wanted)?.slice(1) ?? [];
  const text = (rest ?? wanted).toLowerCase();
  const lower = value.toLowerCase();
  if (operator === "contains") return lower.includes(text);
  if (operator === "starts_with") return lower.startsWith(text);
  if (operator === "ends_with") return lower.endsWith(text);
  return operator === "not_equal" ? lower !== text : lower === text;
}

function nameOf(value: unknown): string {
  if (typeof value !== "string" || value === "") throw new CloudflareError(400, 1004, "Missing zone name");
  const name = value.toLowerCase().replace(/\.$/, "");
  const root = getDomain(name);
  if (root === null) throw new CloudflareError(400, 1097, "The domain name provided is not valid.");
  if (root === name) return name;
  const message =
    "Please ensure you are providing the root domain and not any subdomains (e.g., example.com, not subdomain.example.com)";
  throw new CloudflareError(400, 1116, message);
}

function typeOf(value: unknown): string {
  if (typeof value === "string" && TYPES.includes(value)) return value;
  throw new CloudflareError(400, 1004, "Invalid zone type");
}

function show(zone: Zone, state: CloudflareState): Record<string, unknown> {
  const plan = PLANS[zone.plan];
  return {
    id: zone.id,
    name: zone.name,
    status: zone.status,
    paused: zone.paused,
    type: zone.type,
    development_mode: 0,
    name_servers: zone.nameServers,
    original_name_servers: zone.status === "active" ? null : ["ns1.registrar.example", "ns2.registrar.example"],
    original_registrar: null,
    original_dnshost: null,
    ...(zone.vanityNameServers.length === 0 ? {} : { vanity_name_servers: zone.vanityNameServers }),
    modified_on: zone.modified_on,
    created_on: zone.created_on,
    activated_on: zone.activated_on,
    meta: {
      step: 2,
      custom_certificate_quota: zone.plan === "free" || zone.plan === "pro" ? 0 : 1,
      page_rule_quota: 3,
      phishing_detected: false,
    },
    owner: { id: null, type: "user", email: null },
    account: state.account,
    tenant: { id: null, name: null },
    tenant_unit: { id: null },
    permissions: [
      "#zone:read",
      "#zone:edit",
      "#zone_settings:read",
      "#zone_settings:edit",
      "#dns_records:read",
      "#dns_records:edit",
    ],
    plan: {
      ...plan,
      currency: "USD",
      frequency: plan.price === 0 ? "" : "monthly",
      is_subscribed: zone.plan !== "free",
      can_subscribe: false,
      legacy_discount: false,
      externally_managed: false,
    },
  };
}
