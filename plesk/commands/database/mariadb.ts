import { hereDocument, quote } from "../quote.ts";
import type { DatabaseCall, DatabaseDialect } from "./dialect.ts";

/** One value of a MariaDB option file. */
function option(value: string): string {
  return `"${value.replace(/[\\"]/g, (char) => `\\${char}`)}"`;
}

const name = (part: string): string => `CONCAT('\`', REPLACE(${part}, '\`', '\`\`'), '\`')`;

/**
 * Drops everything in the current database, as statements: also what came after the snapshot. Events first, so that none acts on what is
 * half gone. Triggers go with their tables.
 */
const DROPS = `SELECT CONCAT('DROP EVENT IF EXISTS ', ${name("event_name")}, ';')
FROM information_schema.events WHERE event_schema = DATABASE()
UNION ALL SELECT CONCAT('DROP ', CASE table_type WHEN 'VIEW' THEN 'VIEW' WHEN 'SEQUENCE' THEN 'SEQUENCE' ELSE 'TABLE' END, ' IF EXISTS ', ${name("table_name")}, ';')
FROM information_schema.tables WHERE table_schema = DATABASE()
UNION ALL SELECT CONCAT('DROP ', routine_type, ' IF EXISTS ', ${name("routine_name")}, ';')
FROM information_schema.routines WHERE routine_schema = DATABASE();`;

/** The user's grants, then every object that runs with another user's rights: it can be neither dumped nor restored. */
const GRANTS = `SHOW GRANTS FOR CURRENT_USER();
SELECT CONCAT('definer ', definer, ' of ', kind, ' ', name) FROM (
SELECT definer, LOWER(routine_type) AS kind, routine_name AS name FROM information_schema.routines WHERE routine_schema = DATABASE()
UNION ALL SELECT definer, 'view', table_name FROM information_schema.views WHERE table_schema = DATABASE()
UNION ALL SELECT definer, 'trigger', trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()
UNION ALL SELECT definer, 'event', event_name FROM information_schema.events WHERE event_schema = DATABASE()
) objects WHERE definer <> CURRENT_USER();`;

/** Engines whose tables only point at data that lie elsewhere: a second table of that kind would write to the same place. */
const POINTING = "'CONNECT', 'FEDERATED', 'MRG_MyISAM', 'S3', 'SPIDER'";

/** What a copy of the database would share with other data. Its events, routines and triggers are not among it: a proof runs none of them. */
const REACH = `SELECT CONCAT('the table ', table_name, ', which points at data elsewhere (engine ', engine, ')')
FROM information_schema.tables WHERE table_schema = DATABASE() AND engine IN (${POINTING})
UNION ALL SELECT CONCAT('the foreign key ', constraint_name, ' of ', table_name, ', which leads into the database ', unique_constraint_schema)
FROM information_schema.referential_constraints WHERE constraint_schema = DATABASE() AND unique_constraint_schema <> DATABASE();`;

// An event that ends by itself may be gone by the time its dump is restored.
const COUNTS = `SELECT CONCAT_WS(' ',
(SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'),
(SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type <> 'BASE TABLE'),
(SELECT COUNT(*) FROM information_schema.triggers WHERE trigger_schema = DATABASE()),
(SELECT COUNT(*) FROM information_schema.routines WHERE routine_schema = DATABASE()),
(SELECT COUNT(*) FROM information_schema.events WHERE event_schema = DATABASE() AND event_type = 'RECURRING' AND ends IS NULL));`;

const SIZE =
  "SELECT COALESCE(SUM(data_length), 0) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE';";

/** The line with which each table's definition begins in a dump. Names with a line break are left to the comparison with the scratch database. */
const BEGINNINGS = `SELECT CONCAT('CREATE TABLE ', ${name("table_name")}, ' (') FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' AND LOCATE(CHAR(10), table_name) = 0;`;

/**
 * The beginning of an event in a dump up to its state, as SHOW CREATE EVENT writes it: a schedule is always constants. Nothing of it can be
 * taken for a part of the body, which comes later.
 */
const NAME = "`([^`]|``)*`";
const SCHEDULE = `(AT '[^']*'|EVERY ('[^']*'|[0-9]+) [A-Z_]+( STARTS '[^']*')?( ENDS '[^']*')?)`;
const EVENT = `/\\*M?![0-9]+ CREATE\\*/ (/\\*M?![0-9]+ DEFINER=${NAME}(@${NAME})?\\*/ )?/\\*M?![0-9]+ EVENT (IF NOT EXISTS )?${NAME} ON SCHEDULE ${SCHEDULE} ON COMPLETION (NOT )?PRESERVE `;

const COUNT_EVENTS = "SELECT COUNT(*) FROM information_schema.events WHERE event_schema = DATABASE();";

/**
 * Makes a database what the snapshot holds, without its events. A pipe would hide that gzip failed in the middle; so the text is a file
 * first. Snapshots of earlier versions hold their events in the same file.
 */
