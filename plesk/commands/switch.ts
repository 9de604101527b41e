import { posix } from "node:path";
import { type Journal, journalBody } from "./journal.ts";
import { type Layout, ORIGINAL } from "./layout.ts";
import { unlockBody } from "./lock.ts";
import { markBody } from "./mark.ts";
import { quote } from "./quote.ts";
import { placeResetBody, type Reset } from "./reset.ts";
import { heldBy, script } from "./script.ts";
import { shareAllBody } from "./share.ts";

/**
 * A real directory at the document root becomes the release `original`, once: two renames, between which the site is
 * without a document root for as long as one `mv` takes to start. What is shared moves to `shared/` and is linked
 * back, so that going back to the original still finds it.
 */
function conversion(layout: Layout, token: string, now: number): string {
  const target = posix.join(ORIGINAL, layout.webRoot);
  return `if [ -d "$P" ] && [ ! -L "$P" ]; then
  T="$B"/releases/${quote(target)}
  [ ! -e "$T" ] || fail original-exists
  mkdir -p "$B"/releases/${quote(posix.dirname(target))}
  ln -s ${quote(`releases/${ORIGINAL}`)} "$B/current.${token}"
  mv -T "$B/current.${token}" "$B/current"
  ln -s ${quote(layout.docrootTarget)} "$B/docroot.${token}"
  mv "$P" "$T"
  mv -T "$B/docroot.${token}" "$P"
  ${markBody(`${ORIGINAL}.good`, String(now))}
  say "converted ${ORIGINAL}"
fi
O="$B"/releases/${quote(ORIGINAL)}
# While the original is live, so that a run that was cut off among these is made up for by the next.
if [ "$(release_of "$B/current")" = ${quote(ORIGINAL)} ]; then
${shareAllBody(layout, '"$O"', quote(`${ORIGINAL}.${token}`), true)}
fi`;
}

/** What a switch is about. */
export interface Switch {
  /** Release to make live. */
  readonly id: string;
  /** Seconds since the epoch. */
  readonly now: number;
  /** What to go back to, noted before anything is changed. */
  readonly journal: Journal;
  /** Puts this script into web roots first, so that PHP finds it whichever release it still takes for the live one. */
  readonly reset?: Reset | undefined;
}

/**
 * Makes a release live: at most one conversion, then one rename of a link. Reports the release that was live until then. That the service
 * has another release before it is not noted here, since it is not known yet whether this one stays.
 */
export function switchScript(layout: Layout, token: string, { id, now, journal, reset }: Switch): string {
  return script(
    layout,
    `${heldBy(token)}
[ -d "$B"/releases/${quote(id)} ] || fail no-release
[ -L "$B/current" ] || [ ! -e "$B/current" ] || fail current
rm -f "$B"/current.* "$B"/previous.* "$B"/docroot.*
${journalBody(journal)}
${reset === undefined ? "" : `${placeResetBody(layout, reset, id)}\n`}${conversion(layout, token, now)}
say "before $(release_of "$B/current")"
${shareAllBody(layout, `"$B"/releases/${quote(id)}`, quote(`${id.slice(0, 12)}.${token}`))}
ln -s ${quote(`releases/${id}`)} "$B/current.${token}"
mv -T "$B/current.${token}" "$B/current"
if [ ! -d "$P" ] || [ "$(cd -P -- "$P" && pwd -P)" != "$(cd -P -- "$B"/current/${quote(layout.webRoot)} && pwd -P)" ]; then
  [ -L "$P" ] || [ ! -e "$P" ] || fail docroot
  ln -s ${quote(layout.docrootTarget)} "$B/docroot.${token}"
  mv -T "$B/docroot.${token}" "$P"
fi`,
  );
}

/**
 * Takes a service out of service: the link `current` moves aside, nothing is deleted. Only when the live release is the
 * one asked for and its owner is ours: a replacement runs the new resource's create before the old one's delete.
 *
 * A release that was rolled back (it is marked bad) stands for whatever is live instead.
 *
 * @param deleteFiles Also deletes releases and shared files, of a service that is ours and out of service. Never a database or snapshot.
 */
export function retireScript(layout: Layout, token: string, id: string, owner: string, deleteFiles = false): string {
  // Snapshots stay: with the database they are what a service cannot be built from again. Marks go first: a release of which a part is
  // left must not count as one.
  const remove = deleteFiles
    ? `if [ "$owner" = ${quote(owner)} ] && [ -z "$(release_of "$B/current")" ]; then
  rm -f "$B"/state/*.good "$B"/state/*.manifest
  if why=$(rm -rf "$B/releases" "$B/shared" "$B/incoming" "$B/trash" "$B/evidence" "$B/current" "$B/previous" "$B/retired" 2>&1); then say "deleted files"
  else say "not-deleted $(printf '%s\\n' "$why" | { read -r line && printf '%s' "$line"; })"; fi
  # Ours leads nowhere by now; a link that leads somewhere is not ours.
  if [ -L "$P" ] && [ ! -e "$P" ]; then rm -f "$P"; fi
fi`
    : ":";
  return script(
    layout,
    `${heldBy(token)}
live=$(release_of "$B/current")
owner=; if [ -f "$B/state/owner" ]; then read -r owner <"$B/state/owner" || :; fi
if [ -z "$live" ]; then say "left nothing-live"
elif [ "$live" != ${quote(id)} ] && [ ! -f "$B"/state/${quote(id)}.bad ]; then say "left other-release $live"
elif [ "$owner" != ${quote(owner)} ]; then say "left other-owner"
else mv -T "$B/current" "$B/retired"; say "retired $live"; fi
${remove}
${unlockBody(layout, token)}`,
  );
}
