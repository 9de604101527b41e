import type { DiffCall, Properties, Property, Props, ReadCall } from "../framework/index.ts";
import { any, boolean, defineResource, isUnknown, number, object, set, string } from "../framework/index.ts";
import type { CloudflareClient } from "./client.ts";
import { importParts } from "./ids.ts";
import { fromBody, toBody } from "./names.ts";

const TYPES = [
  ...["A", "AAAA", "CNAME", "MX", "NS", "OPENPGPKEY", "PTR", "TXT", "CAA", "CERT", "DNSKEY", "DS", "HTTPS", "LOC"],
  ...["NAPTR", "SMIMEA", "SRV", "SSHFP", "SVCB", "TLSA", "URI"],
];
const DATA_NUMBERS = [
  ...["algorithm", "keyTag", "type", "protocol", "digestType", "priority", "altitude", "latDegrees", "latMinutes"],
  ...["latSeconds", "longDegrees", "longMinutes", "longSeconds", "precisionHorz", "precisionVert", "size", "order"],
  ...["preference", "matchingType", "selector", "usage", "port", "weight"],
];
const DATA_STRINGS = [
  ...["tag", "value", "certificate", "publicKey", "digest", "target", "latDirection", "longDirection", "regex"],
  ...["replacement", "service", "fingerprint"],
];
const named = (names: readonly string[], property: Property): Properties =>
  Object.fromEntries(names.map((name) => [name, property]));

const properties: Properties = {
  zoneId: string({ replaces: true }),
  name: string({ required: true }),
  // DNS names are compared without case only where the real provider does so: the content of a CNAME, see `diff`.
  type: string({ required: true, replaces: true, validate: knownType }),
  content: string({ computed: true }),
  data: object({
    flags: any({ normalize: String }),
    ...named(DATA_NUMBERS, number()),
    ...named(DATA_STRINGS, string()),
  }),
  ttl: number({ required: true }),
  proxied: boolean({ default: false }),
  priority: number(),
  comment: string(),
  privateRouting: boolean(),
  tags: set(string(), { computed: true }),
  settings: object(
    {
      ipv4Only: boolean({ computed: true }),
      ipv6Only: boolean({ computed: true }),
      flattenCname: boolean({ computed: true }),
    },
    { computed: true },
  ),
  commentModifiedOn: string({ output: true }),
  createdOn: string({ output: true }),
  meta: string({ output: true }),
  modifiedOn: string({ output: true, volatile: true }),
  proxiable: boolean({ output: true }),
  tagsModifiedOn: string({ output: true }),
};
const computedByApi: Properties = Object.fromEntries(
  Object.entries(properties).filter(([, property]) => property.output || property.computed),
);

/** `cloudflare_dns_record` as of provider 5.19.1, which is what pulumi-cloudflare 6.17.0 bridges. */
export const dnsRecord = defineResource<CloudflareClient>({
  properties,
  check({ inputs, fail }) {
    if (inputs.content !== undefined && inputs.data !== undefined) {
      fail("content", 'Attribute "data" cannot be specified when "content" is specified');
    }
    const priority = inputs.priority;
    if (typeof priority === "number" && (priority < 0 || priority > 65535)) {
      fail("priority", `value must be between 0 and 65535, got: ${priority}`);
    }
  },
  diff,
  preview({ planned, state }) {
    // Known to stay empty; without it they would show as unknown in every preview.
    if (state === undefined && planned.comment === undefined) delete planned.commentModifiedOn;
    if (state === undefined && Array.isArray(planned.tags) && planned.tags.length === 0) delete planned.tagsModifiedOn;
  },
  async create({ client, inputs, signal }) {
    // Only here, as in the real one: a preview and an update let it pass.
    if (inputs.proxied === true && inputs.ttl !== 1) throw new Error(TTL_TEXT);
    const result = await client.call(
      "POST",
      `${zonePath(inputs)}/dns_records`,
      signal,
      toBody(inputs, properties, ["zoneId"]),
    );
    return { id: idOf(result), outputs: stateOf(result, inputs, computedByApi) };
  },
  read,
  async update({ client, id, inputs, signal }) {
    const body = toBody(inputs, properties, ["zoneId"]);
    const result = await client.call("PUT", `${zonePath(inputs)}/dns_records/${id}`, signal, body);
    return stateOf(result, inputs, computedByApi);
  },
  async delete({ client, id, state, signal }) {
    await client.delete(`${zonePath(state)}/dns_records/${id}`, signal);
  },
});

const TTL_TEXT =
  "ttl must be set to 1 when `proxied` is true: When a DNS record is marked as `proxied` the TTL must be 1 as " +
  "Cloudflare will control the TTL internally.";

function knownType(value: unknown): string | undefined {
  if (TYPES.includes(String(value).toUpperCase())) return undefined;
  return `value must be one of: [${TYPES.map((type) => `"${type}"`).join(" ")}], got: "${String(value)}"`;
}

function zonePath(props: Props): string {
  if (typeof props.zoneId !== "string" || props.zoneId === "") {
    throw new Error("failed to make http request: missing required zone_id parameter");
  }
  return `/zones/${encodeURIComponent(props.zoneId)}`;
}

function idOf(result: unknown): string {
  return String((result as { id: unknown }).id);
}

// A CNAME's settings are filled in with false where the API is silent; other types have none unless the API says so.
function stateOf(result: unknown, inputs: Props, shown: Properties): Props {
  const outputs = fromBody(result, shown);
  // An object at the API, its JSON text in the state.
  if (outputs.meta !== undefined) outputs.meta = JSON.stringify(outputs.meta);
  const type = outputs.type ?? inputs.type;
  if (type === "CNAME") {
    const given = (outputs.settings ?? {}) as Props;
    outputs.settings = { ipv4Only: false, ipv6Only: false, flattenCname: false, ...given };
  }
  if (inputs.content !== undefined && shown === computedByApi) delete outputs.content;
  return outputs;
}

async function read({ client, id, state, importing, signal }: ReadCall<CloudflareClient>) {
  const [zoneId, recordId] = importing ? importParts(id, "<zone_id>/<dns_record_id>") : [String(state.zoneId), id];
  const result = await client.call("GET", `/zones/${zoneId}/dns_records/${recordId}`, signal);
  return { id: idOf(result), outputs: { ...stateOf(result, {}, properties), zoneId } };
}

// What ModifyPlan of the real one forgives. Everything else differs, upper case in a name for one.
function diff({ state, planned, ignore }: DiffCall): void {
  if (sameName(state.name, planned.name)) ignore("name");
  const before = state.content;
  const after = planned.content;
  if (planned.type === "CNAME" && typeof before === "string" && typeof after === "string" && !isUnknown(after)) {
    if (before.toLowerCase() === after.toLowerCase()) ignore("content");
  }
  if (Array.isArray(planned.tags) && planned.tags.length === 0 && !(state.tags as unknown[] | undefined)?.length)
    ignore("tags");
}

// The API answers with the full name where `www` or `@` was asked for.
function sameName(state: unknown, planned: unknown): boolean {
  if (typeof state !== "string" || typeof planned !== "string" || isUnknown(planned)) return false;
  if (planned === "@") return state !== "@" && state.includes(".");
  return `${withoutDot(state)}`.startsWith(`${withoutDot(planned)}.`);
}

function withoutDot(name: string): string {
  return name.endsWith(".") ? name.slice(0, -1) : name;
}
