import type { Step } from "../kinds/step.ts";
import type { Layout } from "./layout.ts";
import { quote } from "./quote.ts";
import { heldBy, script } from "./script.ts";

/**
 * Ends a step that outlived its driver or its connection: nothing may change the service any more once somebody else is at it. The
 * step is the leader of its own process group where the host has setsid.
 */
export function endLeftoverStep(): string {
  return `if [ -f "$B/state/step.pid" ]; then
  left=; read -r left <"$B/state/step.pid" || :
  case $left in ''|*[!0-9]*) ;; *)
    for signal in TERM TERM TERM KILL KILL; do
      kill -s "$signal" -- "-$left" 2>/dev/null || kill -s "$signal" "$left" 2>/dev/null || break
      sleep 1
    done
    say "ended-step $left";;
  esac
  rm -f "$B/state/step.pid"
fi`;
}

/**
 * Runs one step in a release. Its output goes to stderr, of which the driver keeps the end as evidence; the environment
 * comes out of `shared/.env`, so that no secret stands in an argument.
 */
export function stepScript(layout: Layout, token: string, release: string, step: Step): string {
  const skip =
    step.when === undefined ? "" : `if [ ! -e "$R"/${quote(step.when)} ]; then say skipped; say done; exit 0; fi\n`;
  // What runs in the old release is a courtesy to its visitors: an old release may not have the program yet.
  const missing = step.phase === "maintenance-on" ? "say skipped; say done; exit 0" : "fail missing-program";
  return script(
    layout,
    `${heldBy(token)}
R="$B"/releases/${quote(release)}
[ -d "$R" ] || fail no-release
${skip}cd "$R"
PATH="$R/vendor/bin:$R/node_modules/.bin:$R/venv/bin:$PATH"; export PATH
command -v ${quote(step.argv[0]!)} >/dev/null 2>&1 || { ${missing}; }
own=; if command -v setsid >/dev/null 2>&1; then own=setsid; fi
set -- "$B/shared/.env" "$PATH" "$own" ${step.argv.map(quote).join(" ")}
(
  if [ -f "$1" ]; then set -a; . "$1"; set +a; fi
  PATH=$2; own=$3; shift 3
  exec $own "$@"
) >&2 &
step=$!
printf '%s\\n' "$step" >"$B/state/step.pid"
c=0; wait "$step" || c=$?
rm -f "$B/state/step.pid"
say "exit $c"
[ "$c" = 0 ] || fail step-failed`,
  );
}
