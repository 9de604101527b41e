import type { Layout } from "../layout.ts";
import { hereDocument, quote } from "../quote.ts";
import { heldBy, script } from "../script.ts";
import { somethingRuns } from "../steps.ts";
import type { DatabaseCall, DatabaseDialect } from "./dialect.ts";
import type { Engine } from "./engines.ts";
import { mariadb } from "./mariadb.ts";
import { postgresql } from "./postgresql.ts";

export type { Engine } from "./engines.ts";

/** What is different for each engine. */
export const DIALECTS: Readonly<Record<Engine, DatabaseDialect>> = { mariadb, postgresql };

/** A body with credentials in a private file that is gone when the script ends, however it ends. Only under the lock. */
export function withDatabase(layout: Layout, token: string, engine: Engine, call: DatabaseCall, body: string): string {
  return script(
    layout,
    `${heldBy(token)}
umask 077
mkdir -p "$B/snapshots"
C="$B/state/db.${token}"
trap 'rm -f "$C" "$C".* "$B/state/running"' EXIT
trap 'exit 143' TERM HUP INT
${somethingRuns()}
${DIALECTS[engine].prepare(call)}
${body}`,
  );
}

/**
 * The same for a look, which holds no lock and makes no directory. The credentials lie in a private file of the account's temporary
 * directory, or beside the service where there is none, for as long as the question lasts.
 */
export function besideDatabase(
  layout: Layout,
  token: string,
  engine: Engine,
  call: DatabaseCall,
  body: string,
): string {
  return script(
    layout,
    `umask 077
d=\${TMPDIR:-/tmp}
if [ ! -d "$d" ] || [ ! -w "$d" ]; then d=\${P%/*}; fi
C="$d/.sitefleet-${token}"
trap 'rm -f "$C" "$C".*' EXIT
trap 'exit 143' TERM HUP INT
${DIALECTS[engine].prepare(call)}
${body}`,
  );
}

/**
 * The same question as {@link databaseCheckScript}, for a plan: reports the size of the data as well.
 *
 * @param applied Statement that lists the migrations that the database has had; where its table is missing it has had none.
 */
export function databaseLookScript(
  layout: Layout,
  token: string,
  engine: Engine,
  call: DatabaseCall,
  applied?: string,
): string {
  return besideDatabase(
    layout,
    token,
    engine,
    call,
    `size=$(${DIALECTS[engine].size(call.name)}
)
say "size $size"
${
  applied === undefined
    ? ""
    : `{ query ${quote(call.name)} 2>/dev/null ${hereDocument(applied)}
} >"$C.applied" || :
${sayLines("applied", "$C.applied")}
`
}${questions(engine, call)}`,
  );
}

/** Names both counts, for people. */
const differs = `printf 'tables, views, triggers, routines, events: %s, expected %s\\n' "$counts" "$expected" >&2`;

const file = (engine: Engine, name: string): string =>
  `F="$B"/snapshots/${quote(`${name}.${DIALECTS[engine].extension}`)}`;

/** Each line of a file as a fact. */
export const sayLines = (word: string, path: string): string =>
  `while IFS= read -r line; do say "${word} $line"; done <"${path}"`;

/** What the user may do, what no snapshot can bring back, and what a proof could not be kept from. */
function questions(engine: Engine, call: DatabaseCall): string {
  const { grants, losses, reach } = DIALECTS[engine];
  const ask = (word: string, query: string): string => `{ ${query}
} >"$C.${word}"
${sayLines(word, `$C.${word}`)}`;
  return [
    ask("grant", grants(call.name)),
    ...(losses === undefined ? [] : [ask("loss", losses(call.name))]),
    ...(call.scratch == null ? [] : [ask("reach", reach(call, call.scratch))]),
  ].join("\n");
}

/** Reports whether the database answers, how much it holds and what its user may do. Changes nothing in it. */
export function databaseCheckScript(layout: Layout, token: string, engine: Engine, call: DatabaseCall): string {
  const { counts } = DIALECTS[engine];
  return withDatabase(
    layout,
    token,
    engine,
    call,
    `counts=$(${counts(call.name)}
)
say "counts $counts"
${questions(engine, call)}`,
  );
}

/**
 * Dumps a database to `snapshots/<name>`, mode 0600, and checks what can be checked without a second database. The counts are kept
 * beside it; a snapshot without that file does not count.
 */
export function snapshotScript(
  layout: Layout,
  token: string,
  engine: Engine,
  call: DatabaseCall,
  name: string,
): string {
  const { counts, dump } = DIALECTS[engine];
  return withDatabase(
    layout,
    token,
    engine,
    call,
    `${file(engine, name)}
rm -f "$F" "$F".*
counts=$(${counts(call.name)}
)
${dump(call.name)}
printf '%s %s\\n' "$size" "$counts" >"$F.meta"
say "snapshot $size $counts"`,
  );
}

/**
 * Restores a snapshot into a scratch database, compares the counts and empties it again: the proof that it can be restored. Refuses
 * beforehand where the copy could act outside of the scratch database.
 */
export function scratchScript(
  layout: Layout,
  token: string,
  engine: Engine,
  call: DatabaseCall,
  name: string,
  scratch: string,
): string {
  const { counts, prove, empty, reach } = DIALECTS[engine];
  return withDatabase(
    layout,
    token,
    engine,
    call,
    `[ ${quote(scratch)} != ${quote(call.name)} ] || fail scratch-is-live
${file(engine, name)}
read -r size expected <"$F.meta"
{ ${reach(call, scratch)}
} >"$C.reach"
[ ! -s "$C.reach" ] || { tail -n 5 "$C.reach" >&2; fail scratch-reaches-out; }
${prove(scratch)}
counts=$(${counts(scratch)}
)
${empty(scratch)}
[ "$counts" = "$expected" ] || { ${differs}; fail scratch-differs; }
say "proven $counts"`,
  );
}

/** Makes a database what a snapshot holds, whatever came after it. */
export function restoreScript(layout: Layout, token: string, engine: Engine, call: DatabaseCall, name: string): string {
  const { counts, restore } = DIALECTS[engine];
  return withDatabase(
    layout,
    token,
    engine,
    call,
    `${file(engine, name)}
[ -f "$F.meta" ] || fail no-snapshot
read -r size expected <"$F.meta"
${restore(call.name)}
counts=$(${counts(call.name)}
)
[ "$counts" = "$expected" ] || { ${differs}; fail restore-differs; }
say "restored $counts"`,
  );
}

/** Deletes all but the newest snapshots of a service. Names begin with the time, so the shell's own order is that of age. */
export function pruneSnapshotsBody(keep: number): string {
  return `set -- "$B"/snapshots/*.meta
if [ -e "$1" ]; then
  # The note goes first: without it what is left of a dump counts for nothing.
  while [ "$#" -gt ${keep} ]; do
    { rm -f "$1" && rm -f "\${1%.meta}" "\${1%.meta}".*; } 2>/dev/null || { d=\${1%.meta}; say "left \${d##*/}"; }
    shift
  done
fi`;
}
