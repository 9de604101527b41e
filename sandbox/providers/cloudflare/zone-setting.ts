import type { Properties } from "../framework/index.ts";
import { any, boolean, defineResource, number, string } from "../framework/index.ts";
import type { CloudflareClient } from "./client.ts";
import { importParts } from "./ids.ts";
import { fromBody, toBody } from "./names.ts";

const properties: Properties = {
  settingId: string({ required: true, replaces: true }),
  zoneId: string({ replaces: true }),
  value: any({ required: true }),
  enabled: boolean({ computed: true, volatile: true }),
  editable: boolean({ output: true, volatile: true }),
  modifiedOn: string({ output: true, volatile: true }),
  timeRemaining: number({ output: true, volatile: true }),
};
const { settingId: _settingId, zoneId: _zoneId, value: _value, ...computedByApi } = properties;

/**
 * `cloudflare_zone_setting` as of provider 5.19.1 (pulumi-cloudflare 6.17.0). A setting always exists, so create is a
 * PATCH, and delete calls nothing: the last value stays.
 */
export const zoneSetting = defineResource<CloudflareClient>({
  properties,
  async create({ client, inputs, signal }) {
    const result = await client.call(
      "PATCH",
      pathOf(inputs),
      signal,
      toBody(inputs, properties, ["settingId", "zoneId"]),
    );
    return { id: String(inputs.settingId), outputs: fromBody(result, computedByApi) };
  },
  async read({ client, id, state, importing, signal }) {
    const [zoneId, settingId] = importing
      ? importParts(id, "<zone_id>/<setting_id>")
      : [String(state.zoneId), String(state.settingId)];
    const result = await client.call("GET", pathOf({ zoneId, settingId }), signal);
    return { id: settingId, outputs: { ...fromBody(result, properties), zoneId, settingId } };
  },
  async update({ client, inputs, changed, signal }) {
    const body = Object.fromEntries(
      ["value", "enabled"].filter((key) => changed.has(key)).map((key) => [key, inputs[key]]),
    );
    return fromBody(await client.call("PATCH", pathOf(inputs), signal, body), computedByApi);
  },
});

function pathOf(props: Readonly<Record<string, unknown>>): string {
  if (typeof props.zoneId !== "string" || props.zoneId === "") {
    throw new Error("failed to make http request: missing required zone_id parameter");
  }
  return `/zones/${encodeURIComponent(props.zoneId)}/settings/${encodeURIComponent(String(props.settingId))}`;
}
