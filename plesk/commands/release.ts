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

/** Writes `shared/.env` with mode 0600 in one rename, and keeps the one before until the run has ended well. */
export function envScript(layout: Layout, token: string, content: string): string {
  return script(layout, `${heldBy(token)}\n${envBody(content)}`);
}

function envBody(content: string): string {
  return `E="$B/shared/.env"
( umask 077; cat >"$E.next" ) ${hereDocument(content)}
chmod 600 "$E.next"
if [ -f "$E" ] && [ ! -f "$E.before" ]; then cp -p "$E" "$E.before"; fi
mv -f "$E.next" "$E"`;
}

/** Remembers a release as bad: the next deployment refuses it. */
export function markBadScript(layout: Layout, token: string, id: string, now: number, reason: string): string {
  return script(layout, `${heldBy(token)}\nprintf '%s %s\\n' ${now} ${quote(reason)} >"$B"/state/${quote(id)}.bad`);
}

/** What is noted when a run has succeeded. */
export interface Commit {
  readonly id: string;
  /** Seconds since the epoch, with milliseconds. */
  readonly now: number;
  /** Who declares the service; undefined leaves what is noted. */
  readonly owner?: string;
}

/**
 * The point after which nothing is put back any more: the journal goes first, since without it the next run takes the live release for
 * granted; what only a rollback of this run needed goes with it.
 */
export function commitScript(layout: Layout, token: string, commit: Commit): string {
  return script(layout, `${heldBy(token)}\n${commitBody(commit)}`);
}

function commitBody({ id, now, owner }: Commit): string {
  return [
    `rm -f "$B/state/journal" "$B"/state/${quote(id)}.bad "$B/shared/.env.before" "$B/retired"`,
    `printf '%s\\n' ${now} >"$B"/state/${quote(id)}.good`,
    ...(owner === undefined ? [] : [`printf '%s\\n' ${quote(owner)} >"$B/state/owner"`]),
  ].join("\n");
}

/**
 * Deletes what is no longer needed and unlocks.
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
  rm -rf "$B"/releases/${quote(id)}
  rm -f "$B"/state/${quote(id)}.manifest "$B"/state/${quote(id)}.good "$B"/state/${quote(id)}.bad
fi`,
  );
  return [`rm -rf "$B"/incoming/*`, ...removals, pruneSnapshotsBody(snapshots), unlockBody(layout, token)].join("\n");
}

/**
 * All that is left to do when the release is live already and nobody is to be asked whether it is healthy, in one round trip.
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
    commitBody(commit),
    cleanUpBody(layout, token, remove, snapshots),
  ];
  return script(layout, bodies.join("\n"));
}
