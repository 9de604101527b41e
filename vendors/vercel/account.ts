import { type Asked, daysUntil, expiry, must } from "../answers.ts";
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
import { listOf, objectOf, type Props, part, textOf } from "../live.ts";
import { readOptions } from "./live.ts";
import { scopeOf, TEAM, teamIn } from "./team.ts";

const VARIABLE = "VERCEL_API_TOKEN";
const asked = (id: string): Asked => ({ id, vendor: "Vercel", variable: VARIABLE });

/** Roles that may make projects and deployments: https://vercel.com/docs/rbac/access-roles/team-level-roles */
const WRITERS = new Set(["OWNER", "MEMBER", "DEVELOPER"]);

/** What is known of a token and its team. */
export interface TokenFacts {
  /** Of the token's user. */
  readonly user: string;
  /** Days until it ends; undefined for never or not known. */
  readonly days?: number;
  /** As it is configured; undefined for the personal account. */
  readonly wanted?: string;
  /** The team of that name; undefined when the token does not see it. */
  readonly team?: Props;
  /** Slugs of the teams that it sees. */
  readonly seen: readonly string[];
}

async function tokenFacts({ ask, settings, now }: Questions): Promise<TokenFacts> {
  const at = asked("vercel.token");
  const wanted = teamIn(settings);
  const [user, current, teams, team] = await Promise.all([
    must(at, ask("/v2/user")),
    // A server of another age does not tell.
    ask("/v5/user/tokens/current"),
    must(at, ask("/v2/teams", { limit: "100" })),
    wanted === undefined ? undefined : ask(`/v2/teams/${part(wanted)}`),
  ]);
  const token = objectOf(current.body as Props | undefined, "token");
  return {
    user: textOf(objectOf(user, "user"), "username") ?? "a user without a name",
    days: daysUntil(token?.expiresAt, now),
    wanted,
    team: team?.status === 200 ? (team.body as Props | undefined) : undefined,
    seen: listOf(teams?.teams).flatMap((one) => textOf(one, "slug") ?? []),
  };
}

/** Judges a token and its team. Pure. */
export function judgeToken({ user, days, wanted, team, seen }: TokenFacts): Line[] {
  const lines = [expiry(asked("vercel.token"), days) ?? ok("vercel.token", `valid, of ${user}`)];
  if (wanted === undefined) return [...lines, ok("vercel.team", "the personal account of the token's user")];
  const id = "vercel.team";
  if (team === undefined) {
    const others = seen.length === 0 ? "it sees no team" : `it sees ${seen.join(", ")}`;
    const todo = `correct sitefleet:${TEAM}, or make a token whose scope is that team`;
    return [...lines, fault(id, `the token does not see the team ${wanted}; ${others}`, todo)];
  }
  const role = textOf(objectOf(team, "membership"), "role");
  if (role !== undefined && !WRITERS.has(role)) {
    const todo = "fine for previews; for updates: let an owner make the user a member";
    return [...lines, warning(id, `in ${wanted} the role of ${user} is ${role}: it may make no project`, todo)];
  }
  const plan = textOf(objectOf(team, "billing"), "plan");
  if (plan === "hobby") {
    return [
      ...lines,
      warning(id, `${wanted} is on the plan hobby`, "limits.yaml has the limits of Pro: buy it, or write down yours"),
    ];
  }
  return [
    ...lines,
    ok(id, `${wanted}${role === undefined ? "" : `, role ${role}`}${plan === undefined ? "" : `, plan ${plan}`}`),
  ];
}

/** What is known of repositories: `owner/name` in lower case. */
export interface AppFacts {
  readonly wanted: readonly string[];
  /** Owners that Vercel's GitHub app is installed for. */
  readonly owners: readonly string[];
  /** Repositories that it may read, of those that are wanted. */
  readonly readable: readonly string[];
}

async function appFacts({ ask, catalog, settings }: Questions): Promise<AppFacts> {
  const at = asked("vercel.repositories");
  const wanted = [...new Set(repositories(catalog).map((name) => name.toLowerCase()))].sort();
  if (wanted.length === 0) return { wanted, owners: [], readable: [] };
  const scope = scopeOf(teamIn(settings));
  const spaces = (await ask("/v1/integrations/git-namespaces", { provider: "github" })).body;
  const ids = new Map(
    listOf(spaces).map((space) => [(textOf(space, "slug") ?? "").toLowerCase(), String(space.id ?? "")] as const),
  );
  const found = wanted.map(async (repository) => {
    const [owner = "", name = ""] = repository.split("/");
    const namespaceId = ids.get(owner);
    if (namespaceId === undefined) return [];
    const query = { provider: "github", namespaceId, query: name, ...scope };
    const said = await must(at, ask("/v1/integrations/search-repo", query));
    return listOf(said?.repos).some((one) => textOf(one, "slug")?.toLowerCase() === name) ? [repository] : [];
  });
  return { wanted, owners: [...ids.keys()], readable: (await Promise.all(found)).flat() };
}

/** Repositories that projects are linked to. Pure. */
function repositories({ sites, zones }: Questions["catalog"]): string[] {
  return [...sites.map(({ repository }) => repository), ...zones.flatMap(({ catchAll }) => catchAll?.repository ?? [])];
}

/** Judges what Vercel's GitHub app may read. Pure. */
export function judgeApp({ wanted, owners, readable }: AppFacts): Line[] {
  const id = "vercel.repositories";
  if (wanted.length === 0) return [ok(id, "no site has a repository")];
  const lacking = wanted.filter((repository) => !readable.includes(repository));
  const absent = [...new Set(lacking.map((name) => name.split("/")[0] ?? ""))].filter(
    (owner) => !owners.includes(owner),
  );
  const hidden = lacking.filter((name) => !absent.includes(name.split("/")[0] ?? ""));
  const lines = [
    ...absent.map((owner) =>
      fault(
        id,
        `Vercel's GitHub app is not installed for ${owner}`,
        "https://github.com/apps/vercel/installations/new, then connect the Vercel team to it",
      ),
    ),
    ...hidden.map((name) =>
      fault(
        id,
        `Vercel's GitHub app may not read ${name}, or it is not there`,
        `github.com, settings of ${name.split("/")[0]}, Applications, Vercel: add the repository`,
      ),
    ),
  ];
  return lines.length > 0
    ? lines
    : [ok(id, `Vercel's GitHub app may read all ${wanted.length} repositories of the sites`)];
}

async function teams(ask: Ask): Promise<Choice[]> {
  const said = await must(asked(TEAM), ask("/v2/teams", { limit: "100" }));
  const found = listOf(said?.teams).flatMap((team): Choice[] => {
    const value = textOf(team, "slug");
    return value === undefined ? [] : [{ value, hint: textOf(team, "name") }];
  });
  return [...found, { value: "none", hint: "the personal account of the token's user" }];
}

/** What Vercel says of the account behind a token: https://vercel.com/docs/rest-api */
export const account: Account = {
  address: (env) => readOptions(env).baseUrl,
  checks: (questions) => [
    check("vercel.token", "Vercel, whose the token is", () => tokenFacts(questions), judgeToken),
    check("vercel.repositories", "Vercel, what its GitHub app may read", () => appFacts(questions), judgeApp),
  ],
  whose: async (ask) =>
    textOf(objectOf(await must(asked("vercel.token"), ask("/v2/user")), "user"), "username") ?? "a user",
  choices: { [TEAM]: teams },
};
