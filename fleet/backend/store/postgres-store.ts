import pg from "pg";
import { type PostgresAddress, withoutPasswords } from "./backend-url.ts";
import { appendByChange, type Store, unreachable } from "./store.ts";

/** How long one statement may take, ms. */
const STATEMENT_MS = 20_000;
const CONNECT_MS = 5_000;
/** Connections at once; a run needs few, and many jobs share the server. */
const CONNECTIONS = 2;
/** How often a statement is tried when the connection broke. */
const ATTEMPTS = 3;
/** A table that is made twice at once fails in one of the two places (unique_violation, duplicate_table). */
const MADE_MEANWHILE = new Set(["23505", "42P07"]);
const NO_TABLE = "42P01";

/**
 * Objects in the engine's own table: a row an object, the bytes as base64 in a JSON document, as the engine keeps its own
 * (pkg/v3/backend/diy/postgres, 3.276). The table is the engine's; it is made here when we come first.
 */
export function postgresStore(address: PostgresAddress): Store {
  const { prefix } = address;
  const table = address.table.split(".").map(pg.escapeIdentifier).join(".");
  const pool = new pg.Pool({
    connectionString: address.connection,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: STATEMENT_MS,
    statement_timeout: STATEMENT_MS,
    allowExitOnIdle: true,
  });
  // A connection that breaks while it is idle is no event: the pool opens another.
  pool.on("error", ignore);
  const subject = withoutPasswords(address.connection.replace(/\?.*$/, ""));

  /** One statement. The pool closes the connection of one that the server has refused, which is as good as before: four round trips for a new one. */
  const statement = async (text: string, values: readonly unknown[] = []) => {
    const client = await pool.connect();
    // A connection that breaks now fails its statement too.
    client.on("error", ignore);
    let broken: Error | undefined;
    try {
      return await client.query(text, [...values]);
    } catch (error) {
      if (!isRefusal(error)) broken = error as Error;
      throw error;
    } finally {
      if (broken === undefined) client.off("error", ignore);
      client.release(broken);
    }
  };
  /** Where there is no table yet a question finds nothing; only a write makes it: a preview changes nothing. */
  const ask = async (text: string, values: readonly unknown[]) => query(text, values, false);
  const query = async (text: string, values: readonly unknown[], writes = true) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await statement(text, values);
      } catch (error) {
        const code = codeOf(error);
        if (code === NO_TABLE && !writes) return { rows: [], rowCount: 0 };
        if (code === NO_TABLE && attempt < ATTEMPTS) await makeTable();
        // With a code the server has answered, and would again.
        else if (isAnswer(code) || attempt >= ATTEMPTS) {
          throw unreachable(subject, new Error(withoutPasswords(String((error as Error).message || code))));
        }
      }
    }
  };
  const makeTable = async () => {
    const columns =
      "key TEXT PRIMARY KEY, data JSON NOT NULL, updated_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now()";
    try {
      await statement(`CREATE TABLE IF NOT EXISTS ${table} (${columns})`);
    } catch (error) {
      if (!MADE_MEANWHILE.has(codeOf(error) ?? "")) throw unreachable(subject, error);
    }
  };
  const store: Store = {
    kind: "postgres",
    append: (key, text) => appendByChange(store, key, text),
    async get(key) {
      const { rows } = await ask(`SELECT data, md5(data::text) AS version FROM ${table} WHERE key = $1`, [
        prefix + key,
      ]);
      const [row] = rows;
      return row && { text: decode(row.data), version: row.version };
    },
    async bytes(key) {
      const { rows } = await ask(`SELECT data, md5(data::text) AS version FROM ${table} WHERE key = $1`, [
        prefix + key,
      ]);
      const [row] = rows;
      return row && { content: Buffer.from(row.data.data ?? "", "base64"), version: row.version };
    },
    async head(key, bytes) {
      // Four characters of base64 are three bytes.
      const { rows } = await ask(
        `SELECT left(data->>'data', $2) AS data, md5(data::text) AS version FROM ${table} WHERE key = $1`,
        [prefix + key, Math.ceil(bytes / 3) * 4],
      );
      const [row] = rows;
      return row && { content: decode({ data: row.data ?? "" }).slice(0, bytes), version: row.version };
    },
    async put(key, text, condition) {
      const values = [prefix + key, encode(text)];
      const insert = `INSERT INTO ${table} (key, data) VALUES ($1, $2)`;
      if (condition === undefined) {
        const always = `${insert} ON CONFLICT (key) DO UPDATE SET data = excluded.data, updated_at = now()`;
        return versionIn(await query(`${always} ${VERSION}`, values));
      }
      const written =
        "absent" in condition
          ? await query(`${insert} ON CONFLICT (key) DO NOTHING ${VERSION}`, values)
          : await query(
              `UPDATE ${table} SET data = $2, updated_at = now() WHERE key = $1 AND md5(data::text) = $3 ${VERSION}`,
              [...values, condition.version],
            );
      return versionIn(written);
    },
    async remove(key) {
      await query(`DELETE FROM ${table} WHERE key = $1`, [prefix + key]);
    },
    async list(below) {
      const { rows } = await ask(
        `SELECT key, octet_length(decode(data->>'data', 'base64')) AS size, updated_at, md5(data::text) AS version
           FROM ${table} WHERE starts_with(key, $1) ORDER BY key COLLATE "C"`,
        [prefix + below],
      );
      return rows.map(({ key, size, updated_at, version }) => ({
        key: key.slice(prefix.length),
        size,
        modifiedAt: updated_at.getTime(),
        version,
      }));
    },
  };
  return store;
}

const ignore = () => {};

/** Has a write tell the version of what it has written. */
const VERSION = "RETURNING md5(data::text) AS version";
const versionIn = ({ rows }: { readonly rows: readonly { readonly version: string }[] }): string | false =>
  rows[0]?.version ?? false;

const encode = (text: string) => JSON.stringify({ data: Buffer.from(text).toString("base64") });
const decode = (data: { data?: string }) => Buffer.from(data.data ?? "", "base64").toString("utf8");

/** SQLSTATE of an answer, or the system's word for a connection that broke. */
const codeOf = (error: unknown): string | undefined => (error as { code?: string }).code;
/** Whether it is the server's word, SQLSTATE: each has a digit, unlike EPIPE. */
const isAnswer = (code: string | undefined): boolean => code !== undefined && /^(?=.*\d)[0-9A-Z]{5}$/.test(code);
/** Whether the server has refused the statement alone, and goes on with the connection. */
const isRefusal = (error: unknown): boolean =>
  isAnswer(codeOf(error)) && (error as { severity?: string }).severity === "ERROR";
