import { posix } from "node:path";
import type { Layout, SharedPath } from "./layout.ts";
import { quote } from "./quote.ts";
import { heldBy, script } from "./script.ts";

// Data that is declared to stay is never deleted here, only renamed: what lies in a release goes to `shared/`, and a link takes its
// place. Each rename is one system call, and each function first looks at what is there. So the next run can go on where a run was
// killed between two renames. Only built-ins and what a Plesk chroot carries; `cmp` where there is one.

/** What lies in a directory; a pattern that matches nothing stands for itself, so each is looked at first. */
const ENTRIES = `"$1"/* "$1"/.[!.]* "$1"/..?*`;

/** Shell functions that look: `exists`, `plain_dir`, `same_file`, `holds`. */
const LOOKS = `exists() { [ -e "$1" ] || [ -L "$1" ]; }
plain_dir() { [ -d "$1" ] && [ ! -L "$1" ]; }
same_file() { [ -f "$1" ] && [ -f "$2" ] && [ ! -L "$1" ] && [ ! -L "$2" ] && command -v cmp >/dev/null 2>&1 && cmp -s "$1" "$2"; }
holds() {
  for h in ${ENTRIES}; do
    exists "$h" || continue
    if plain_dir "$h"; then if holds "$h"; then return 0; fi; else return 0; fi
  done
  return 1
}`;

/**
 * Shell functions that change: `share RELEASE PATH LINK CLASH` makes a path of a release a link to `shared/`, and moves there what lay in
 * its place. What is in `shared/` already under the same name stays; two different files of one name are a clash: `fail` leaves
 * everything as it is, anything else is a directory below `aside/` to which the release's own goes.
 */
const SHARES = `${LOOKS}
merge() {
  for f in ${ENTRIES}; do
    exists "$f" || continue
    if ! exists "$2/\${f##*/}"; then mv "$f" "$2/\${f##*/}"
    elif plain_dir "$f" && plain_dir "$2/\${f##*/}"; then merge "$f" "$2/\${f##*/}"
    elif same_file "$f" "$2/\${f##*/}"; then rm -f "$f"; fi
  done
  rmdir "$1" 2>/dev/null || :
}
clashes() {
  if plain_dir "$1" && plain_dir "$2"; then
    for f in ${ENTRIES}; do
      if exists "$f" && exists "$2/\${f##*/}" && clashes "$f" "$2/\${f##*/}"; then return 0; fi
    done
    return 1
  fi
  if same_file "$1" "$2"; then return 1; fi
}
share() {
  if [ -L "$1/$2" ]; then return 0; fi
  case $2 in */*) up=\${2%/*};; *) up=;; esac
  if [ -d "$1/$up" ]; then
    # Below a link nothing is a release's own: it may be the very thing in shared/.
    [ "$(cd -P -- "$1/$up" && pwd -P)" = "$(cd -P -- "$1" && pwd -P)\${up:+/$up}" ] || return 0
  fi
  mkdir -p "$B/shared/$up"
  if exists "$1/$2"; then
    if plain_dir "$B/shared/$2" && ! holds "$B/shared/$2" && plain_dir "$1/$2"; then merge "$B/shared/$2" "$1/$2"; fi
    if ! exists "$B/shared/$2"; then mv "$1/$2" "$B/shared/$2"
    elif [ "$4" = fail ] && clashes "$1/$2" "$B/shared/$2"; then fail share-clash "$2"
    elif plain_dir "$1/$2" && plain_dir "$B/shared/$2"; then merge "$1/$2" "$B/shared/$2"
    elif same_file "$1/$2" "$B/shared/$2"; then rm -f "$1/$2"; fi
    if exists "$1/$2"; then
      mkdir -p "$B/aside/$4/$up"
      mv "$1/$2" "$B/aside/$4/$2"
      say "aside $4/$2"
    fi
  fi
  mkdir -p "$1/$up"
  ln -s "$3" "$1/$2"
}`;

function call(directory: string, { path, target, directory: isDirectory }: SharedPath, clash: string): string {
  const made = isDirectory ? `\nmkdir -p "$B"/shared/${quote(path)}` : "";
  return `share ${directory} ${quote(path)} ${quote(target)} ${clash}${made}`;
}

/** A place of the panel is shared only once something is there: an artifact may bring such a directory itself. */
function panelCall(directory: string, shared: SharedPath, clash: string, moves: boolean): string {
  const path = quote(shared.path);
  if (moves)
    return `if exists ${directory}/${path}; then share ${directory} ${path} ${quote(shared.target)} ${clash}; fi`;
  return `if [ -e "$B"/shared/${path} ] && ! exists ${directory}/${path}; then share ${directory} ${path} ${quote(shared.target)} ${clash}; fi`;
}

