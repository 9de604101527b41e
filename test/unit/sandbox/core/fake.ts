import { Hono } from "hono";
import { routesOf, type Vendor, type VendorName } from "../../../../sandbox/core/index.ts";

/** A vendor with one list of things, to see what reaches it. */
export function fakeVendor(name: VendorName = "vercel") {
  const things: string[] = [];
  const app = new Hono();
  app.get("/v1/things", (c) => c.json(things));
  app.post("/v1/things", async (c) => {
    things.push(await c.req.text());
    return c.json({ id: things.length }, 201);
  });
  app.get("/v1/things/:id", (c) => c.json({ id: c.req.param("id") }));
  const vendor: Vendor = {
    name,
    routes: routesOf(app),
    fetch: async (request) => app.fetch(request),
    inventory: () => ({ things: things.map((thing, n) => ({ id: String(n), name: thing })) }),
    snapshot: () => things,
    restore() {},
  };
  return { vendor, things };
}
