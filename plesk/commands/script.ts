import type { Layout } from "./layout.ts";
import { quote } from "./quote.ts";

/** Prefix of the lines that are meant for the driver; whatever a login script prints is told apart by it. */
export const SAY = "sitefleet:";

// Only what every POSIX shell has built in or a Plesk chroot carries (mkdir, mv, ln, rm, cat, chmod): no readlink, stat,
// find or date. `group` is the process group of the session, which sshd makes anew for every command. A release's id is read off its physical directory instead of
// off the link, and only a directory of this service's own `releases/` is one: a link may lead into another service's.
const PRELUDE = `LC_ALL=C; export LC_ALL
umask 022
say() { printf '${SAY}%s\\n' "$*"; }
fail() { say "fail $*"; exit 99; }
process_field() { ( read -r stat </proc/"$1"/stat && stat=\${stat##*) } && set -- "$2" $stat && shift "$1" && printf '%s' "$1" ) 2>/dev/null || :; }
group() { g=$(process_field "$$" 3); printf '%s' "\${g:-$$}"; }
release_of() { ( b=$(cd -P -- "$B/releases" 2>/dev/null && pwd -P) && cd -P -- "$1" 2>/dev/null && r=$(pwd -P) && case $r in "$b"/*) r=\${r#"$b"/}; printf '%s' "\${r%%/*}";; esac ) || :; }
`;

/**
 * A complete script for `sh -s`. The body is a function that is called on the last line. So nothing runs when the connection is lost
 * while the script is read, and no command can read the rest of it from stdin. `done` at the end proves that all of it ran.
 *
 * A command of the script that exits with 255 is reported as 254: 255 is ssh's own, and is retried.
 */
export function script(layout: Layout, body: string): string {
  return `${PRELUDE}P=${quote(layout.path)}
B=${quote(layout.base)}
sitefleet() {
set -eu
${body}
say done
}
( sitefleet ) </dev/null
c=$?
[ "$c" -ne 255 ] || c=254
exit "$c"
`;
}

/**
 * Guard: everything that changes the host first makes sure that the lock is still ours. Looks three times, since the file is
 * renamed when the lock is renewed, which may happen between finding its name and looking at it.
 */
export function heldBy(token: string): string {
  return `for look in 1 2 3; do set -- "$B"/lock/*.${quote(token)}; if [ -e "$1" ]; then break; fi; done
[ -e "$1" ] || fail lock-lost`;
}
