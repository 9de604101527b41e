import type { Layout } from "./layout.ts";
import { quote } from "./quote.ts";
import { script } from "./script.ts";

/** Line feeds in names, as they are reported: no name that people give holds this sign. */
export const LINE_FEED = "\u0001";

/** Sections of the report, in this order: links, files as they were uploaded, files that are newer than the release's manifest. */
export const SERVED = ["links", "files", "newer"] as const;

/**
 * Part of a script that lists what lies in the live release, without reading any file; read by `parseServed`. Whatever is newer
 * than the manifest was written after the release was published. By `find` where there is one, which is fast on large releases; a Plesk
 * chroot has none, there the shell goes through the directories itself.
 */
export function servedBody(): string {
  return `M="$B/state/$base.manifest"
if [ -f "$M" ] && [ -d "$B/releases/$base" ]; then (
  cd "$B/releases/$base"
  if command -v find >/dev/null 2>&1 && command -v tr >/dev/null 2>&1; then
    say "served links"; find . -type l -print0 | tr '\\n\\000' '\\001\\n'
    say "served files"; find . ! -type d ! -type l ! -newer "$M" -print0 | tr '\\n\\000' '\\001\\n'
    say "served newer"; find . ! -type d ! -type l -newer "$M" -print0 | tr '\\n\\000' '\\001\\n'
  else
    nl='
'
    walk() {
      for w in "$1"/* "$1"/.[!.]* "$1"/..?*; do
        case $w in *"$nl"*) continue;; esac
        if [ -L "$w" ]; then k=links
        elif [ -d "$w" ]; then walk "$w" "$2"; continue
        elif [ ! -e "$w" ]; then continue
        elif [ "$w" -nt "$M" ]; then k=newer
        else k=files; fi
        if [ "$k" = "$2" ]; then printf '%s\\n' "$w"; fi
      done
    }
    for k in ${SERVED.join(" ")}; do say "served $k"; walk . "$k"; done
  fi
  say "served end"
) fi`;
}

/**
 * Read-only script that reports the SHA-256 of files of a release, one line each in their order: `digest` and 64 hex digits, or nothing
 * after it where the host has no program for it.
 */
export function digestScript(layout: Layout, id: string, paths: readonly string[]): string {
  const asks = paths.map((path) => `ask ${quote(path)}`);
  return script(
    layout,
    `R="$B"/releases/${quote(id)}
ask() { set -- $(sha256sum <"$R/$1" 2>/dev/null); say "digest \${1:-}"; }
${asks.join("\n")}`,
  );
}
