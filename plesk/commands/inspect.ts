import type { Layout } from "./layout.ts";
import { probeBody } from "./probe.ts";
import { quote } from "./quote.ts";
import { script } from "./script.ts";

/** Part of a script that reports a service's state on the host without changing anything; read by `parseInspection`. */
function inspectionBody(wantedId: string | undefined): string {
  return `if [ -L "$P" ]; then
  say "docroot link"
  if command -v readlink >/dev/null 2>&1; then say "docroot-target $(readlink "$P")"; fi
  say "docroot-release $(release_of "$P")"
elif [ -d "$P" ]; then say "docroot dir"
elif [ -e "$P" ]; then say "docroot other"
else say "docroot absent"; fi
if [ -d "$B" ]; then
  live=$(release_of "$B/current")
  say "live $live"
  say "previous $(release_of "$B/previous")"
  if [ -f "$B/state/journal" ]; then journal=; read -r journal <"$B/state/journal" || :; say "journal $journal"; fi
  if [ -f "$B/state/owner" ]; then owner=; read -r owner <"$B/state/owner" || :; say "owner $owner"; fi
  for d in "$B"/releases/*/; do
    [ -d "$d" ] || continue
    id=\${d%/}; id=\${id##*/}
    case $id in *[!0-9a-z]*) continue;; esac
    good=-; manifest=0; bad=0
    if [ -f "$B/state/$id.good" ]; then read -r good <"$B/state/$id.good" || :; fi
    if [ -f "$B/state/$id.manifest" ]; then manifest=1; fi
    if [ -f "$B/state/$id.bad" ]; then bad=1; fi
    say "release $id $good $manifest $bad"
  done
  for d in "$B"/incoming/*/; do
    [ -d "$d" ] || continue
    d=\${d%/}; say "incoming \${d##*/}"
  done
  for f in "$B"/snapshots/*.meta; do
    [ -f "$f" ] || continue
    meta=; read -r meta <"$f" || :
    f=\${f##*/}; f=\${f%.meta}
    say "snapshot \${f%.*} $meta"
  done
  for f in "$B"/shared/*; do
    if [ -d "$f" ]; then set -- "$f"/* "$f"/.[!.]*; [ -e "$1" ] || [ -e "$2" ] || continue; fi
    if [ -e "$f" ]; then say "shared \${f##*/}"; fi
  done
  for f in "$B"/lock/*; do
    [ -f "$f" ] || continue
    holder=; read -r holder <"$f" || :
    say "lock \${f##*/} $holder"
  done
${wantedId === undefined ? ":" : manifestBody(wantedId)}
fi`;
}

function manifestBody(wantedId: string): string {
  return `  if [ -n "$live" ] && [ "$live" != ${quote(wantedId)} ] && [ -f "$B/state/$live.manifest" ]; then
    say manifest-begin
    cat "$B/state/$live.manifest"
    say manifest-end
  fi`;
}

/** What a report is to answer beside the service's state. */
export interface Wanted {
  /** Release that is to be live: the manifest of the live one is reported when it is another. Undefined for no manifest. */
  readonly id: string | undefined;
  /** Programs that the service's steps need. */
  readonly programs: readonly string[];
}

/** Part of a script: what the account can do, and the state of the service. */
export function reportBody(wanted: Wanted): string {
  return `${probeBody(wanted.programs)}\n${inspectionBody(wanted.id)}`;
}

/** Read-only script: what the account can do, and the state of a service on the host. */
export function inspectScript(layout: Layout, wanted: Wanted): string {
  return script(layout, reportBody(wanted));
}
