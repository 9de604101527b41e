import type { Layout } from "../layout.ts";
import { hereDocument, quote } from "../quote.ts";
import type { DatabaseCall } from "./dialect.ts";
import { besideDatabase, DIALECTS, type Engine, withDatabase } from "./index.ts";
import { verifierOf } from "./verifier.ts";

/** A name and a password that a database may be logged in to with. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/** A service's account in its database. */
export interface AccountCall extends Pick<DatabaseCall, "host" | "port" | "name"> {
  /** Name of the account, and of the role that owns everything. */
  readonly owner: string;
  /** What may be logged in with; the one in use first. */
  readonly logins: readonly Login[];
  /** Who may change the account. @default none is known */
  readonly administrator?: Login | undefined;
}

/** A text in SQL. Both servers take a doubled quote; MariaDB a doubled backslash as well. */
const text = (engine: Engine, value: string): string =>
  `'${(engine === "mariadb" ? value.replaceAll("\\", "\\\\") : value).replaceAll("'", "''")}'`;
const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Where statements run: PostgreSQL has no account without a database. */
const asked = ({ name }: AccountCall, engine: Engine): string => (engine === "mariadb" ? "" : quote(name));

/**
 * Defines `login N …`, which runs SQL from stdin as the login of that number, in a shell of its own; and `try N`, whose exit code says
 * whether it gets in. `denied` tells a refused password from a server that does not answer.
 */
function logins(engine: Engine, call: AccountCall, all: readonly Login[]): string {
  const cases = all.map(
    (login, index) => `${index}) C="$C.login${index}"
${DIALECTS[engine].prepare({ ...call, ...login })}
;;`,
  );
  return `login() { ( number=$1; shift
case $number in
${cases.join("\n")}
esac
query "$@" ) }
denied() { grep -qE '[(]28000[)]|ERROR (1045|1698|3118|4151) |authentication failed|not permitted to log in' "$1"; }
try() {
  if login "$1" ${asked(call, engine)} >/dev/null 2>"$C.err" ${hereDocument("SELECT 1;")}
  then return 0; fi
  denied "$C.err" || { tail -n 5 "$C.err" >&2; fail account-unreachable; }
  return 1
}`;
}

/** What the server says of itself and of sessions; each line is a fact. */
function serverFacts(engine: Engine, { owner }: AccountCall, refused: readonly string[], connection: number): string {
  if (engine === "mariadb")
    return `SELECT CONCAT('version ', VERSION()); SELECT CONCAT('connection ', CONNECTION_ID());
SELECT CONCAT('before ', COUNT(*)) FROM information_schema.processlist WHERE user = ${text(engine, owner)} AND id <= ${connection};
SHOW GLOBAL STATUS LIKE 'Uptime'; SHOW GLOBAL VARIABLES LIKE 'max_password_errors';`;
  const names = refused.map((name) => text(engine, name)).join(", ") || "NULL";
  return `SELECT 'version ' || current_setting('server_version');
SELECT 'before ' || count(*) FROM pg_stat_activity WHERE usename IN (${names});`;
}

/** What the administrator may, and how the account is made. */
function accountFacts(engine: Engine, { owner }: AccountCall): string {
  const name = text(engine, owner);
  if (engine === "mariadb")
    return `SELECT CONCAT('may ', COUNT(*)) FROM information_schema.user_privileges WHERE privilege_type = 'CREATE USER'
AND grantee = CONCAT(QUOTE(LEFT(CURRENT_USER(), CHAR_LENGTH(CURRENT_USER()) - LOCATE('@', REVERSE(CURRENT_USER())))), '@', QUOTE(SUBSTRING_INDEX(CURRENT_USER(), '@', -1)));
SELECT CONCAT('account ', plugin, ' ', QUOTE(user), '@', QUOTE(host)) FROM mysql.user WHERE user = ${name} AND host <> '';`;
  return `SELECT 'may ' || count(*) FROM pg_roles r, pg_roles o WHERE r.rolname = session_user AND o.rolname = ${name}
AND (r.rolsuper OR r.rolcreaterole AND (current_setting('server_version_num')::int < 160000 OR pg_has_role(session_user, o.oid, 'MEMBER WITH ADMIN OPTION')));
SELECT 'account role ' || rolname FROM pg_roles WHERE rolname = ${name};
SELECT 'setting ' || split_part(c, '=', 1) FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) c WHERE r.rolname = ${name};
SELECT 'setting connection limit' FROM pg_roles WHERE rolname = ${name} AND rolconnlimit <> -1;
SELECT 'setting ' || item FROM pg_roles, LATERAL (VALUES ('superuser', rolsuper), ('createdb', rolcreatedb), ('createrole', rolcreaterole), ('replication', rolreplication), ('bypassrls', rolbypassrls)) rights(item, has) WHERE rolname = ${name} AND has;`;
}

/**
 * Reports which logins get in, what the server can, and what an administrator may. Changes nothing and takes no lock.
 *
 * @param refused names that are to be refused one day: their sessions are counted
 * @param connection MariaDB: sessions up to this number are counted in place of that
 */
