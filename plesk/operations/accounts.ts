import { type Code, SitefleetError } from "../../errors/index.ts";
import {
  accountLookScript,
  accountScript,
  accountStatements,
  type Login,
  type Way,
  windowStatement,
} from "../commands/database/accounts.ts";
import { SAY } from "../commands/script.ts";
import { EXIT } from "../exit-codes.ts";
import type { Target } from "../input.ts";
import { redactor } from "../redact.ts";
import type { Said, Session } from "../remote/session.ts";
import { type RunOptions, startRun } from "../transaction/context.ts";
import { underLock } from "./database.ts";
import { forServices, type ManyOptions, type Outcome } from "./session.ts";

/** One of the passwords that a database account has had, by the number that a rotation gave it. */
interface Numbered extends Login {
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

/** Reads what a look has said. Pure. */
export function parseAccountLook(target: AccountTarget, said: Said): AccountLook {
  const facts = factsIn(said);
  const { account, service } = target;
  const engine = target.database?.engine ?? "mariadb";
  const [server = ""] = facts("version");
  const accepts = account.logins.filter((_, index) => facts("login").includes(`${index} yes`));
  const made = facts("account").map((line) => line.split(" "));
  const mysql = engine === "mariadb" && !/mariadb/i.test(server);
  const dual: Way | undefined =
    engine === "postgresql"
      ? "roles"
      : mysql
        ? atLeast(server, 8, 0, 14)
          ? "retain"
          : undefined
        : atLeast(server, 10, 4)
          ? "chain"
          : undefined;
  const other = made.filter(([plugin]) => dual === "chain" && plugin !== "" && plugin !== "mysql_native_password");
  const errors = Number(facts("max_password_errors")[0] ?? Number.POSITIVE_INFINITY);
  const settings = facts("setting").filter((name) => name !== "role");
  const [admin] = facts("administrator");
  const why = [
    ...(dual === undefined ? [`is ${server}, which takes one password an account`] : []),
    ...(account.administrator === undefined ? ["has no administrator in secrets.yaml (rotation.administrators)"] : []),
    ...(admin === "no" ? [`refuses the administrator ${account.administrator?.user}`] : []),
    ...(admin === "blind" ? ["does not let the administrator see accounts (MariaDB: SELECT on mysql.user)"] : []),
    ...(admin === "yes" && facts("may")[0] !== "1"
      ? [
          `does not let the administrator change accounts (${engine === "mariadb" ? "CREATE USER" : "CREATEROLE, with ADMIN OPTION on the owner"})`,
        ]
      : []),
    ...(admin === "yes" && made.length === 0 ? [`has no account ${account.owner}`] : []),
    ...other.map(([plugin]) => `checks the account by ${plugin}, not by mysql_native_password`),
    ...(errors < FEW_ERRORS
      ? [`locks accounts after ${errors} wrong passwords, and each login with the old one counts`]
      : []),
    ...(settings.length > 0 ? [`gives ${account.owner} what another role would not have: ${settings.join(", ")}`] : []),
  ];
  const uptime = Number(facts("Uptime")[0] ?? Number.POSITIVE_INFINITY);
  // Sessions do not outlive their server.
  const restarted = uptime < (account.mark?.secondsAgo ?? 0);
  const connection = facts("connection")[0];
  return {
    service: service.key,
    server: `${engine === "postgresql" ? "PostgreSQL" : mysql ? "MySQL" : "MariaDB"} ${server}`,
    accepts: accepts.map(({ generation }) => generation),
    way: why.length === 0 ? dual : undefined,
    why,
    before: restarted ? 0 : Number(facts("before")[0] ?? 0),
    connection: connection === undefined ? undefined : Number(connection),
    accounts: made.map(([, ...name]) => name.join(" ")),
  };
}

function callOf({ database, account, service }: AccountTarget) {
  if (database === undefined) {
    const message = `${service.key} has no database`;
    throw new SitefleetError({ code: "plesk.input", message, exitCode: EXIT.input });
  }
  const { host, port, name, engine } = database;
  return { engine, call: { host, port, name, ...account } };
}

/** Runs work on an account; nothing that it says holds a password. */
async function onAccount<Value>({ account, service }: AccountTarget, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SitefleetError) || !error.code.startsWith("plesk.remote")) throw error;
    const all = [...account.logins, ...(account.administrator ? [account.administrator] : [])];
    const redact = redactor({ env: Object.fromEntries(all.map(({ password }, index) => [String(index), password])) });
    throw new SitefleetError({
      code: "plesk.account" satisfies Code,
      subject: service.key,
      message: redact(error.message),
      hint: "what it says above is the server's; run it again, it goes on where it stands",
      details: error.details.map(redact),
      exitCode: EXIT.remote,
    });
  }
}

