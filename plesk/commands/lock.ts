import { reportBody, type Wanted } from "./inspect.ts";
import type { Layout } from "./layout.ts";
import { quote } from "./quote.ts";
import { removeResetsBody } from "./reset.ts";
import { heldBy, script } from "./script.ts";
import { endLeftover } from "./steps.ts";

/** Who asks for a lock, and until when. */
export interface LockRequest {
  /** Lower-case letters and digits, one a run. */
  readonly token: string;
  /** Seconds since the epoch, of the driver's clock: a chroot has no date. */
  readonly now: number;
  /** Seconds since the epoch. */
  readonly expires: number;
  /** One line for people: user, machine, process, time, version. */
  readonly holder: string;
  /** Take a lock directory without a signature: its maker died between two system calls. */
  readonly takeUnsigned: boolean;
}

/**
 * Takes the lock, makes the service's directories and reports its state, in one round trip.
 *
 * The lock is a directory, because mkdir is the one atomic test-and-set that every host has. It holds one file, named
 * `<expiry>.<token>`: expiry and holder are in the name, so renewing and taking over an expired lock are each one
 * rename, and of two who try the second finds the file gone.
 */
export function lockScript(layout: Layout, lock: LockRequest, wanted: Wanted): string {
  return script(
    layout,
    `mkdir -p "$B" "$B/releases" "$B/shared"
( umask 077; mkdir -p "$B/state" "$B/incoming" )
me="$B/lock/${lock.expires}.${lock.token}"
# The name is the lock. Without room for its holder the run goes on: it may have something to put back.
sign() { printf '%s\\n' ${quote(lock.holder)} >"$me" || :; }
claim() {
  sign
  for f in "$B"/lock/*; do
    if [ "$f" != "$me" ]; then rm -f "$me"; return 1; fi
  done
}
if mkdir "$B/lock" 2>/dev/null; then
  if claim; then say "got new"; else say "got no"; fi
else
  [ -d "$B/lock" ] || fail no-lock
  signed=0
  for f in "$B"/lock/*; do
    [ -f "$f" ] || continue
    signed=1
    name=\${f##*/}
    case $name in
      *.${lock.token}) if mv -f "$f" "$me"; then sign; say "got again"; fi;;
      *) holder=; read -r holder <"$f" || :
        if [ "\${name%%.*}" -lt ${lock.now} ] && mv "$f" "$me" 2>/dev/null; then sign; say "got expired $holder"
        else say "held \${name%%.*} $holder"; fi;;
    esac
  done
  if [ "$signed" = 0 ]; then
    ${lock.takeUnsigned ? `if claim; then say "got unsigned"; else say "got no"; fi` : `say "unsigned"`}
  fi
fi
set -- "$B"/lock/*.${lock.token}
if [ -e "$1" ]; then
${endLeftover()}
${reportBody(layout, wanted)}
fi`,
  );
}

/** Prolongs a lock that is ours. Fails with `lock-lost` when it is not. */
export function renewScript(layout: Layout, token: string, expires: number): string {
  return script(
    layout,
    `${heldBy(token)}
[ "$1" = "$B/lock/${expires}.${token}" ] || mv -f "$1" "$B/lock/${expires}.${token}"`,
  );
}

/**
 * Gives the lock back; nothing happens when it is no longer ours. Every run ends here, so this is where the scripts go that
 * `placeResetBody` put into web roots: its own and those of runs that were killed.
 */
export function unlockBody(layout: Layout, token: string): string {
  return `for f in "$B"/lock/*.${quote(token)}; do
  if [ -e "$f" ]; then
    ${removeResetsBody(layout)}
    rm -f "$f"; rmdir "$B/lock"
  fi
done`;
}

/** See {@link unlockBody}. */
export function unlockScript(layout: Layout, token: string): string {
  return script(layout, unlockBody(layout, token));
}

/** Removes locks that expired, or all of them. @param now Seconds since the epoch. */
export function breakLockScript(layout: Layout, now: number, force: boolean): string {
  return script(
    layout,
    `for f in "$B"/lock/*; do
  [ -f "$f" ] || continue
  holder=; read -r holder <"$f" || :
  name=\${f##*/}
  [ -n "$holder" ] || holder="a holder without a name ($name)"
  if [ "\${name%%.*}" -lt ${now} ]${force ? " || true" : ""}; then rm -f "$f"; say "removed $holder"; else say "left $holder"; fi
done
rmdir "$B/lock" 2>/dev/null || :`,
  );
}
