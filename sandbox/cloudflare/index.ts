/** Cloudflare's API v4, as far as zones, records, settings and tokens go. */
import { type DnsView, type Inventory, routesOf, type Vendor, type VendorContext } from "../core/index.ts";
import { createApp } from "./app.ts";
import { createDnsView } from "./dns.ts";
import { addSeeds, seedState, snapshotOf, stateOf } from "./state.ts";

export { DEFAULT_ACCOUNT_ID } from "./state.ts";

/** The Cloudflare vendor; its `dns` answers names for the rest of the sandbox. */
export interface CloudflareVendor extends Vendor {
  readonly name: "cloudflare";
  readonly dns: DnsView;
}

/** Makes the vendor; seeds come from `context.options.cloudflare`. */
export function createCloudflare(context: VendorContext): CloudflareVendor {
  let state = seedState(context.options.cloudflare ?? {}, context.now());
  const get = () => state;
  const app = createApp(get, context);
  return {
    name: "cloudflare",
    routes: routesOf(app),
    dns: createDnsView(get),
    fetch: async (request) => app.fetch(request),
    snapshot: () => snapshotOf(state),
    restore(snapshot) {
      state = stateOf(snapshot);
      addSeeds(state, context.options.cloudflare ?? {}, context.now());
    },
    inventory(): Inventory {
      const zones = [...state.zones.values()];
      return {
        zones: zones.map(({ id, name, plan, status }) => ({ id, name, plan, status })),
        records: zones.flatMap((zone) =>
          zone.records.all().map(({ id, name, type, content, proxied, ttl }) => {
            return { id, name, type, content, proxied, ttl, zone: zone.name, zoneId: zone.id };
          }),
        ),
        settings: zones.flatMap((zone) =>
          [...zone.settings].map(([name, { value }]) => {
            return { id: `${zone.id}/${name}`, name, value, zone: zone.name, zoneId: zone.id };
          }),
        ),
      };
    },
  };
}
