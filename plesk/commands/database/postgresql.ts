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

/** Drops every object of the database that is not an extension's: publications, large objects, schemas other than public as a whole, public's content one by one. */
const EMPTY = `DO $sitefleet$
DECLARE o record;
BEGIN
  FOR o IN SELECT p.pubname FROM pg_publication p WHERE pg_has_role(p.pubowner, 'USAGE') LOOP
    EXECUTE format('DROP PUBLICATION %I', o.pubname);
  END LOOP;
  FOR o IN SELECT l.oid FROM pg_largeobject_metadata l WHERE pg_has_role(l.lomowner, 'USAGE') LOOP
    PERFORM lo_unlink(o.oid);
  END LOOP;
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

/** Extensions with which SQL reaches other servers, other databases or files, besides those that bring foreign data wrappers. */
const OUTWARD = [
  ...["adminpack", "aws_lambda", "aws_s3", "dblink", "http", "multicorn", "pg_background", "pg_cron", "pg_net"],
  ...["pgagent", "pglogical", "plsh", "timescaledb"],
];

/**
 * What a restore leaves as it is, by the words of `pg_restore -l`: nothing of it is dropped before, and only its owner or a superuser
 * could make it.
 */
const KEPT =
  "COMMENT - EXTENSION|(COMMENT|ACL|SECURITY LABEL) - (EVENT TRIGGER|FOREIGN DATA WRAPPER|FOREIGN SERVER|SERVER)|FOREIGN DATA WRAPPER|SERVER|USER MAPPING|SUBSCRIPTION";
/**
 * What a proof leaves out as well: publications tell other servers, foreign tables are other servers' data, and a materialized view is
 * filled by running its query. What is made of an extension that reaches out cannot be proven; what calls it only when it runs can.
 */
const ACTING = `PUBLICATION[A-Z ]*|FOREIGN TABLE|MATERIALIZED VIEW DATA|EXTENSION - ([a-z0-9_]+_fdw|${OUTWARD.join("|")})`;

/** One transaction: a restore that fails leaves what was there. */
const load = (database: string, without: string): string => `pg_restore --list "$F" >"$C.toc"
grep -vE '^[0-9]+; [0-9]+ [0-9]+ (${without}) ' "$C.toc" >"$C.list"
pg_restore --no-owner --use-list="$C.list" --file="$C.sql" "$F"
cat >"$C.all" ${hereDocument(EMPTY)}
psql --no-psqlrc --no-password --quiet --set ON_ERROR_STOP=1 --single-transaction --file "$C.all" --file "$C.sql" --dbname ${quote(database)} >/dev/null`;

/** What a restore would lose: it goes when its function or its tables are dropped, and a dump of the user's cannot bring it back. */
const LOSSES = `SELECT 'the event trigger ' || evtname FROM pg_event_trigger e WHERE ${NOT_OF_EXTENSION("pg_event_trigger", "e")}
UNION ALL SELECT 'the subscription ' || subname FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
UNION ALL SELECT 'the publication ' || pubname || ' of another user' FROM pg_publication WHERE NOT pg_has_role(pubowner, 'USAGE');`;

/** Extensions that start work by themselves in every database that holds them, from what their tables say. */
const JOBS = `SELECT 'the extension ' || extname || ', which runs jobs by itself' FROM pg_extension WHERE extname IN ('pg_cron', 'pgagent', 'timescaledb');`;

/**
 * What lets code of the application leave the scratch database: index expressions, checks and generated columns run functions of it while
 * data are loaded. Between databases there is no way but a superuser's or a server program's rights, a foreign server, or an extension
 * that opens connections; none of these a plain user can bring along.
 */
const REACH = `SELECT 'the user''s rights: it is a superuser' FROM pg_roles WHERE rolname = current_user AND rolsuper
UNION ALL SELECT 'the user''s rights: it belongs to ' || rolname FROM pg_roles
WHERE rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files', 'pg_create_subscription')
AND pg_has_role(oid, 'MEMBER') AND NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = current_user AND rolsuper)
UNION ALL SELECT 'the foreign server ' || srvname || ' of the scratch database' FROM pg_foreign_server WHERE has_server_privilege(oid, 'USAGE')
UNION ALL SELECT 'the foreign data wrapper ' || fdwname || ' of the scratch database' FROM pg_foreign_data_wrapper WHERE has_foreign_data_wrapper_privilege(oid, 'USAGE')
UNION ALL SELECT 'the extension ' || extname || ' of the scratch database' FROM pg_extension
WHERE extname IN (${OUTWARD.map((name) => `'${name}'`).join(", ")});`;

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
  dump: (
    database: string,
  ) => `pg_dump --no-password --no-subscriptions --format=custom --file="$F.part" --dbname ${quote(database)}
pg_restore --file=/dev/null "$F.part"
size=$(wc -c <"$F.part")
mv -f "$F.part" "$F"`,
  restore: (database: string) => load(database, KEPT),
  prove: (database: string) => load(database, `${KEPT}|${ACTING}`),
  empty: (database: string) => `query ${quote(database)} ${hereDocument(EMPTY)}`,
  grants: (database: string) => `query ${quote(database)} ${hereDocument(GRANTS)}`,
  losses: (database: string) => `query ${quote(database)} ${hereDocument(LOSSES)}`,
  reach: ({ name }, scratch: string) => `query ${quote(name)} ${hereDocument(JOBS)}
query ${quote(scratch)} ${hereDocument(REACH)}`,
};