const load = (
  database: string,
): string => `if [ -f "$F.gz" ]; then gzip -dc "$F.gz" >"$C.sql"; else cat "$F" >"$C.sql"; fi
for part in "$C.sql" "$F.events"; do
  if [ -f "$part" ]; then case $(tail -n 1 "$part") in '-- Dump completed'*) ;; *) fail snapshot-damaged;; esac; fi
done
${empty(database)}
query --one-database ${quote(database)} <"$C.sql"`;

function empty(database: string): string {
  return `query ${quote(database)} >"$C.drop" ${hereDocument(DROPS)}
{ printf 'SET FOREIGN_KEY_CHECKS = 0;\\n'; cat "$C.drop"; } >"$C.all"
query ${quote(database)} <"$C.all"`;
}

/** MariaDB and MySQL. */
export const mariadb: DatabaseDialect = {
  programs: { "mariadb|mysql": "the database", "mariadb-dump|mysqldump": "database snapshots" },
  extension: "sql",
  prepare: (call: DatabaseCall) => `cat >"$C" ${hereDocument(
    `[client]\nhost=${option(call.host)}\nport=${call.port}\nuser=${option(call.user)}\npassword=${option(call.password)}\n`,
  )}
if command -v mariadb >/dev/null 2>&1; then client=mariadb; dump=mariadb-dump; else client=mysql; dump=mysqldump; fi
query() { "$client" --defaults-extra-file="$C" --connect-timeout=10 --batch --raw --skip-column-names --default-character-set=utf8mb4 "$@"; }`,
  counts: (database: string) => `query ${quote(database)} ${hereDocument(COUNTS)}`,
  // Indexes are made anew by a restore and are no part of a dump.
  size: (database: string) => `query ${quote(database)} ${hereDocument(SIZE)}`,
  // The trailer is the only sign that mysqldump itself reached the end. That every table is in it is known by the line with which its
  // definition begins: the same line inside a routine may come on top of them, never in place of one. Events are dumped apart, so that a
  // restore that is half way runs none. Without locks around the rows: a table whose default is a sequence could not be filled under them.
  dump: (
    database: string,
  ) => `"$dump" --defaults-extra-file="$C" --single-transaction --quick --skip-add-locks --routines --skip-events --triggers --hex-blob --no-tablespaces \\
  --skip-dump-date --default-character-set=utf8mb4 ${quote(database)} >"$F.part"
case $(tail -n 1 "$F.part") in '-- Dump completed'*) ;; *) fail dump-truncated;; esac
query ${quote(database)} >"$C.tables" ${hereDocument(BEGINNINGS)}
grep '^CREATE TABLE ' "$F.part" >"$C.found" || :
left=$(grep -vxFf "$C.found" "$C.tables" || :)
[ ! -s "$C.tables" ] || [ -s "$C.found" ] || left=$(cat "$C.tables")
[ -z "$left" ] || { printf '%s\\n' "$left" | tail -n 5 >&2; fail dump-incomplete; }
"$dump" --defaults-extra-file="$C" --events --no-create-info --no-data --skip-triggers --skip-lock-tables --no-tablespaces \\
  --skip-dump-date --default-character-set=utf8mb4 ${quote(database)} >"$F.events"
case $(tail -n 1 "$F.events") in '-- Dump completed'*) ;; *) fail dump-truncated;; esac
events=$(query ${quote(database)} ${hereDocument(COUNT_EVENTS)}
)
E=${quote(EVENT)}
[ "$(grep -cE "^$E(ENABLE|DISABLE)" "$F.events" || :)" = "$events" ] || fail dump-events
size=$(wc -c <"$F.part")
if command -v gzip >/dev/null 2>&1; then gzip -1 -c "$F.part" >"$F.part.gz"; gzip -t "$F.part.gz"; mv -f "$F.part.gz" "$F.gz"; rm -f "$F.part"
else mv -f "$F.part" "$F"; fi`,
  // Events are made switched off: the scheduler runs one as soon as it is there. One whose state cannot be told from its body is not made.
  prove: (database: string) => `${load(database)}
E=${quote(EVENT)}
sed -E "s#^($E)ENABLE#\\1DISABLE#" "$F.events" >"$C.events"
[ "$(grep -cE "^$E(DISABLE)" "$C.events" || :)" = "$(grep -cE '^(/\\*M?![0-9]+ )?CREATE' "$C.events" || :)" ] || fail dump-events
query --one-database ${quote(database)} <"$C.events"`,
  restore: (database: string) => `${load(database)}
if [ -f "$F.events" ]; then query --one-database ${quote(database)} <"$F.events"; fi`,
  empty,
  reach: ({ name: database }) => `query ${quote(database)} ${hereDocument(REACH)}`,
  grants: (database: string) => `query ${quote(database)} ${hereDocument(GRANTS)}`,
};
