import { posix } from "node:path";
import { pruneSnapshotsBody } from "./database/index.ts";
import { type Journal, journalBody } from "./journal.ts";
import { type Layout, markerPath, ORIGINAL, type SharedPath } from "./layout.ts";
import { unlockBody } from "./lock.ts";
import { markBody } from "./mark.ts";
import { hereDocument, quote } from "./quote.ts";
import { heldBy, SAY, script } from "./script.ts";

/** Makes the directory into which a run uploads. Removes a release of that id that is incomplete or not as it should be. */
export function stageScript(layout: Layout, token: string, id: string, removeRelease: boolean): string {
  return script(
    layout,
    `${heldBy(token)}
${removeRelease ? `[ "$(release_of "$B/current")" != ${quote(id)} ] || fail live\n${asideBody(id, token)} || fail not-removed` : ":"}
mkdir -p "$B"/incoming/${quote(`${id}.${token}`)}`,
  );
}

function sharedLink(shared: SharedPath): string {
  const directory = posix.dirname(shared.path);
  return `mkdir -p "$B"/shared/${quote(shared.directory ? shared.path : directory)} "$I"/${quote(directory)}
ln -s ${quote(shared.target)} "$I"/${quote(shared.path)}`;
}

/**
 * Turns a verified upload into a release: shared links, the marker that names it over HTTP, the manifest, then one rename.
 * A release directory therefore is complete or not there.
 *
 * @param documentRoot Mode and group that the host's profile expects of the served directory. @default 755
 */
export function publishScript(
  layout: Layout,
  token: string,
  id: string,
  manifest: string,
  documentRoot?: { readonly mode: string; readonly group: string },
): string {
  const marker = markerPath(layout.webRoot);
  return script(
    layout,
    [
      heldBy(token),
      `I="$B"/incoming/${quote(`${id}.${token}`)}`,
      `R="$B"/releases/${quote(id)}`,
      `[ -d "$I" ] && [ ! -e "$R" ] || fail not-staged`,
      `chmod 755 "$I"`,
      ...layout.shared.map(sharedLink),
      `mkdir -p "$I"/${quote(posix.dirname(marker))}`,
      `rm -f "$I"/${quote(marker)}`,
      `printf '%s\\n' ${quote(id)} >"$I"/${quote(marker)}`,
      ...(documentRoot === undefined ? [] : [documentRootBody(layout, documentRoot)]),
      `cat >"$B"/state/${quote(id)}.manifest ${hereDocument(manifest)}`,
      `mv "$I" "$R"`,
    ].join("\n"),
  );
}

/** Narrows the served directory only when the web server's group can be given to it: without, it would lock the web server out. */
function documentRootBody(layout: Layout, { mode, group }: { readonly mode: string; readonly group: string }): string {
  return `W="$I"/${quote(layout.webRoot)}
if chgrp ${quote(group)} "$W" 2>/dev/null; then chmod ${mode} "$W"; fi`;
}

/** What a script says that gave the service another environment than it had. */
export const ENV_CHANGED = `${SAY}env-changed`;

/** Writes `shared/.env` with mode 0600 in one rename, and keeps the one before until the run has ended well. @param journal Written first. */
export function envScript(layout: Layout, token: string, content: string, journal: Journal): string {
  return script(
    layout,
    `${heldBy(token)}
if [ -f "$B/shared/.env" ] && [ ! -f "$B/shared/.env.before" ]; then
  cp -p "$B/shared/.env" "$B/shared/.env.kept"
  mv -f "$B/shared/.env.kept" "$B/shared/.env.before"
fi
${journalBody(journal)}
${envBody(content)}`,
  );
}

function envBody(content: string): string {
  return `E="$B/shared/.env"
( umask 077; cat >"$E.next" ) ${hereDocument(content)}
chmod 600 "$E.next"
if [ -f "$E" ] && [ "$(cat "$E")" != "$(cat "$E.next")" ]; then say env-changed; fi
mv -f "$E.next" "$E"`;
}

/** Remembers a release as bad: the next deployment refuses it. */
export function markBadScript(layout: Layout, token: string, id: string, now: number, reason: string): string {
  return script(layout, `${heldBy(token)}\n${badBody(id, now, reason)}`);
}

const badBody = (id: string, now: number, reason: string): string => markBody(`${id}.bad`, `${now} ${reason}`);

/** What is noted when a run has succeeded. */
export interface Commit {
  readonly id: string;
  /** Seconds since the epoch, with milliseconds. */
  readonly now: number;
  /** Release that was live before, "" for none; undefined when none was made live, which leaves what is noted. */
  readonly before?: string;
  /** Why the release before counts as bad from now on; undefined when it does not. */
  readonly leaves?: string | undefined;
  /** Who declares the service; undefined leaves what is noted. */
  readonly owner?: string;
}

/**
 * The point after which nothing is put back any more. One rename decides. The release from before and the time are noted after it;
 * {@link settleScript} notes them when this script does not come to its end.
 */
export function commitScript(layout: Layout, token: string, commit: Commit): string {
  const { id, owner, before = "", leaves } = commit;
  return script(
    layout,
    [
      heldBy(token),
      ...(owner === undefined ? [] : [markBody("owner", owner)]),
      journalBody({ phase: "committed", next: id, back: before, snapshot: "", returns: leaves !== undefined }),
      settleBody(token, commit),
    ].join("\n"),
  );
}