/**
 * Part of a script: every path that is declared as shared is a link in a release, and so is what the panel has in `shared/`.
 *
 * @param directory The release, as a word of the shell.
 * @param label Directory below `aside/` for what clashes, as a word of the shell.
 * @param panelMoves Also moves what lies in the panel's places, of a document root that no deployment made.
 */
export function shareAllBody({ shared, panel }: Layout, directory: string, label: string, panelMoves = false): string {
  if (shared.length + panel.length === 0) return ":";
  return [
    SHARES,
    ...shared.map((path) => call(directory, path, label)),
    ...panel.map((path) => panelCall(directory, path, label, panelMoves)),
  ].join("\n");
}

/**
 * Moves data that lies in the live release, in the place of a shared path, to `shared/`, and links it. Changes nothing where a
 * file would have to give way: it fails with `share-clash`.
 *
 * @param id The live release.
 * @param paths Which of the layout's paths, the panel's included.
 */
export function adoptScript(layout: Layout, token: string, id: string, paths: readonly string[]): string {
  const release = `"$B"/releases/${quote(id)}`;
  const chosen = [...layout.shared, ...layout.panel].filter(({ path }) => paths.includes(path));
  const calls = chosen.map((path) => call(release, path, "fail"));
  return script(layout, [heldBy(token), SHARES, `[ -d ${release} ] || fail no-release`, ...calls].join("\n"));
}

/** Words of a `case` for paths of a layout; "" when there are none. */
const words = (paths: readonly string[]): string => [...new Set(paths)].map(quote).join("|");

/**
 * Part of a script. It reports what the release has in the place of each shared path, and what in `shared/` is not declared.
 * `parseInspection` reads it.
 *
 * @param directory What is looked at, as a word of the shell.
 */
export function shareReportBody(layout: Layout, directory: string): string {
  const all = [...layout.shared, ...layout.panel].map(({ path }) => path);
  const parents = all.flatMap((path) => {
    const names = path.split("/");
    return names.slice(1).map((_, index) => names.slice(0, index + 1).join("/"));
  });
  const prefix = layout.webRoot === "" ? "" : `${layout.webRoot}/`;
  // A document root of another making is the web root alone.
  const inRoot = (path: string) => (path.startsWith(prefix) ? quote(posix.join(path.slice(prefix.length))) : "''");
  const lines = [...layout.shared, ...layout.panel].map(({ path }) => `share_state ${quote(path)} ${inRoot(path)}`);
  const known = words(all);
  const above = words(parents.filter((path) => !all.includes(path)));
  return `${LOOKS}
tell_clashes() {
  if plain_dir "$1" && plain_dir "$2"; then
    for f in ${ENTRIES}; do
      if exists "$f" && exists "$2/\${f##*/}"; then tell_clashes "$f" "$2/\${f##*/}" "$3/\${f##*/}"; fi
    done
  elif ! same_file "$1" "$2"; then say "clash $3"; fi
}
share_state() {
  if [ -L "$P" ] || [ ! -d "$P" ]; then at=${directory}/$1; elif [ -n "$2" ]; then at=$P/$2; else return 0; fi
  if [ -L "$at" ]; then is=link; elif [ -d "$at" ]; then is=dir; elif [ -e "$at" ]; then is=file; else is=absent; fi
  if [ -e "$B/shared/$1" ]; then has=there; else has=none; fi
  say "share $is $has $1"
  case $is in dir|file) if [ "$has" = there ]; then tell_clashes "$at" "$B/shared/$1" "$1"; fi;; esac
}
undeclared() {
  for f in ${ENTRIES}; do
    exists "$f" || continue
    case \${2:+$2/}\${f##*/} in
      .env|.env.next|.env.before) continue;;${known === "" ? "" : `\n      ${known}) continue;;`}${above === "" ? "" : `\n      ${above}) if plain_dir "$f"; then undeclared "$f" "\${2:+$2/}\${f##*/}"; continue; fi;;`}
    esac
    if ! plain_dir "$f" || holds "$f"; then
      if [ -L ${directory}/"\${2:+$2/}\${f##*/}" ]; then say "undeclared linked \${2:+$2/}\${f##*/}"
      else say "undeclared - \${2:+$2/}\${f##*/}"; fi
    fi
  done
}
if [ -d "$B/shared" ]; then undeclared "$B/shared" ""; fi
${lines.join("\n")}`;
}
