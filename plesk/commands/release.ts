import { posix } from "node:path";
import { pruneSnapshotsBody } from "./database/index.ts";
import { type Layout, markerPath, type SharedPath } from "./layout.ts";
import { unlockBody } from "./lock.ts";
import { hereDocument, quote } from "./quote.ts";
import { heldBy, script } from "./script.ts";

/** Makes the directory into which a run uploads; removes a release of that id that is not complete or not what it should be. */
export function stageScript(layout: Layout, token: string, id: string, removeRelease: boolean): string {
  return script(
    layout,
    `${heldBy(token)}
${removeRelease ? `[ "$(release_of "$B/current")" != ${quote(id)} ] || fail live\nrm -rf "$B"/releases/${quote(id)} "$B"/state/${quote(id)}.manifest` : ":"}
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
 */
export function publishScript(layout: Layout, token: string, id: string, manifest: string): string {
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
      `cat >"$B"/state/${quote(id)}.manifest ${hereDocument(manifest)}`,
      `mv "$I" "$R"`,
    ].join("\n"),
  );
}

/** Writes `shared/.env` with mode 0600 in one rename, and keeps the one before until the run has ended well. */
export function envScript(layout: Layout, token: string, content: string): string {
  return script(
    layout,
    `${heldBy(token)}
umask 077
E="$B/shared/.env"
cat >"$E.next" ${hereDocument(content)}
chmod 600 "$E.next"
if [ -f "$E" ] && [ ! -f "$E.before" ]; then cp -p "$E" "$E.before"; fi
mv -f "$E.next" "$E"`,
  );
}

/** Remembers a release as bad: the next deployment refuses it. */
export function markBadScript(layout: Layout, token: string, id: string, now: number, reason: string): string {
  return script(layout, `${heldBy(token)}\nprintf '%s %s\\n' ${now} ${quote(reason)} >"$B"/state/${quote(id)}.bad`);
}

/** What is noted when a run has succeeded. */
export interface Commit {
  readonly id: string;
  /** Seconds since the epoch. */
  readonly now: number;
  /** Who declares the service; undefined leaves what is noted. */
  readonly owner?: string;
}

/**
 * The point after which nothing is put back any more: the journal goes first, since without it the next run takes the live release for
 * granted; what only a rollback of this run needed goes with it.
 */
export function commitScript(layout: Layout, token: string, commit: Commit): string {
  return script(
    layout,
    [
      heldBy(token),
      `rm -f "$B/state/journal" "$B"/state/${quote(commit.id)}.bad "$B/shared/.env.before" "$B/retired"`,
      `printf '%s\\n' ${commit.now} >"$B"/state/${quote(commit.id)}.good`,
      ...(commit.owner === undefined ? [] : [`printf '%s\\n' ${quote(commit.owner)} >"$B/state/owner"`]),
    ].join("\n"),
  );
}

/**
 * Deletes what is no longer needed and unlocks.
 *
 * @param remove Releases; the live one and the one before are never deleted, whatever stands here.
 * @param snapshots Snapshots to keep.
 */
export function cleanUpScript(layout: Layout, token: string, remove: readonly string[], snapshots: number): string {
  const removals = remove.map(
    (
      id,
    ) => `if [ "$(release_of "$B/current")" != ${quote(id)} ] && [ "$(release_of "$B/previous")" != ${quote(id)} ]; then
  rm -rf "$B"/releases/${quote(id)}
  rm -f "$B"/state/${quote(id)}.manifest "$B"/state/${quote(id)}.good "$B"/state/${quote(id)}.bad
fi`,
  );
  return script(
    layout,
    [heldBy(token), `rm -rf "$B"/incoming/*`, ...removals, pruneSnapshotsBody(snapshots), unlockBody(token)].join("\n"),
  );
}
