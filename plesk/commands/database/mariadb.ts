import { hereDocument, quote } from "../quote.ts";
import type { DatabaseCall, DatabaseDialect } from "./dialect.ts";

/** One value of a MariaDB option file. */
function option(value: string): string {
  return `"${value.replace(/[\\"]/g, (char) => `\\${char}`)}"`;
}

const name = (part: string): string => `CONCAT('\`', REPLACE(${part}, '\`', '\`\`'), '\`')`;

/** Drops everything in the current database, as statements: also what came after the snapshot. Triggers go with their tables. */
const DROPS = `SELECT CONCAT('DROP ', CASE table_type WHEN 'VIEW' THEN 'VIEW' WHEN 'SEQUENCE' THEN 'SEQUENCE' ELSE 'TABLE' END, ' IF EXISTS ', ${name("table_name")}, ';')
FROM information_schema.tables WHERE table_schema = DATABASE()
UNION ALL SELECT CONCAT('DROP ', routine_type, ' IF EXISTS ', ${name("routine_name")}, ';')
FROM information_schema.routines WHERE routine_schema = DATABASE()
UNION ALL SELECT CONCAT('DROP EVENT IF EXISTS ', ${name("event_name")}, ';')
FROM information_schema.events WHERE event_schema = DATABASE();`;

/** The user's grants, then every object that runs with somebody else's rights: such a one can be neither dumped nor restored. */
const GRANTS = `SHOW GRANTS FOR CURRENT_USER();
SELECT CONCAT('definer ', definer, ' of ', kind, ' ', name) FROM (
SELECT definer, LOWER(routine_type) AS kind, routine_name AS name FROM information_schema.routines WHERE routine_schema = DATABASE()
UNION ALL SELECT definer, 'view', table_name FROM information_schema.views WHERE table_schema = DATABASE()
UNION ALL SELECT definer, 'trigger', trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()
UNION ALL SELECT definer, 'event', event_name FROM information_schema.events WHERE event_schema = DATABASE()
) objects WHERE definer <> CURRENT_USER();`;

const COUNTS = `SELECT CONCAT_WS(' ',
(SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'),
(SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type <> 'BASE TABLE'),
(SELECT COUNT(*) FROM information_schema.triggers WHERE trigger_schema = DATABASE()),
(SELECT COUNT(*) FROM information_schema.routines WHERE routine_schema = DATABASE()),
(SELECT COUNT(*) FROM information_schema.events WHERE event_schema = DATABASE()));`;

const SIZE =
  "SELECT COALESCE(SUM(data_length), 0) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE';";

/** MariaDB and MySQL. */
export const mariadb: DatabaseDialect = {
  programs: { "mariadb|mysql": "the database", "mariadb-dump|mysqldump": "database snapshots" },
  extension: "sql",
  prepare: (call: DatabaseCall) => `cat >"$C" ${hereDocument(
    `[client]\nhost=${option(call.host)}\nport=${call.port}\nuser=${option(call.user)}\npassword=${option(call.password)}\n`,
  )}
if command -v mariadb >/dev/null 2>&1; then client=mariadb; dump=mariadb-dump; else client=mysql; dump=mysqldump; fi
query() { "$client" --defaults-extra-file="$C" --connect-timeout=10 --batch --raw --skip-column-names --default-character-set=utf8mb4 "$1"; }`,
  counts: (database: string) => `query ${quote(database)} ${hereDocument(COUNTS)}`,
  // Indexes are made anew by a restore and are no part of a dump.
  size: (database: string) => `query ${quote(database)} ${hereDocument(SIZE)}`,
  // The trailer is the only sign that mysqldump itself reached the end, and the number of tables that it left none out.
  dump: (
    database: string,
  ) => `"$dump" --defaults-extra-file="$C" --single-transaction --quick --routines --events --triggers --hex-blob --no-tablespaces \\
  --skip-dump-date --default-character-set=utf8mb4 ${quote(database)} >"$F.part"
case $(tail -n 1 "$F.part") in '-- Dump completed'*) ;; *) fail dump-truncated;; esac
set -- $counts
[ "$(grep -c '^CREATE TABLE ' "$F.part" || :)" = "$1" ] || fail dump-incomplete
size=$(wc -c <"$F.part")
if command -v gzip >/dev/null 2>&1; then gzip -1 -c "$F.part" >"$F.part.gz"; gzip -t "$F.part.gz"; mv -f "$F.part.gz" "$F.gz"; rm -f "$F.part"
else mv -f "$F.part" "$F"; fi`,
  // A pipe would hide that gzip failed in the middle; so the text is a file first.
  restore: (database: string) => `if [ -f "$F.gz" ]; then gzip -dc "$F.gz" >"$C.sql"; else cat "$F" >"$C.sql"; fi
case $(tail -n 1 "$C.sql") in '-- Dump completed'*) ;; *) fail snapshot-damaged;; esac
query ${quote(database)} >"$C.drop" ${hereDocument(DROPS)}
{ printf 'SET FOREIGN_KEY_CHECKS = 0;\\n'; cat "$C.drop"; } >"$C.all"
query ${quote(database)} <"$C.all"
query ${quote(database)} <"$C.sql"`,
  empty: (database: string) => `query ${quote(database)} >"$C.drop" ${hereDocument(DROPS)}
{ printf 'SET FOREIGN_KEY_CHECKS = 0;\\n'; cat "$C.drop"; } >"$C.all"
query ${quote(database)} <"$C.all"`,
  grants: (database: string) => `query ${quote(database)} >"$C.grants" ${hereDocument(GRANTS)}
while IFS= read -r line; do say "grant $line"; done <"$C.grants"`,
};
