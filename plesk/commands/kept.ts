import type { Layout } from "./layout.ts";
import { quote } from "./quote.ts";
import { script } from "./script.ts";

/** Sections of what {@link keptScript} says. */
export const KEPT_SECTIONS = ["manifest", "files", "links"] as const;

const begin = (name: (typeof KEPT_SECTIONS)[number]): string => `say ${name}-begin`;
const end = (name: (typeof KEPT_SECTIONS)[number]): string => `say ${name}-end`;

/**
 * Read-only script: what a release on the host consists of now, beside what it was made of. Where the host has `find` and a SHA-256,
 * contents are compared. Else the shell alone finds what is missing, and what was written to after the release was made.
 */
export function keptScript(layout: Layout, id: string): string {
  return script(
    layout,
    `R="$B"/releases/${quote(id)}
M="$B"/state/${quote(id)}.manifest
[ -d "$R" ] || fail no-release
[ -f "$M" ] || { say "looked nothing"; say done; exit 0; }
cd "$R"
sum=
if command -v sha256sum >/dev/null 2>&1; then sum=sha256sum
elif command -v openssl >/dev/null 2>&1; then sum="openssl dgst -sha256 -r"; fi
if [ -n "$sum" ] && command -v find >/dev/null 2>&1 && command -v readlink >/dev/null 2>&1; then
  say "looked content"
  ${begin("manifest")}
  cat "$M"
  ${end("manifest")}
  ${begin("files")}
  find . -xdev -type f -exec $sum {} + 2>/dev/null || :
  ${end("files")}
  ${begin("links")}
  find . -xdev -type l -exec sh -c 'for l; do printf "%s\\t%s\\n" "$(readlink "$l")" "$l"; done' sh {} + 2>/dev/null || :
  ${end("links")}
else
  say "looked times"
  tab=$(printf '\\t')
  while IFS="$tab" read -r type mode size digest path; do
    case $path in *\\\\*) path=$(printf '%b.' "$path"); path=\${path%.};; esac
    case $type in
      f) if [ ! -f "$path" ] || [ -L "$path" ]; then say "lost $path"; elif [ "$path" -nt "$M" ]; then say "edited $path"; fi;;
      l) [ -L "$path" ] || say "lost $path";;
      d) [ -d "$path" ] || say "lost $path";;
    esac
  done <"$M"
fi`,
  );
}
