import { posix } from "node:path";
import { type Layout, ORIGINAL } from "./layout.ts";
import { unlockBody } from "./lock.ts";
import { markIfRoomBody } from "./mark.ts";
import { hereDocument, quote } from "./quote.ts";
import { placeResetBody, type Reset } from "./reset.ts";
import { heldBy, script } from "./script.ts";
import { endLeftover } from "./steps.ts";

/** Evidence of failures that is kept on the host. */
const EVIDENCE_KEPT = 10;

/** Ends a transaction that went back: nothing is pending any more, the next run may begin. */
export function closeScript(layout: Layout, token: string): string {
  return script(layout, `${heldBy(token)}\nrm -f "$B/state/journal"\n${unlockBody(layout, token)}`);
}

/** What going back consists of. */
export interface Back {
  /** Release that failed; nothing is switched unless it is the live one. "" when nothing was switched. */
  readonly failed: string;
  /** Release to make live again; "" leaves the service without one, as it was. */
  readonly to: string;
  /** Seconds since the epoch. */
  readonly now: number;
  /** Why the failed release is not to be deployed again; undefined when it is not to blame. */
  readonly bad?: string;
  /** JSON about the failure without secrets, kept with mode 0600. */
  readonly evidence?: string;
  /** Makes PHP forget the failed release; placed when something was switched. */
  readonly reset?: Reset | undefined;
}

/**
 * Goes back after a failure: ends a step that still runs, then puts back the release and the environment from before. The database,
 * restarts and the lock have scripts of their own. Can be repeated. `previous` is not touched: a run sets it only when its release stays.
 *
 * What is only noted (marks, evidence) is written if there is room for it: a full disk keeps nothing from being put back.
 *
 * Fails with `decided` when the journal says that the release stays: from then on it is never taken back.
 */
export function backScript(layout: Layout, token: string, back: Back): string {
  const toRelease = `[ -d "$B"/releases/${quote(back.to)} ] || fail no-release
ln -s ${quote(`releases/${back.to}`)} "$B/current.${token}"
mv -T "$B/current.${token}" "$B/current"`;
  const toNothing = `mv -T "$B/current" "$B/retired"`;
  const switched = `if [ "$(release_of "$B/current")" = ${quote(back.failed)} ]; then
${back.to === "" ? toNothing : toRelease}
fi`;
  return script(
    layout,
    [
      heldBy(token),
      `phase=; if [ -f "$B/state/journal" ]; then read -r phase rest <"$B/state/journal" || :; fi
[ "$phase" != committed ] || fail decided`,
      endLeftover(),
      `rm -f "$B"/current.* "$B"/previous.* "$B"/docroot.* "$B"/shared/.env.kept "$B"/shared/.env.next "$B/state/journal.next" "$B/state/mark.next"`,
      ...(back.failed === "" || back.reset === undefined ? [] : [placeResetBody(layout, back.reset)]),
      ...(back.failed === "" || back.failed === back.to ? [] : [switched]),
      ...(back.to === "" ? [] : [documentRootBody(layout, token)]),
      ...(back.to === ORIGINAL ? [originalBody(layout, back.now)] : []),
      `if [ -f "$B/shared/.env.before" ]; then mv -f "$B/shared/.env.before" "$B/shared/.env"; fi`,
      ...(back.bad === undefined ? [] : [markIfRoomBody(`${back.failed}.bad`, `${back.now} ${back.bad}`)]),
      ...(back.evidence === undefined ? [] : [evidenceBody(back.now, back.evidence)]),
    ].join("\n"),
  );
}

/** A conversion that was cut off between its two renames leaves no document root. */
function documentRootBody(layout: Layout, token: string): string {
  return `if [ ! -e "$P" ] && [ ! -L "$P" ] && [ -d "$B"/current/${quote(layout.webRoot)} ]; then
  ln -s ${quote(layout.docrootTarget)} "$B/docroot.${token}"
  mv -T "$B/docroot.${token}" "$P"
fi`;
}

/** And between its renames and its note. */
function originalBody(layout: Layout, now: number): string {
  return `if [ -e "$B"/releases/${quote(posix.join(ORIGINAL, layout.webRoot))} ] && [ ! -s "$B"/state/${ORIGINAL}.good ]; then
  ${markIfRoomBody(`${ORIGINAL}.good`, String(now))}
fi`;
}

/** Evidence is a help: a disk that has no room for it does not keep anything else from being put back. */
function evidenceBody(now: number, evidence: string): string {
  return `umask 077
if ! { mkdir -p "$B/evidence" && cat >"$B/evidence/${now}.json"; } 2>/dev/null ${hereDocument(evidence)}
then say "evidence not-kept"; fi
set -- "$B"/evidence/*.json
while [ "$#" -gt ${EVIDENCE_KEPT} ]; do rm -f "$1" || :; shift; done`;
}