/** Finishes a run whose release stays. Fails with `undecided` when that was not decided. */
export function settleScript(layout: Layout, token: string, commit: Commit): string {
  return script(
    layout,
    `${heldBy(token)}
if [ -f "$B/state/journal" ]; then
  read -r phase next rest <"$B/state/journal" || :
  [ "$phase $next" = ${quote(`committed ${commit.id}`)} ] || fail undecided
elif [ ! -f "$B"/state/${quote(commit.id)}.good ]; then fail undecided; fi
${settleBody(token, commit)}`,
  );
}

/** The journal goes last: until then the next run does this again. The release before is noted here and nowhere else. */
function settleBody(token: string, { id, now, before = "", leaves }: Commit): string {
  return [
    `rm -f "$B"/state/${quote(id)}.bad "$B"/shared/.env.before "$B"/shared/.env.kept "$B"/shared/.env.next "$B/state/journal.next" "$B/state/mark.next" "$B/retired" "$B"/previous.*`,
    markBody(`${id}.good`, String(now)),
    // Going back to it found no room for its mark, without which it cannot be gone back to once more.
    ...(before === ORIGINAL && id !== ORIGINAL
      ? [`[ -s "$B"/state/${ORIGINAL}.good ] || ${markBody(`${ORIGINAL}.good`, String(Math.floor(now)))}`]
      : []),
    ...(before === "" || before === id
      ? []
      : [
          `if [ -d "$B"/releases/${quote(before)} ]; then
  ln -s ${quote(`releases/${before}`)} "$B/previous.${token}"
  mv -T "$B/previous.${token}" "$B/previous"
fi`,
        ]),
    ...(leaves === undefined || before === "" || before === id ? [] : [badBody(before, now, leaves)]),
    `if [ "$(release_of "$B/previous")" = ${quote(id)} ]; then rm -f "$B/previous"; fi`,
    `rm -f "$B/state/journal"`,
  ].join("\n");
}

/**
 * Part of a script, one command: takes a release out of use. It is unmarked first and moved aside whole. So a release that
 * cannot be deleted, or only in part, never looks like a release that can be made live. {@link emptyTrashBody} deletes what lies aside.
 */
function asideBody(id: string, token: string): string {
  const release = `"$B"/releases/${quote(id)}`;
  return `{ rm -f "$B"/state/${quote(id)}.manifest "$B"/state/${quote(id)}.good && mkdir -p "$B/trash" && { [ ! -e ${release} ] || mv ${release} "$B"/trash/${quote(`${id}.${token}`)}; }; }`;
}

/** Part of a script: deletes what lies aside, and says of each that cannot be deleted why; tried again by every run. */
function emptyTrashBody(): string {
  return `for d in "$B"/trash/*; do
  if [ ! -e "$d" ] && [ ! -L "$d" ]; then continue; fi
  why=$(rm -rf "$d" 2>&1) || say "left \${d##*/} $(printf '%s\\n' "$why" | { read -r line && printf '%s' "$line"; })"
done
rmdir "$B/trash" 2>/dev/null || :`;
}

/**
 * Deletes what is no longer needed and unlocks. What cannot be deleted is said (`left`) and keeps nothing else from being deleted.
 *
 * @param remove Releases; the live one and the one before are never deleted, whatever stands here.
 * @param snapshots Snapshots to keep.
 */
export function cleanUpScript(layout: Layout, token: string, remove: readonly string[], snapshots: number): string {
  return script(layout, `${heldBy(token)}\n${cleanUpBody(layout, token, remove, snapshots)}`);
}

function cleanUpBody(layout: Layout, token: string, remove: readonly string[], snapshots: number): string {
  const removals = remove.map(
    (
      id,
    ) => `if [ "$(release_of "$B/current")" != ${quote(id)} ] && [ "$(release_of "$B/previous")" != ${quote(id)} ]; then
  if ${asideBody(id, token)} 2>/dev/null; then rm -f "$B"/state/${quote(id)}.bad; say "removed ${id}"
  else say ${quote(`left ${id}`)}; fi
fi`,
  );
  const uploads = `for d in "$B"/incoming/*; do rm -rf "$d" 2>/dev/null || say "left \${d##*/}"; done`;
  return [uploads, ...removals, emptyTrashBody(), pruneSnapshotsBody(snapshots), unlockBody(layout, token)].join("\n");
}

/**
 * All that is left to do when the release is live already and its health is not to be checked, in one round trip.
 *
 * @param env Content of `shared/.env`; undefined leaves it alone.
 */
export function unchangedScript(
  layout: Layout,
  token: string,
  commit: Commit,
  env: string | undefined,
  remove: readonly string[],
  snapshots: number,
): string {
  const bodies = [
    heldBy(token),
    ...(env === undefined ? [] : [envBody(env)]),
    ...(commit.owner === undefined ? [] : [markBody("owner", commit.owner)]),
    settleBody(token, commit),
    cleanUpBody(layout, token, remove, snapshots),
  ];
  return script(layout, bodies.join("\n"));
}
