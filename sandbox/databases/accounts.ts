import type { Service } from "../../model/index.ts";
import type { Engine } from "./programs.ts";
import type { Verifier } from "./verifier.ts";

/** One service's database and who may use it. */
export interface Account {
  /** Key of the service. */
  readonly service: string;
  readonly engine: Engine;
  readonly database: string;
  /** An empty database of the same user, for proving snapshots; null = none. */
  readonly scratch: string | null;
  readonly user: string;
  /** Where the user may come from: MariaDB's socket on the host itself, or TCP. */
  readonly from: "localhost" | "127.0.0.1";
  /** Name of the secret with the password. */
  readonly passwordSecret: string;
}

/** Rights of a user on its database: everything, what a dump needs at most, nothing, or MariaDB's privileges by name. */
export type Rights = "all" | "read" | "none" | readonly string[];

/**
 * The accounts that a catalog's services need. Pure.
 *
 * @param socket whether the host's own programs reach its MariaDB by the socket
 */
export function accountsOf(services: readonly Service[], socket: boolean): Account[] {
  return services.flatMap(({ key, database }) => {
    if (database === undefined) return [];
    const { name, engine, location, scratch, user, passwordSecret } = database;
    const from = socket && location === "plesk" && engine === "mariadb" ? "localhost" : "127.0.0.1";
    return [{ service: key, engine, database: name, scratch, user, from, passwordSecret } as const];
  });
}

/** Privileges of `read`: users with only SELECT … LOCK TABLES can neither dump views and triggers nor restore (tried with MariaDB 10.11). */
const READ = ["SELECT", "LOCK TABLES"];

const quoted = (name: string): string => `\`${name.replaceAll("`", "``")}\``;
/** In a GRANT, `_` and `%` of a database's name are wildcards. */
const pattern = (name: string): string => quoted(name.replace(/[_%]/g, "\\$&"));

/** Statements that give MariaDB an account as it should be, whatever was there. Pure. */
export function mariadbStatements(account: Account, verifier: Verifier | undefined, rights: Rights): string[] {
  const { database, scratch, user, from } = account;
  const who = `'${user}'@'${from}'`;
  const privileges = rights === "all" ? ["ALL PRIVILEGES"] : rights === "read" ? READ : rights === "none" ? [] : rights;
  return [
    `CREATE DATABASE IF NOT EXISTS ${quoted(database)};`,
    ...(scratch === null ? [] : [`CREATE DATABASE IF NOT EXISTS ${quoted(scratch)};`]),
    `CREATE USER IF NOT EXISTS ${who} ACCOUNT LOCK;`,
    // Without a password there is no login.
    ...(verifier === undefined ? [`ALTER USER ${who} ACCOUNT LOCK;`] : mariadbPassword(who, account, verifier)),
    `REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${who};`,
    ...(privileges.length === 0 ? [] : [`GRANT ${privileges.join(", ")} ON ${pattern(database)}.* TO ${who};`]),
    ...(scratch === null ? [] : [`GRANT ALL PRIVILEGES ON ${pattern(scratch)}.* TO ${who};`]),
  ];
}

/** Sets a password. An account that takes it beside another one is in a rotation, and stays as it is. */
function mariadbPassword(who: string, { user, from }: Account, { mariadb }: Verifier): string[] {
  const alter = `ALTER USER ${who} IDENTIFIED BY PASSWORD '${mariadb}' ACCOUNT UNLOCK`;
  const rotating = `User = '${user}' AND Host = '${from}' AND JSON_EXISTS(Priv, '$.auth_or') AND LOCATE('${mariadb}', Priv) > 0`;
  return [
    `SET @password = (SELECT IF(COUNT(*) > 0, 'DO 0', '${alter.replaceAll("'", "''")}') FROM mysql.global_priv WHERE ${rotating});`,
    "EXECUTE IMMEDIATE @password;",
  ];
}

/** The same for PostgreSQL, as input of `psql`. `read` takes the database away from its user; lists count as `read`. Pure. */
export function postgresqlStatements(
  account: Account,
  verifier: Verifier | undefined,
  rights: Rights,
  administrator: string,
): string[] {
  const { database, scratch, user } = account;
  const missing = (what: string, statement: string): string =>
    `SELECT '${statement}' WHERE NOT EXISTS (${what})\\gexec`;
  const create = (name: string): string =>
    missing(`SELECT 1 FROM pg_database WHERE datname = '${name}'`, `CREATE DATABASE "${name}" OWNER "${user}"`);
  const own = (name: string, owner: string): string => `ALTER DATABASE "${name}" OWNER TO "${owner}";`;
  const connect = rights === "none" ? "REVOKE" : "GRANT";
  return [
    missing(`SELECT 1 FROM pg_roles WHERE rolname = '${user}'`, `CREATE ROLE "${user}" NOLOGIN`),
    // One whose login has gone over to roles of its own was rotated, and stays as it is.
    missing(
      `SELECT 1 FROM pg_roles WHERE rolname IN ('${user}_a', '${user}_b')`,
      verifier === undefined
        ? `ALTER ROLE "${user}" NOLOGIN`
        : `ALTER ROLE "${user}" LOGIN PASSWORD ''${verifier.postgresql}''`,
    ),
    create(database),
    ...(scratch === null ? [] : [create(scratch)]),
    own(database, rights === "all" ? user : administrator),
    `REVOKE CONNECT, TEMPORARY ON DATABASE "${database}" FROM PUBLIC;`,
    `${connect} CONNECT ON DATABASE "${database}" ${connect === "GRANT" ? "TO" : "FROM"} "${user}";`,
  ];
}
