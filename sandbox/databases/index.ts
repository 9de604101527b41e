/** Real MariaDB and PostgreSQL for the services of the sandbox's host. */
export { type Account, accountsOf, mariadbStatements, postgresqlStatements } from "./accounts.ts";
export { ADMINISTRATOR, type ServerLogin, sql } from "./client.ts";
export { prepareMariadb } from "./mariadb.ts";
export { postgresqlReady, preparePostgresql } from "./postgresql.ts";
export { ENGINES, type Engine, requireServer } from "./programs.ts";
export { type Verifier, verifierOf, verifierSchema } from "./verifier.ts";
