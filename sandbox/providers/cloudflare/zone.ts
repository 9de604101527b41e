import type { Properties, Property, PropertyOptions } from "../framework/index.ts";
import { boolean, defineFunction, defineResource, isObject, list, number, object, string } from "../framework/index.ts";
import type { CloudflareClient } from "./client.ts";
import { fromBody, toBody } from "./names.ts";

// The real resource has no plan modifiers on what it computes: every update shows all of it as unknown.
const out: PropertyOptions = { output: true, volatile: true };

const meta: Properties = {
  cdnOnly: boolean(),
  customCertificateQuota: number(),
  dnsOnly: boolean(),
  foundationDns: boolean(),
  pageRuleQuota: number(),
  phishingDetected: boolean(),
  step: number(),
};
const plan: Properties = {
  id: string(),
  canSubscribe: boolean(),
  currency: string(),
  externallyManaged: boolean(),
  frequency: string(),
  isSubscribed: boolean(),
  legacyDiscount: boolean(),
  legacyId: string(),
  name: string(),
  price: number(),
};
const computed = (options: PropertyOptions): Record<string, Property> => ({
  activatedOn: string(options),
  cnameSuffix: string(options),
  createdOn: string(options),
  developmentMode: number(options),
  meta: object(meta, options),
  modifiedOn: string(options),
  nameServers: list(string(), options),
  originalDnshost: string(options),
  originalNameServers: list(string(), options),
  originalRegistrar: string(options),
  owner: object({ id: string(), name: string(), type: string() }, options),
  permissions: list(string(), options),
  plan: object(plan, options),
  status: string(options),
  tenant: object({ id: string(), name: string() }, options),
  tenantUnit: object({ id: string() }, options),
  verificationKey: string(options),
});

const properties: Properties = {
  account: object({ id: string() }, { required: true, replaces: true }),
  name: string({ required: true, replaces: true }),
  paused: boolean({ default: false }),
  type: string({ default: "full", allowed: ["full", "partial", "secondary", "internal"] }),
  vanityNameServers: list(string(), { computed: true, volatile: true }),
  ...computed(out),
};
const { account: _account, name: _name, paused: _paused, type: _type, ...computedByApi } = properties;

/** `cloudflare_zone` as of provider 5.19.1 (pulumi-cloudflare 6.17.0). */
export const zone = defineResource<CloudflareClient>({
  properties,
  async create({ client, inputs, signal }) {
    const result = await client.call("POST", "/zones", signal, toBody(inputs, properties));
    return { id: idOf(result), outputs: fromBody(result, computedByApi) };
  },
  async read({ client, id, signal }) {
    const result = await client.call("GET", `/zones/${id}`, signal);
    return { id: idOf(result), outputs: fromBody(result, properties) };
  },
  async update({ client, id, inputs, changed, signal }) {
    const wanted = Object.fromEntries(Object.entries(inputs).filter(([key]) => changed.has(key)));
    const result = await client.call("PATCH", `/zones/${id}`, signal, toBody(wanted, properties));
    return fromBody(result, computedByApi);
  },
  async delete({ client, id, signal }) {
    await client.delete(`/zones/${id}`, signal);
  },
});

const filter: Properties = {
  account: object({ id: string(), name: string() }),
  direction: string(),
  match: string({ allowed: ["any", "all"] }),
  name: string(),
  order: string(),
  status: string(),
};
const found: Properties = {
  ...computed({}),
  account: object({ id: string(), name: string() }),
  name: string(),
  paused: boolean(),
  type: string(),
  vanityNameServers: list(string()),
};

/** `getZone`: one zone by id, or by a filter that matches exactly one. */
export const getZone = defineFunction<CloudflareClient>({
  inputs: { filter: object(filter), zoneId: string() },
  outputs: { ...found, id: string(), zoneId: string(), filter: object(filter) },
  async invoke({ client, inputs, signal }) {
    let zoneId = inputs.zoneId;
    if (isObject(inputs.filter)) {
      const zones = await client.call("GET", `/zones?${query(inputs.filter)}`, signal);
      const count = Array.isArray(zones) ? zones.length : 0;
      if (count !== 1) throw new Error(`failed to find exactly one result: ${count} found`);
      zoneId = idOf((zones as unknown[])[0]);
    }
    if (typeof zoneId !== "string" || zoneId === "")
      throw new Error("Invalid zone configuration: empty or null zone ID");
    const result = await client.call("GET", `/zones/${zoneId}`, signal);
    return {
      ...fromBody(result, found),
      id: zoneId,
      zoneId,
      ...(inputs.filter === undefined ? {} : { filter: inputs.filter }),
    };
  },
});

function query(filter: Record<string, unknown>): URLSearchParams {
  const params = new URLSearchParams();
  for (const key of ["direction", "match", "name", "order", "status"]) {
    if (typeof filter[key] === "string") params.set(key, filter[key]);
  }
  if (isObject(filter.account)) {
    for (const key of ["id", "name"]) {
      if (typeof filter.account[key] === "string") params.set(`account.${key}`, filter.account[key]);
    }
  }
  return params;
}

function idOf(result: unknown): string {
  const id = isObject(result) ? result.id : undefined;
  if (typeof id !== "string" || id === "") throw new Error("Zone API returned empty or null zone ID");
  return id;
}
