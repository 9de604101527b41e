import type { Login, Way } from "../commands/database/accounts.ts";
import { SAY } from "../commands/script.ts";
import type { Target } from "../input.ts";
import type { Said } from "../remote/session.ts";

/** One of the passwords that a database account has had, by the number that a rotation gave it. */
export interface Numbered extends Login {
  readonly generation: number;
}

/** The account of a service in its database, and what may be logged in with. */
interface AccountWork {
  /** Name of the account; where names alternate, of the role that owns everything. */
  readonly owner: string;
  /** All names that the account may ever have. */
  readonly names: readonly string[];
  /** Passwords that are known; the one in use first. */
  readonly logins: readonly Numbered[];
  /** Who may change the account. @default none is known */
  readonly administrator?: Login | undefined;
  /** Sessions of before this moment count as old ones. @default none does */
  readonly mark?: { readonly connection: number; readonly secondsAgo: number } | undefined;
}

/** A service with its account. */
export type AccountTarget = Target & { readonly account: AccountWork };

/** What was seen of an account. */
export interface AccountLook {
  readonly service: string;
  /** As the server says it. */
  readonly server: string;
  /** Generations whose password gets in. */
  readonly accepts: readonly number[];
  /** How the server takes two passwords for a while; undefined when it does not, or may not be told to. */
  readonly way: Way | undefined;
  /** Why there is no such way; each completes "it …". */
  readonly why: readonly string[];
  /** Sessions that may use an old password. */
  readonly before: number;
  /** Number of the server's newest connection, where it counts them. */
  readonly connection: number | undefined;
  /** As the server quotes them. */
  readonly accounts: readonly string[];
}

const factsIn = (said: Said) => {
  const lines = said.filter((line) => line.startsWith(SAY)).map((line) => line.slice(SAY.length));
  return (word: string): string[] =>
    // The servers' own listings have tabs.
    lines.flatMap((line) =>
      /^[ \t]/.test(line.slice(word.length)) && line.startsWith(word) ? [line.slice(word.length + 1)] : [],
    );
};

/** Is a version at least that? Pure. */
function atLeast(version: string, ...wanted: readonly number[]): boolean {
  const have = version.split(/[^0-9]+/).map(Number);
  const at = wanted.findIndex((number, index) => (have[index] ?? 0) !== number);
  return at === -1 || (have[at] ?? 0) > (wanted[at] as number);
}

/** Wrong passwords after which MariaDB locks an account: each login with the second password counts as one. */
const FEW_ERRORS = 1000;

type Facts = ReturnType<typeof factsIn>;

/** How a server of this version takes two passwords for a while; undefined when it takes one. Pure. */
function wayOf(engine: "mariadb" | "postgresql", mysql: boolean, version: string): Way | undefined {
  if (engine === "postgresql") return "roles";
  if (mysql) return atLeast(version, 8, 0, 14) ? "retain" : undefined;
  return atLeast(version, 10, 4) ? "chain" : undefined;
}

/** Why an account cannot be rotated without a gap; empty when it can. Pure. */
function obstacles(
  { account, database }: AccountTarget,
  facts: Facts,
  { dual, server, accepts }: { readonly dual: Way | undefined; readonly server: string; readonly accepts: number },
): string[] {
  const { owner, administrator } = account;
  // Of a server that lets in none nothing else is known.
  if (accepts === 0) return ["lets in none of the passwords that are known here"];
  const right = database?.engine === "postgresql" ? "CREATEROLE, with ADMIN OPTION on the owner" : "CREATE USER";
  const plugins = facts("account").map((line) => line.split(" ")[0] ?? "");
  const other = plugins.find((plugin) => dual === "chain" && plugin !== "" && plugin !== "mysql_native_password");
  const errors = Number(facts("max_password_errors")[0] ?? Number.POSITIVE_INFINITY);
  const settings = facts("setting").filter((name) => name !== "role");
  const [admin] = facts("administrator");
  const all: readonly (readonly [boolean, string])[] = [
    [dual === undefined, `is ${server}, which takes one password an account`],
    [
      administrator === undefined,
      "has no administrator in secrets.yaml (rotation.administrators), or no values for it",
    ],
    [admin === "no", `refuses the administrator ${administrator?.user}`],
    [admin === "blind", "does not let the administrator see accounts (MariaDB: SELECT on mysql.user)"],
    [admin === "yes" && facts("may")[0] !== "1", `does not let the administrator change accounts (${right})`],
    [admin === "yes" && plugins.length === 0, `has no account ${owner}`],
    [other !== undefined, `checks the account by ${other}, not by mysql_native_password`],
    [errors < FEW_ERRORS, `locks accounts after ${errors} wrong passwords, and each login with the old one counts`],
    [settings.length > 0, `gives ${owner} what another role would not have: ${settings.join(", ")}`],
  ];
  return all.flatMap(([holds, why]) => (holds ? [why] : []));
}

/** Reads what a look has said. Pure. */
export function parseAccountLook(target: AccountTarget, said: Said): AccountLook {
  const facts = factsIn(said);
  const { account, service } = target;
  const engine = target.database?.engine ?? "mariadb";
  const [server = ""] = facts("version");
  const accepts = account.logins.filter((_, index) => facts("login").includes(`${index} yes`));
  const mysql = engine === "mariadb" && server !== "" && !/mariadb/i.test(server);
  const dual = wayOf(engine, mysql, server);
  const why = obstacles(target, facts, { dual, server, accepts: accepts.length });
  const uptime = Number(facts("Uptime")[0] ?? Number.POSITIVE_INFINITY);
  // Sessions do not outlive their server.
  const restarted = uptime < (account.mark?.secondsAgo ?? 0);
  const [connection] = facts("connection");
  return {
    service: service.key,
    server: `${engine === "postgresql" ? "PostgreSQL" : mysql ? "MySQL" : "MariaDB"} ${server}`.trim(),
    accepts: accepts.map(({ generation }) => generation),
    way: why.length === 0 ? dual : undefined,
    why,
    before: restarted ? 0 : Number(facts("before")[0] ?? 0),
    connection: connection === undefined ? undefined : Number(connection),
    accounts: facts("account").map((line) => line.slice(line.indexOf(" ") + 1)),
  };
}
