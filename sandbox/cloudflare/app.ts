import { Hono } from "hono";
import type { VendorContext } from "../core/index.ts";
import { auditRoutes } from "./audit.ts";
import { authenticate, tokenId } from "./auth.ts";
import { recordRoutes } from "./records.ts";
import { CloudflareError, failure, pageOf, paginate, success } from "./reply.ts";
import { settingRoutes } from "./settings.ts";
import type { CloudflareState } from "./state.ts";
import { zoneRoutes } from "./zones.ts";

/** Cloudflare's API v4 below `/client/v4`, over the state that `get` gives. */
export function createApp(get: () => CloudflareState, context: VendorContext): Hono<{ Variables: { token: string } }> {
  const app = new Hono<{ Variables: { token: string } }>();
  const seed = context.options.cloudflare ?? {};
  app.onError((error, c) => {
    if (error instanceof CloudflareError) return c.json(failure(error.entries), error.status);
    throw error;
  });
  app.notFound((c) => {
    const route = c.req.path.replace(/^\/client\/v4/, "");
    const message = `Could not route to ${route}, perhaps your object identifier is invalid?`;
    return c.json(
      failure([
        { code: 7003, message },
        { code: 7000, message: "No route for that URI" },
      ]),
      404,
    );
  });
  app.use("/client/v4/*", async (c, next) => {
    c.set("token", authenticate(c.req.raw.headers, seed));
    await next();
  });

  app.get("/client/v4/user/tokens/verify", (c) => {
    const result = { id: tokenId(c.get("token")), status: "active" };
    const messages = [{ code: 10000, message: "This API Token is valid and active", type: null }];
    return c.json({ ...success(result), messages });
  });
  app.get("/client/v4/user", (c) =>
    c.json(
      success({
        id: tokenId("user"),
        email: "sandbox@sitefleet.example",
        two_factor_authentication_enabled: true,
        suspended: false,
      }),
    ),
  );
  const account = () => ({ ...get().account, type: "standard", settings: { enforce_twofactor: false } });
  app.get("/client/v4/accounts", (c) => {
    const query = new URL(c.req.url).searchParams;
    const name = query.get("name");
    const all = name === null || name === get().account.name ? [account()] : [];
    const { items, info } = paginate(all, pageOf(query, { size: 20, min: 5, max: 50 }));
    return c.json(success(items, info));
  });
  app.get("/client/v4/accounts/:account", (c) => {
    if (c.req.param("account") !== get().account.id)
      throw new CloudflareError(403, 9109, "Unauthorized to access requested resource");
    return c.json(success(account()));
  });
  app.route("/client/v4/accounts/:account/audit_logs", auditRoutes(get, context));
  app.route("/client/v4/zones/:zone/dns_records", recordRoutes(get, context));
  app.route("/client/v4/zones/:zone/settings", settingRoutes(get, context));
  app.route("/client/v4/zones", zoneRoutes(get, context));
  return app;
}
