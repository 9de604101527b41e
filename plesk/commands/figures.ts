import type { Kind } from "../kinds/index.ts";
import type { Engine } from "./database/index.ts";

/**
 * What a service's own user may know of its server: connections and limits of all users, queries of its own. One fact a line. What a
 * server does not have ends the list, so what every version knows comes first.
 */
const ASKED: Readonly<Record<Engine, string>> = {
  mariadb: `SHOW GLOBAL STATUS WHERE Variable_name IN ('Threads_connected', 'Slow_queries');
SHOW GLOBAL VARIABLES WHERE Variable_name = 'max_connections';
SELECT CONCAT('own ', COUNT(*) - 1) FROM information_schema.processlist WHERE user = SUBSTRING_INDEX(USER(), '@', 1);
SELECT CONCAT('longest ', COALESCE(MAX(time), 0)) FROM information_schema.processlist
WHERE command IN ('Query', 'Execute') AND id <> CONNECTION_ID() AND user = SUBSTRING_INDEX(USER(), '@', 1);`,
  postgresql: `SELECT 'connections ' || COALESCE(SUM(numbackends), 0) FROM pg_stat_database;
SELECT 'limit ' || current_setting('max_connections');
SELECT 'own ' || COUNT(*) FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid();
SELECT 'longest ' || COALESCE(EXTRACT(EPOCH FROM MAX(clock_timestamp() - query_start)), 0) FROM pg_stat_activity
WHERE usename = current_user AND state = 'active' AND pid <> pg_backend_pid();`,
};

/** Applied and failed migrations in the table that a kind's own tool keeps; kinds that keep none by number are left out. */
const MIGRATIONS: Partial<Record<Kind, string>> = {
  prisma:
    "SELECT CONCAT('migrations ', COUNT(finished_at), ' ', COUNT(*) - COUNT(COALESCE(finished_at, rolled_back_at))) FROM _prisma_migrations;",
  fastapi: "SELECT CONCAT('migrations ', COUNT(*), ' 0') FROM alembic_version;",
  n8n: "SELECT CONCAT('migrations ', COUNT(*), ' 0') FROM migrations;",
  keycloak: "SELECT CONCAT('migrations ', COUNT(*), ' 0') FROM migration_model;",
  grafana:
    "SELECT CONCAT('migrations ', COUNT(CASE WHEN success THEN 1 END), ' ', COUNT(CASE WHEN NOT success THEN 1 END)) FROM migration_log;",
};

/** The statements that ask a service's database for its figures. Pure. */
export const figuresQuery = (engine: Engine, kind: Kind): string =>
  [ASKED[engine], MIGRATIONS[kind]].filter((one) => one !== undefined).join("\n");

/** What a database says of itself; what it did not say is left out. */
export interface DatabaseFigures {
  /** Of its server, of all users. */
  readonly connections?: number | undefined;
  readonly limit?: number | undefined;
  /** Of the service's user, this question not counted. */
  readonly own?: number | undefined;
  /** Seconds that the longest query of the service's user has run. */
  readonly longest?: number | undefined;
  /** Of its server since that started. */
  readonly slow?: number | undefined;
  readonly migrations?: { readonly applied: number; readonly failed: number } | undefined;
}

/** Reads the answers to {@link figuresQuery}. Pure. */
export function parseFigures(lines: readonly string[]): DatabaseFigures {
  const facts = new Map(lines.map((line) => line.split(/[ \t]+/)).map(([word = "", ...rest]) => [word, rest]));
  const number = (...words: string[]): number | undefined => {
    const text = words.map((word) => facts.get(word)?.[0]).find((one) => one !== undefined);
    const value = Number(text);
    return text === undefined || !Number.isFinite(value) ? undefined : Math.max(0, value);
  };
  const [applied, failed] = (facts.get("migrations") ?? []).map(Number);
  return {
    connections: number("connections", "Threads_connected"),
    limit: number("limit", "max_connections"),
    own: number("own"),
    longest: number("longest"),
    slow: number("Slow_queries"),
    migrations: applied === undefined || failed === undefined ? undefined : { applied, failed },
  };
}
