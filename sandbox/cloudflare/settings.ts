import { Hono } from "hono";
import type { VendorContext } from "../core/index.ts";
import { bodyOf, CloudflareError, success } from "./reply.ts";
import { isEditable, SETTINGS, type SettingRule } from "./setting-table.ts";
import { type CloudflareState, type Zone, zoneOf } from "./state.ts";

/** Routes below `/client/v4/zones/:zone/settings`. */
export function settingRoutes(get: () => CloudflareState, context: VendorContext): Hono {
  const app = new Hono();
  const zoneAt = (path: string): Zone => zoneOf(get(), path.split("/")[4] ?? "", path);

  const change = (zone: Zone, changes: readonly { id: string; value: unknown }[]): void => {
    // Checked before any is set: the bulk call is all or nothing.
    for (const { id, value } of changes) check(zone, id, value);
    const modified_on = new Date(context.now()).toISOString();
    for (const { id, value } of changes) {
      zone.settings.set(id, { value, modified_on });
      const data = { zone: zone.name, id, value };
      context.events.publish({ vendor: "cloudflare", type: "setting.updated", at: context.now(), data });
    }
    if (changes.length > 0) context.changed();
  };

  app.get("/", (c) => {
    const zone = zoneAt(c.req.path);
    return c.json(success(Object.keys(SETTINGS).map((id) => show(zone, id))));
  });

  app.patch("/", async (c) => {
    const zone = zoneAt(c.req.path);
    const { items } = await bodyOf(c.req.raw);
    if (!Array.isArray(items)) throw new CloudflareError(400, 1004, "Missing 'items'");
    change(zone, items as { id: string; value: unknown }[]);
    return c.json(success((items as { id: string }[]).map(({ id }) => show(zone, id))));
  });

  app.get("/:setting", (c) => {
    const zone = zoneAt(c.req.path);
    ruleOf(c.req.param("setting"));
    return c.json(success(show(zone, c.req.param("setting"))));
  });

  app.patch("/:setting", async (c) => {
    const zone = zoneAt(c.req.path);
    const id = c.req.param("setting");
    const body = await bodyOf(c.req.raw);
    change(zone, [{ id, value: body.value }]);
    return c.json(success(show(zone, id)));
  });

  return app;
}

function ruleOf(id: string): SettingRule {
  const rule = SETTINGS[id];
  if (rule === undefined) throw new CloudflareError(400, 1006, `Unrecognized zone setting name: ${id}`);
  return rule;
}

function check(zone: Zone, id: string, value: unknown): void {
  const rule = ruleOf(id);
  if (!isEditable(rule, zone.plan)) throw new CloudflareError(400, 1015, `Not allowed to edit setting for ${id}`);
  if (!rule.accepts(value)) throw new CloudflareError(400, 1007, `Invalid value for zone setting ${id}`);
}

function show(zone: Zone, id: string): Record<string, unknown> {
  const rule = ruleOf(id);
  const set = zone.settings.get(id);
  const value = set === undefined ? rule.initial : set.value;
  const time = id === "development_mode" ? { time_remaining: 0 } : {};
  return { id, value, modified_on: set?.modified_on ?? null, editable: isEditable(rule, zone.plan), ...time };
}