/** Looks at accounts of services: which passwords get in, and how they can be changed. Changes nothing, takes no lock. */
export function lookAtAccounts(
  targets: readonly AccountTarget[],
  options: ManyOptions = {},
): Promise<Outcome<AccountLook>[]> {
  return forServices(targets, (target, session) => lookOn(target, session, options.signal), options);
}

function lookOn(target: AccountTarget, session: Session, signal: AbortSignal | undefined): Promise<AccountLook> {
  return onAccount(target, async () => {
    const { engine, call } = callOf(target);
    const { layout, token } = startRun(target, { signal });
    const [current] = target.account.logins;
    const refused = target.account.names.filter((name) => name !== current?.user);
    const mark = { refused, connection: target.account.mark?.connection ?? 0 };
    const script = accountLookScript(layout, token, engine, call, mark);
    return parseAccountLook(target, await session.run("looking at the account", script));
  });
}

/** What becomes of an account. */
export interface AccountChange {
  /** Generations whose passwords get in afterwards, the one in use first; no other does. */
  readonly accept: readonly number[];
  /** Without an administrator: the account changes its own password, and the old one is refused at once. @default false */
  readonly window?: boolean;
}

/**
 * Makes accounts accept just these passwords, under the services' locks, and sees with logins of its own that it is so. Doing it again
 * changes nothing.
 *
 * @throws SitefleetError `plesk.account`; as the outcome of its service
 */
export function changeAccounts(
  targets: readonly AccountTarget[],
  change: AccountChange,
  options: RunOptions & ManyOptions = {},
): Promise<Outcome<AccountLook>[]> {
  return forServices(targets, (target, session) => changeOn(target, change, session, options), options);
}

async function changeOn(
  target: AccountTarget,
  { accept, window = false }: AccountChange,
  session: Session,
  options: RunOptions,
): Promise<AccountLook> {
  const { engine, call } = callOf(target);
  const { logins, names, administrator } = target.account;
  const wanted = accept.map((generation) => logins.find((login) => login.generation === generation));
  if (wanted.some((login) => login === undefined)) {
    const message = "a password that is to be accepted is not known";
    throw new SitefleetError({ code: "plesk.account", subject: target.service.key, message, exitCode: EXIT.input });
  }
  const accepted = wanted as Numbered[];
  const refused = logins.filter(({ generation }) => !accept.includes(generation));
  return underLock(target, session, options, (run, on) =>
    onAccount(target, async () => {
      const look = await lookOn(target, on, options.signal);
      const already = logins.filter(({ generation }) => look.accepts.includes(generation));
      const same = accepted.every((login) => already.includes(login)) && refused.every((one) => !already.includes(one));
      const [current] = already;
      if (same) return look;
      if (!window && look.way === undefined) throw cannot(target, look);
      const own = window && current !== undefined;
      if (window && current === undefined)
        throw cannot(target, { ...look, why: ["lets in none of the known passwords"] });
      const statements = own
        ? [windowStatement(engine, accepted.at(-1) as Numbered, look.server.startsWith("MySQL"))]
        : accountStatements(engine, call, {
            way: look.way as Way,
            accept: accepted,
            refuse: names.filter((name) => accepted.every(({ user }) => user !== name)),
            refused,
            accounts: look.accounts,
            already,
          });
      const work = { by: (own ? current : administrator) as Login, statements, accept: accepted, refused };
      await on.run("changing the account", accountScript(run.layout, run.token, engine, call, work));
      return { ...look, accepts: [...accept] };
    }),
  );
}

const cannot = ({ service }: AccountTarget, { why, server }: Pick<AccountLook, "why" | "server">): SitefleetError =>
  new SitefleetError({
    code: "plesk.account",
    subject: service.key,
    message: "its database account cannot take two passwords for a while",
    details: why.map((reason) => `${server}: it ${reason}`),
    hint: "mend what is listed, or change the password in a window: sitefleet secrets rotate --window",
    exitCode: EXIT.unfit,
  });
