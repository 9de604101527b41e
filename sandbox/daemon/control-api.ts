import { Hono } from "hono";
import { ZodError } from "zod";
import { type FaultController, type RequestLog, VENDOR_NAMES, type Vendor } from "../core/index.ts";
import type { Host } from "../host/index.ts";
import type { Vercel } from "../vercel/index.ts";

/** What the control API operates on. */
export interface ControlParts {
  readonly vendors: readonly Vendor[];
  /** One of the vendors; how its builds and releases behave can be changed. */
  readonly vercel: Vercel;
  /** Another one; its databases' users and its PHP can be changed. */
  readonly host: Host;
  readonly faults: FaultController;
  readonly log: RequestLog;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Puts all vendors back to what they were seeded with. */
  reset(): Promise<void>;
}

/**
 * The sandbox's own API: what there is (`/inventory`), what was called (`/requests`), what shall fail (`/faults`),
 * how Vercel builds and serves (`/vercel`), how the SSH host behaves (`/host`), and starting over (`/reset`). For people, tests and `sitefleet sandbox status`.
 */
export function controlApi(parts: ControlParts): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    // Whatever page is open in a browser here could otherwise call this API.
    const host = (context.req.header("host") ?? "").replace(/:\d+$/, "");
    if (!["127.0.0.1", "localhost"].includes(host) || context.req.header("origin") !== undefined) {
      return context.json({ error: { code: "forbidden", message: "Not callable from web pages" } }, 403);
    }
    return next();
  });
  app.get("/health", (context) => {
    const counts = Object.fromEntries(parts.vendors.map((vendor) => [vendor.name, countsOf(vendor)]));
    return context.json({ status: "ok", pid: process.pid, startedAt: new Date(parts.startedAt).toISOString(), counts });
  });
  app.get("/inventory", async (context) => {
    const only = context.req.query("vendor");
    const unknown = only !== undefined && !VENDOR_NAMES.some((name) => name === only);
    if (unknown) return context.json({ error: { code: "unknown_vendor", allowed: VENDOR_NAMES } }, 404);
    const wanted = parts.vendors.filter((vendor) => only === undefined || vendor.name === only);
    if (wanted.some(({ name }) => name === "host")) await parts.host.refresh();
    return context.json(Object.fromEntries(wanted.map((vendor) => [vendor.name, vendor.inventory()])));
  });
  app.get("/faults", (context) => context.json(parts.faults.status()));
  app.put("/faults", async (context) => context.json(parts.faults.set(await context.req.json())));
  app.delete("/faults", (context) => {
    parts.faults.clear();
    return context.json(parts.faults.status());
  });
  app.get("/vercel", (context) => context.json(parts.vercel.behaviour()));
  app.put("/vercel", async (context) => {
    parts.vercel.setBehaviour(await context.req.json());
    return context.json(parts.vercel.behaviour());
  });
  app.delete("/vercel", (context) => {
    parts.vercel.setBehaviour({});
    return context.json(parts.vercel.behaviour());
  });
  app.get("/host", (context) => context.json(parts.host.behaviour()));
  app.put("/host", async (context) => {
    await parts.host.setBehaviour(await context.req.json());
    return context.json(parts.host.behaviour());
  });
  app.delete("/host", async (context) => {
    await parts.host.setBehaviour({});
    return context.json(parts.host.behaviour());
  });
  app.get("/requests", (context) => {
    const latest = Number(context.req.query("latest") ?? "100");
    return context.json(parts.log.summary(Number.isInteger(latest) && latest >= 0 ? latest : 100));
  });
  app.delete("/requests", (context) => {
    parts.log.clear();
    return context.body(null, 204);
  });
  app.post("/reset", async (context) => {
    await parts.reset();
    return context.body(null, 204);
  });
  app.onError((error, context) => {
    if (error instanceof ZodError) return context.json({ error: { code: "invalid", issues: error.issues } }, 400);
    if (error instanceof SyntaxError) return context.json({ error: { code: "invalid_json" } }, 400);
    console.error(error);
    return context.json({ error: { code: "internal", message: error.message } }, 500);
  });
  return app;
}

/** Number of objects of each kind. */
export function countsOf(vendor: Vendor): Record<string, number> {
  return Object.fromEntries(Object.entries(vendor.inventory()).map(([kind, items]) => [kind, items.length]));
}
