import {
  addressIn,
  type Found,
  fields,
  type Live,
  listOf,
  objectOf,
  type Props,
  part,
  type ReadClient,
  type ReadOptions,
  type Setup,
  textOf,
} from "../live.ts";
import { ADDRESS_VARIABLE, API_URL } from "./api.ts";

/** Records at one name; Cloudflare's own maximum a page is far above what a name ever has. */
const PER_PAGE = "100";

/** The API as the stack's provider asks it. */
const ask = ({ env, once, connect }: Setup): ReadClient => once("cloudflare", () => connect(readOptions(env)));

/** How the API is read with an environment's token. Pure. */
export const readOptions = (env: NodeJS.ProcessEnv): ReadOptions => ({
  vendor: "Cloudflare",
  baseUrl: addressIn(env, ADDRESS_VARIABLE, API_URL),
  tokenName: "CLOUDFLARE_API_TOKEN",
  token: env.CLOUDFLARE_API_TOKEN,
});

/** Record types that exclude each other at one name (Cloudflare's errors 81053, 81054, 81056). */
const ADDRESS = new Set(["A", "AAAA"]);

/** A name as Cloudflare keeps it. */
const plain = (text: string | undefined) => text?.toLowerCase().replace(/\.$/, "");

/** The content that is declared, also where it is declared in parts (CAA). Pure. */
export function declaredContent(inputs: Props | undefined): string | undefined {
  const content = textOf(inputs, "content");
  if (content !== undefined) return content;
  const data = objectOf(inputs, "data");
  if (data?.flags === undefined || data.tag === undefined) return undefined;
  return `${String(data.flags)} ${String(data.tag)} "${String(data.value)}"`;
}

/** Whether two contents of a type are the same record. Host names know no case and no final dot. Pure. */
function sameContent(type: string, a: string | undefined, b: string | undefined): boolean {
  if (["CNAME", "NS", "MX"].includes(type)) return plain(a) === plain(b);
  const bare = (text: string | undefined) => text?.replaceAll('"', "").trim();
  return bare(a) === bare(b);
}

/** Judges the records at the declared name: the identical one is ours, one that excludes it is in the way. Pure. */
export function judgeRecords(records: readonly Props[], inputs: Props | undefined, zoneId: string): readonly Found[] {
  const type = textOf(inputs, "type")?.toUpperCase() ?? "";
  const content = declaredContent(inputs);
  return records.flatMap((record): Found[] => {
    const id = textOf(record, "id") ?? "";
    const liveType = textOf(record, "type") ?? "";
    const live = textOf(record, "content");
    const base = { id, importId: `${zoneId}/${id}`, unique: true };
    const samePriority = inputs?.priority === undefined || record.priority === inputs.priority;
    if (liveType === type && samePriority && sameContent(type, live, content)) {
      return [{ ...base, ours: true, why: "is the declared record" }];
    }
    if (!excludes(liveType, type)) return [];
    return [{ ...base, ours: false, why: `is a ${liveType} record of ${textOf(record, "name")} that says ${live}` }];
  });
}

/** Whether a record of one type keeps another from being made at the same name. */
function excludes(live: string, wanted: string): boolean {
  if (wanted === "CNAME") return live === "CNAME" || live === "NS" || ADDRESS.has(live);
  if (wanted === "NS") return live === "CNAME" || ADDRESS.has(live);
  if (ADDRESS.has(wanted)) return live === "CNAME" || live === "NS";
  return false;
}

/** A DNS record: known by zone, name, type and content. */
export const dnsRecord: Live = {
  async find(resource, setup) {
    const zoneId = textOf(resource.inputs, "zoneId");
    const name = textOf(resource.inputs, "name");
    if (zoneId === undefined || name === undefined) return undefined;
    const query = { name: plain(name) ?? name, per_page: PER_PAGE };
    const answer = fields(await ask(setup).get(`/zones/${part(zoneId)}/dns_records`, query));
    return judgeRecords(listOf(answer.result), resource.inputs, zoneId);
  },
  async exists(resource, setup) {
    const zoneId = textOf(resource.outputs, "zoneId") ?? textOf(resource.inputs, "zoneId") ?? "";
    const path = `/zones/${part(zoneId)}/dns_records/${part(resource.id ?? "")}`;
    return (await ask(setup).get(path)) !== undefined;
  },
};

/** Judges the zones of the declared name: the one in the declared account is ours. Pure. */
export function judgeZones(zones: readonly Props[], inputs: Props | undefined): readonly Found[] {
  const account = textOf(objectOf(inputs, "account"), "id");
  const found = zones.map((zone): Found => {
    const id = textOf(zone, "id") ?? "";
    const live = textOf(objectOf(zone, "account"), "id");
    const ours = account !== undefined && live === account;
    const why = ours
      ? "is the zone of that name in the declared account"
      : `is a zone named ${textOf(zone, "name")} in account ${live ?? "unknown"}, not in ${account ?? "one that is declared"}`;
    return { id, importId: id, unique: true, ours, why };
  });
  // The same name may stand in several accounts; only while ours has none, another's is worth a word.
  return found.some(({ ours }) => ours) ? found.filter(({ ours }) => ours) : found;
}

/** A zone: known by its name, ours by its account. */
export const zone: Live = {
  async find(resource, setup) {
    const name = textOf(resource.inputs, "name");
    if (name === undefined) return undefined;
    const answer = fields(await ask(setup).get("/zones", { name }));
    return judgeZones(listOf(answer.result), resource.inputs);
  },
  async exists(resource, setup) {
    return (await ask(setup).get(`/zones/${part(resource.id ?? "")}`)) !== undefined;
  },
};