export function accountLookScript(
  layout: Layout,
  token: string,
  engine: Engine,
  call: AccountCall,
  { refused, connection }: { readonly refused: readonly string[]; readonly connection: number },
): string {
  const { administrator } = call;
  const all = administrator ? [...call.logins, administrator] : call.logins;
  const place = asked(call, engine);
  const own = call.logins.map(
    (_, index) => `if try ${index}; then say "login ${index} yes"
  if [ -z "$in" ]; then in=${index}; login ${index} ${place} >"$C.server" ${hereDocument(serverFacts(engine, call, refused, connection))}
  fi
else say "login ${index} no"; fi`,
  );
  const number = call.logins.length;
  const ofAdministrator = administrator
    ? `if try ${number}; then
  if login ${number} ${place} >"$C.account" 2>"$C.err" ${hereDocument(accountFacts(engine, call))}
  then say "administrator yes"; cat "$C.account" >>"$C.server"
  else say "administrator blind"; fi
else say "administrator no"; fi`
    : "";
  return besideDatabase(
    layout,
    token,
    engine,
    { ...call, ...(call.logins[0] as Login) },
    `${logins(engine, call, all)}
in=
: >"$C.server"
${own.join("\n")}
${ofAdministrator}
while IFS= read -r line; do say "$line"; done <"$C.server"`,
  );
}

/** How a server can take two passwords for a while. */
export type Way = "chain" | "retain" | "roles";

/** What an account is to accept, and nothing else. */
export interface Wanted {
  readonly way: Way;
  readonly accept: readonly Login[];
  /** Names that are to be refused afterwards, where names alternate. */
  readonly refuse: readonly string[];
  /** The same with passwords, to see that they are refused. */
  readonly refused: readonly Login[];
  /** As the server quotes them. */
  readonly accounts: readonly string[];
  /** Of `accept`, what gets in already. */
  readonly already: readonly Login[];
}

/** Statements that make an account accept just what is wanted. Pure but for the salts. */
export function accountStatements(
  engine: Engine,
  { owner }: Pick<AccountCall, "owner">,
  { way, accept, refuse, accounts, already }: Wanted,
): string[] {
  if (way === "chain") {
    // The newest first: `SET PASSWORD` of a panel changes the first one only.
    const parts = [...accept].reverse().map(({ password }) => {
      return `mysql_native_password USING '${verifierOf(Buffer.from(password)).mariadb}'`;
    });
    return accounts.map((account) => `ALTER USER ${account} IDENTIFIED VIA ${parts.join(" OR ")};`);
  }
  if (way === "retain") {
    // A second RETAIN would drop the one before: only what does not get in yet is set.
    const fresh = accept.filter((login) => !already.includes(login));
    if (accept.length === 1 && fresh.length === 0)
      return accounts.map((account) => `ALTER USER ${account} DISCARD OLD PASSWORD;`);
    return accounts.flatMap((account) =>
      fresh.map(
        ({ password }) => `ALTER USER ${account} IDENTIFIED BY ${text(engine, password)} RETAIN CURRENT PASSWORD;`,
      ),
    );
  }
  return [
    "BEGIN;",
    ...accept.filter((login) => !already.includes(login)).flatMap((login) => roleStatements(owner, login)),
    ...refuse.map((name) => existing(name, `ALTER ROLE ${identifier(name)} NOLOGIN PASSWORD NULL`)),
    "COMMIT;",
  ];
}

const existing = (name: string, statement: string, not = ""): string =>
  `SELECT ${text("postgresql", statement)} WHERE ${not}EXISTS (SELECT 1 FROM pg_roles WHERE rolname = ${text("postgresql", name)})\\gexec`;

/** A login role that acts as the owner: what it makes is the owner's, and so are its rights. */
function roleStatements(owner: string, { user, password }: Login): string[] {
  const [role, of] = [identifier(user), identifier(owner)];
  const login = `ALTER ROLE ${role} LOGIN VALID UNTIL 'infinity' PASSWORD '${verifierOf(Buffer.from(password)).postgresql}';`;
  if (user === owner) return [login];
  return [
    existing(user, `CREATE ROLE ${role} NOLOGIN`, "NOT "),
    `GRANT ${of} TO ${role};`,
    `ALTER ROLE ${role} SET role = ${text("postgresql", owner)};`,
    login,
  ];
}

/** The statement with which an account changes its own password: from then on the old one is refused. Pure but for the salt. */
export function windowStatement(engine: Engine, next: Login, mysql: boolean): string {
  if (engine === "postgresql")
    return `ALTER ROLE SESSION_USER PASSWORD '${verifierOf(Buffer.from(next.password)).postgresql}';`;
  if (mysql) return `ALTER USER USER() IDENTIFIED BY ${text(engine, next.password)};`;
  return `SET PASSWORD = '${verifierOf(Buffer.from(next.password)).mariadb}';`;
}

/**
 * Runs statements, then sees with logins of its own that what is wanted gets in and the rest does not.
 *
 * @param by the login that runs them
 */
export function accountScript(
  layout: Layout,
  token: string,
  engine: Engine,
  call: AccountCall,
  work: {
    readonly by: Login;
    readonly statements: readonly string[];
    readonly accept: readonly Login[];
    readonly refused: readonly Login[];
  },
): string {
  const { by, statements, accept, refused } = work;
  const seen = [
    ...accept.map((_, index) => `try ${index + 1} || fail account-refuses`),
    ...refused.map((_, index) => `if try ${index + 1 + accept.length}; then fail account-accepts; fi`),
  ];
  return withDatabase(
    layout,
    token,
    engine,
    { ...call, ...by },
    `${logins(engine, call, [by, ...accept, ...refused])}
if login 0 ${asked(call, engine)} >/dev/null 2>"$C.err" ${hereDocument(statements.join("\n"))}
then :; else grep ERROR "$C.err" | tail -n 5 >&2 || :; fail account-statement; fi
${seen.join("\n")}`,
  );
}
