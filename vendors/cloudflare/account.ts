import { findLimit, type Zone } from "../../model/index.ts";
import { type Asked, daysUntil, expiry, must, numbered } from "../answers.ts";
import {
  type Account,
  type Ask,
  type Choice,
  check,
  fault,
  type Line,
  ok,
  type Questions,
  warning,
} from "../checkup.ts";
import { fields, objectOf, type Props, part, textOf } from "../live.ts";
import { readOptions } from "./live.ts";

const VARIABLE = "CLOUDFLARE_API_TOKEN";
const ACCOUNT = "cloudflareAccountId";
const asked = (id: string): Asked => ({ id, vendor: "Cloudflare", variable: VARIABLE });
/** A zone that holds this share of the records that its plan allows is told, percent. */
const NEARLY_FULL = 90;

/** What a token says of itself. */
export interface TokenFacts {
  /** `active`, `disabled`, `expired`; undefined for a token of an account, which the address of users does not know. */
  readonly status?: string;
  readonly days?: number;
}

async function tokenFacts({ ask, now }: Questions): Promise<TokenFacts> {
  const result = objectOf(await must(asked("cloudflare.token"), ask("/user/tokens/verify")), "result");
  return { status: textOf(result, "status"), days: daysUntil(result?.expires_on, now) };
}

/** Judges a token. Pure. */
export function judgeToken({ status, days }: TokenFacts): Line[] {
  const id = "cloudflare.token";
  if (status !== undefined && status !== "active") {
    return [
      fault(
        id,
        `${VARIABLE} is ${status}`,
        `make another at Cloudflare, then: read -rs ${VARIABLE} && export ${VARIABLE}`,
      ),
    ];
  }
  return [expiry(asked(id), days) ?? ok(id, status === undefined ? "valid" : "valid and active")];
}

/** What is known of the zones. */
export interface ZoneFacts {
  /** Of the catalog, those that Cloudflare serves. */
  readonly wanted: readonly Pick<Zone, "name" | "mode" | "zoneId" | "cdn" | "plan">[];
  /** All that the token sees, by name. */
  readonly there: ReadonlyMap<string, Props>;
  /** Records by zone, as far as they could be counted. */
  readonly records: ReadonlyMap<string, number>;
  /** Records that a zone of a plan may hold. */
  readonly most: Readonly<Record<string, number | undefined>>;
  /** Account for new zones: whether the token sees it; undefined when none is configured. */
  readonly account?: boolean;
}

async function zoneFacts({ ask, catalog, settings }: Questions): Promise<ZoneFacts> {
  const at = asked("cloudflare.zones");
  const wanted = catalog.zones.filter(({ dns, mode }) => dns === "cloudflare" && mode !== "skip");
  const id = settings[ACCOUNT];
  const [zones, account] = await Promise.all([
    numbered(at, ask, "/zones", "result"),
    id === undefined ? undefined : ask(`/accounts/${part(id)}`),
  ]);
  const there = new Map(zones.map((zone) => [textOf(zone, "name") ?? "", zone]));
  const counted = wanted.map(async ({ name }): Promise<[string, number][]> => {
    const zone = textOf(there.get(name), "id");
    if (zone === undefined) return [];
    const { body } = await ask(`/zones/${part(zone)}/dns_records`, { per_page: "5" });
    const count = Number(objectOf(fields(body), "result_info")?.total_count ?? Number.NaN);
    return Number.isFinite(count) ? [[name, count]] : [];
  });
  const plans = [...new Set(wanted.map(({ plan }) => plan))];
  return {
    wanted,
    there,
    records: new Map((await Promise.all(counted)).flat()),
    most: Object.fromEntries(
      plans.map((plan) => [plan, findLimit(catalog.limits, "cloudflare.zone-records", plan)?.amount]),
    ),
    account: account === undefined ? undefined : account.status === 200,
  };
}

