import type { Layout } from "../layout.ts";
import { quote } from "../quote.ts";
import type { DatabaseCall } from "./dialect.ts";
import type { Engine } from "./engines.ts";
import { besideDatabase, DIALECTS, sayLines } from "./index.ts";

/** For each engine: the present database as text, a snapshot as text, and the rows of either as `table<TAB>row`. */
const ROWS: Readonly<Record<Engine, { now(database: string): string; kept: string; rows: string }>> = {
  mariadb: {
    now: (database) =>
      `"$dump" --defaults-extra-file="$C" --single-transaction --quick --skip-add-locks --skip-triggers --hex-blob --no-create-info --no-tablespaces --skip-dump-date --default-character-set=utf8mb4 ${quote(database)}`,
    kept: 'if [ -f "$F.gz" ]; then gzip -dc "$F.gz"; else cat "$F"; fi',
    // Since MariaDB 10.5 a dump has a row a line. An older one has many: then a line that differs counts as one row.
    rows: '/^INSERT INTO `/ { t = $0; sub(/^INSERT INTO `/, "", t); sub(/` VALUES.*/, "", t); on = 1 } on && /^(\\(|INSERT INTO `.*\\()/ { r = $0; sub(/[,;]$/, "", r); print t "\\t" r } /;$/ { on = 0 }',
  },
  postgresql: {
    now: (database) => `pg_dump --no-password --data-only --no-subscriptions --dbname ${quote(database)}`,
    kept: 'pg_restore --data-only --file=- "$F"',
    rows: '/^COPY / && /FROM stdin;$/ { t = $2; on = 1; next } /^\\\\\\.$/ { on = 0 } on { print t "\\t" $0 }',
  },
};

/**
 * Says for each table how many rows a database has that a snapshot lacks (`written TABLE ROWS`), and the other way round (`gone TABLE ROWS`). A row that
 * was changed is one of each. Reads only, without the lock.
 */
export function writtenScript(layout: Layout, token: string, engine: Engine, call: DatabaseCall, name: string): string {
  const { now, kept, rows } = ROWS[engine];
  const sorted = (from: string, to: string): string =>
    `{ ${from}
} >"$C.text"
LC_ALL=C awk ${quote(rows)} "$C.text" | LC_ALL=C sort >"$C.${to}"`;
  const counted = (word: string, column: string): string =>
    `LC_ALL=C comm ${column} "$C.kept" "$C.now" | cut -f1 | uniq -c | while read -r n t; do printf '%s %s\\n' "$t" "$n"; done >"$C.${word}"
${sayLines(word, `$C.${word}`)}`;
  return besideDatabase(
    layout,
    token,
    engine,
    call,
    `F="$B"/snapshots/${quote(`${name}.${DIALECTS[engine].extension}`)}
[ -f "$F.meta" ] || fail no-snapshot
${sorted(kept, "kept")}
${sorted(now(call.name), "now")}
${counted("written", "-13")}
${counted("gone", "-23")}`,
  );
}
