import { hereDocument, quote } from "../quote.ts";
import type { DatabaseCall, DatabaseDialect } from "./dialect.ts";

/** One field of a password file. */
const field = (text: string): string => text.replace(/[\\:]/g, (char) => `\\${char}`);

const OURS = "n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'";
const NOT_OF_EXTENSION = (catalog: string, alias: string): string =>
  `NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = '${catalog}'::regclass AND d.objid = ${alias}.oid AND d.deptype = 'e')`;

const relations = (kinds: string): string =>
  `(SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${OURS} AND c.relkind IN (${kinds}) AND ${NOT_OF_EXTENSION("pg_class", "c")})`;

const COUNTS = `SELECT concat_ws(' ', ${relations("'r','p'")}, ${relations("'v','m','S'")},
(SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal),
(SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${OURS} AND ${NOT_OF_EXTENSION("pg_proc", "p")}),
0);`;

/** Drops every object of the database that is not an extension's: schemas other than public as a whole, public's content one by one. */
const EMPTY = `DO $sitefleet$
DECLARE o record;
BEGIN
  FOR o IN SELECT n.nspname FROM pg_namespace n WHERE ${OURS} AND n.nspname <> 'public' AND ${NOT_OF_EXTENSION("pg_namespace", "n")} LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', o.nspname);
  END LOOP;
  FOR o IN SELECT c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r','p','v','m','S','f') AND ${NOT_OF_EXTENSION("pg_class", "c")} LOOP
    EXECUTE format('DROP %s IF EXISTS public.%I CASCADE',
      CASE o.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, o.relname);
  END LOOP;
  FOR o IN SELECT p.oid::regprocedure AS f, p.prokind FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = 'public' AND ${NOT_OF_EXTENSION("pg_proc", "p")} LOOP
    EXECUTE format('DROP %s IF EXISTS %s CASCADE', CASE o.prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END, o.f);
  END LOOP;
  FOR o IN SELECT t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE n.nspname = 'public' AND (t.typtype IN ('e','d') OR (t.typtype = 'c' AND (SELECT relkind FROM pg_class WHERE oid = t.typrelid) = 'c'))
    AND ${NOT_OF_EXTENSION("pg_type", "t")} LOOP
    EXECUTE format('DROP TYPE IF EXISTS public.%I CASCADE', o.typname);
  END LOOP;
END
$sitefleet$;`;

/** One line a right that a restore needs and the user has or lacks. */
const GRANTS = `SELECT CASE WHEN has_schema_privilege('public', 'CREATE') THEN 'create' ELSE 'no-create' END
UNION ALL SELECT 'not-owner ' || c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE ${OURS} AND c.relkind IN ('r','p','v','m','S') AND NOT pg_has_role(c.relowner, 'USAGE') AND ${NOT_OF_EXTENSION("pg_class", "c")};`;

const SIZE = `SELECT COALESCE(SUM(pg_table_size(c.oid)), 0) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE ${OURS} AND c.relkind IN ('r','m');`;

/** PostgreSQL. */
export const postgresql: DatabaseDialect = {
  programs: { psql: "the database", pg_dump: "database snapshots", pg_restore: "database snapshots" },
  extension: "dump",
  prepare: (call: DatabaseCall) => `cat >"$C" ${hereDocument(`*:*:*:*:${field(call.password)}\n`)}
PGPASSFILE=$C; PGHOST=${quote(call.host)}; PGPORT=${call.port}; PGUSER=${quote(call.user)}; PGCONNECT_TIMEOUT=10; PGAPPNAME=sitefleet
PGOPTIONS='-c client_min_messages=warning'
export PGPASSFILE PGHOST PGPORT PGUSER PGCONNECT_TIMEOUT PGAPPNAME PGOPTIONS
query() { psql --no-psqlrc --no-password --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --dbname "$1"; }`,
  counts: (database: string) => `query ${quote(database)} ${hereDocument(COUNTS)}`,
  size: (database: string) => `query ${quote(database)} ${hereDocument(SIZE)}`,
  // pg_restore -l reads only the table of contents and passes on a truncated file; writing it all to nowhere does not.
  dump: (database: string) => `pg_dump --no-password --format=custom --file="$F.part" --dbname ${quote(database)}
pg_restore --file=/dev/null "$F.part"
size=$(wc -c <"$F.part")
mv -f "$F.part" "$F"`,
  // One transaction: a restore that fails leaves what was there.
  restore: (database: string) => `pg_restore --no-owner --file="$C.sql" "$F"
cat >"$C.all" ${hereDocument(EMPTY)}
psql --no-psqlrc --no-password --quiet --set ON_ERROR_STOP=1 --single-transaction --file "$C.all" --file "$C.sql" --dbname ${quote(database)} >/dev/null`,
  empty: (database: string) => `query ${quote(database)} ${hereDocument(EMPTY)}`,
  grants: (database: string) => `query ${quote(database)} >"$C.grants" ${hereDocument(GRANTS)}
while IFS= read -r line; do say "grant $line"; done <"$C.grants"`,
};