/** Judges the zones of the catalog. Pure. */
export function judgeZones(facts: ZoneFacts): Line[] {
  const found = facts.wanted.flatMap((zone) => judgeZone(zone, facts));
  const creates = facts.wanted.filter(({ name, mode }) => mode === "create" && !facts.there.has(name));
  const id = "cloudflare.account";
  const todo = `correct sitefleet:${ACCOUNT}, and give the token Zone Edit on that account`;
  const account =
    creates.length === 0
      ? []
      : facts.account === undefined
        ? [fault(id, `${creates[0]?.name} is to be made, and no account is named`, `set sitefleet:${ACCOUNT}`)]
        : [
            facts.account
              ? ok(id, `new zones go there: ${creates.length}`)
              : fault(id, "the token does not see the account for new zones", todo),
          ];
  return [...found, ...account];
}

function judgeZone({ name, mode, zoneId, cdn, plan }: ZoneFacts["wanted"][number], facts: ZoneFacts): Line[] {
  const id = "cloudflare.zones";
  const zone = facts.there.get(name);
  if (zone === undefined) {
    if (mode === "create") return [ok(id, `${name} is not there yet; prod makes it`)];
    return [
      fault(
        id,
        `the token does not see the zone ${name}`,
        `give the token this zone; or mode: create in zones.yaml, when it is not at Cloudflare yet`,
      ),
    ];
  }
  if (zoneId !== undefined && zoneId !== textOf(zone, "id")) {
    return [fault(id, `${name} has another id than zones.yaml says`, `zoneId: ${textOf(zone, "id")}`)];
  }
  const lines: Line[] = [];
  const rights = Array.isArray(zone.permissions) ? zone.permissions.map(String) : undefined;
  const lacks = [
    ["#dns_records:edit", "DNS Edit"],
    ...(cdn === undefined ? [] : [["#zone_settings:edit", "Zone Settings Edit"]]),
  ]
    .filter(([right = ""]) => rights !== undefined && !rights.includes(right))
    .map(([, words]) => words);
  if (lacks.length > 0) {
    lines.push(
      warning(
        id,
        `the token may not change ${name}: it lacks ${lacks.join(" and ")}`,
        `fine for previews; for updates: give the token ${lacks.join(" and ")} on this zone`,
      ),
    );
  }
  const servers = Array.isArray(zone.name_servers) ? zone.name_servers.join(", ") : "those that Cloudflare names";
  if (zone.status !== "active") {
    lines.push(
      warning(
        id,
        `${name} is ${String(zone.status)}: another server answers for it`,
        `name at its registrar these name servers: ${servers}`,
      ),
    );
  }
  if (zone.paused === true)
    lines.push(warning(id, `${name} is paused: Cloudflare fronts nothing of it`, "end the pause at Cloudflare"));
  const [count, most] = [facts.records.get(name), facts.most[plan]];
  if (count !== undefined && most !== undefined && count * 100 >= most * NEARLY_FULL) {
    lines.push(
      warning(
        "room.records",
        `${name} has ${count} of the ${most} records that the plan ${plan} allows`,
        "take records away, or buy a larger plan and write it into zones.yaml",
      ),
    );
  }
  if (mode === "create") return lines;
  return lines.length > 0 ? lines : [ok(id, `${name} is active, served by ${servers}`)];
}

async function zones(ask: Ask): Promise<Choice[]> {
  const found = await numbered(asked("zones"), ask, "/zones", "result");
  return found.flatMap((zone): Choice[] => {
    const value = textOf(zone, "name");
    return value === undefined ? [] : [{ value, hint: String(zone.status ?? "") }];
  });
}

async function accounts(ask: Ask): Promise<Choice[]> {
  const found = await numbered(asked(ACCOUNT), ask, "/accounts", "result");
  return found.flatMap((one): Choice[] => {
    const value = textOf(one, "id");
    return value === undefined ? [] : [{ value, hint: textOf(one, "name") }];
  });
}

/** What Cloudflare says of the account behind a token: https://developers.cloudflare.com/api */
export const account: Account = {
  address: (env) => readOptions(env).baseUrl,
  checks: (questions) => [
    check("cloudflare.token", "Cloudflare, what the token is", () => tokenFacts(questions), judgeToken),
    check("cloudflare.zones", "Cloudflare, its zones", () => zoneFacts(questions), judgeZones),
  ],
  async whose(ask) {
    await must(asked("cloudflare.token"), ask("/user/tokens/verify"));
    return "an active token";
  },
  choices: { [ACCOUNT]: accounts },
  zones,
};
