import type { Step } from "../kinds/step.ts";
import type { Layout } from "./layout.ts";
import { quote } from "./quote.ts";
import { heldBy, SAY, script } from "./script.ts";

/**
 * Notes that something runs which must not outlive its driver; {@link nothingRuns} takes it back.
 *
 * @param required Fails when there is no room for the note. @default true
 */
export function somethingRuns(required = true): string {
  return `running=$(group)
printf '%s %s\\n' "$running" "$(process_field "$running" 20)" >"$B/state/running"${required ? "" : ` || rm -f "$B/state/running"`}`;
}

/** See {@link somethingRuns}. */
function nothingRuns(): string {
  return `rm -f "$B/state/running"`;
}

/**
 * Ends a step, dump or restore that outlived its driver or its connection: nothing may change the service any more once another run
 * is at it. The noted start time makes sure that the number was not given to another process meanwhile; where there is no /proc (a Plesk
 * chroot) none is noted, and nothing is ended.
 */
export function endLeftover(): string {
  return `if [ -f "$B/state/running" ]; then
  left=; since=; read -r left since <"$B/state/running" || :
  case $left in
    ''|*[!0-9]*) ;;
    *) if [ -n "$since" ] && [ "$left" != "$(group)" ] && [ "$(process_field "$left" 20)" = "$since" ]; then
      for signal in TERM TERM TERM KILL KILL; do
        kill -s "$signal" -- "-$left" 2>/dev/null || break
        say "ended $left"
        sleep 1 2>/dev/null || :
      done
    fi;;
  esac
  rm -f "$B/state/running" "$B"/state/db.*
fi`;
}

/** Bytes of a program's output, or of one file, that are looked at. */
const MAX_SHOWN = 4 * 1024 * 1024;

/** Reports what a step printed and what the named files hold, each line after a word. */
function showing({ files = [] }: NonNullable<Step["expect"]>): string {
  return `show() { { head -c ${MAX_SHOWN} "$2"; echo; } | sed "s/^/${SAY}$1 /"; }
show output "$O"
rm -f "$O"
for f in ${["", ...files].join(" ")}; do
  if [ -f "$f" ]; then say "file $f"; show text "$f"; fi
done
`;
}

/**
 * Runs one step in a release. Its output goes to stderr, and the driver keeps the end of that as evidence. Its environment comes
 * from `shared/.env`, so that no secret is in an argument.
 */
export function stepScript(layout: Layout, token: string, release: string, step: Step): string {
  const skip =
    step.when === undefined ? "" : `if [ ! -e "$R"/${quote(step.when)} ]; then say skipped; say done; exit 0; fi\n`;
  // What runs in the old release is a courtesy to its visitors: an old release may not have the program yet.
  const missing = step.phase === "maintenance-on" ? "say skipped; say done; exit 0" : "fail missing-program";
  const { expect } = step;
  // What changes no database may run without its note: on a full disk, too, what is live again is restarted, and the notice goes.
  // What is looked at goes into a file first: a pipe would hide how the program ended.
  const [to, shown] =
    expect === undefined ? [">&2", ""] : ['>"$O"', `[ "$c" = 0 ] || tail -n 10 "$O" >&2\n${showing(expect)}`];
  return script(
    layout,
    `${heldBy(token)}
O="$B/state/db.${token}.out"
R="$B"/releases/${quote(release)}
[ -d "$R" ] || fail no-release
${skip}cd "$R"
PATH="$R/vendor/bin:$R/node_modules/.bin:$R/venv/bin:$PATH"; export PATH
command -v ${quote(step.argv[0]!)} >/dev/null 2>&1 || { ${missing}; }
set -- "$B/shared/.env" "$PATH" ${step.argv.map(quote).join(" ")}
${somethingRuns(step.migrates ?? false)}
c=0
(
  if [ -f "$1" ]; then set -a; . "$1"; set +a; fi
  PATH=$2; shift 2
  exec "$@"
) ${to} || c=$?
${nothingRuns()}
${shown}say "exit $c"
[ "$c" = 0 ] || fail step-failed`,
  );
}
