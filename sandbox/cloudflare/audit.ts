import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import type { VendorContext } from "../core/index.ts";
import { CloudflareError, pageOf, paginate, success } from "./reply.ts";
import type { CloudflareState } from "./state.ts";

/** Entries that are kept; they are not part of what a sandbox saves. */
const KEPT = 5000;

/** Audit logs of the account below `/client/v4/accounts/:account/audit_logs` (API reference, "List Audit Logs"). */
export function auditRoutes(get: () => CloudflareState, context: VendorContext): Hono {
  const entries: Record<string, unknown>[] = [];
  context.events.subscribe(({ vendor, type, at, data }) => {
    if (vendor !== "cloudflare") return;
    const [resource = "", action = ""] = type.split(".");
    const { zone, id, ...value } = data;
    entries.unshift({
      id: randomUUID(),
      action: { type: action, result: true },
      actor: { id: "user", email: "sandbox@sitefleet.example", type: "user", ip: "127.0.0.1" },
      interface: "API",
      metadata: { zone_name: zone },
      newValueJson: value,
      owner: { id: get().account.id },
      resource: { id, type: resource },
      when: new Date(at).toISOString(),
    });
    entries.length = Math.min(entries.length, KEPT);
  });
  const app = new Hono();
  app.get("/", (c) => {
    if (c.req.path.split("/")[4] !== get().account.id)
      throw new CloudflareError(403, 9109, "Unauthorized to access requested resource");
    const query = new URL(c.req.url).searchParams;
    const [since, before] = [query.get("since") ?? "", query.get("before") ?? "9999"];
    const found = entries.filter(({ when }) => String(when) >= since && String(when) < before);
    if (query.get("direction") === "asc") found.reverse();
    const { items, info } = paginate(found, pageOf(query, { size: 100, min: 1, max: 1000 }));
    return c.json(success(items, info));
  });
  return app;
}
