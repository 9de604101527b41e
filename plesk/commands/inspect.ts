import { posix } from "node:path";
import { type Layout, ORIGINAL } from "./layout.ts";
import { probeBody } from "./probe.ts";
import { quote } from "./quote.ts";
import { script } from "./script.ts";
import { servedBody } from "./served.ts";
import { shareReportBody } from "./share.ts";

/** Part of a script that reports a service's state on the host without changing anything; read by `parseInspection`. */
function inspectionBody(layout: Layout, wantedId: string | undefined): string {
  return `target_of() { if command -v readlink >/dev/null 2>&1; then readlink "$1" || :; fi; }
if [ -L "$P" ]; then
  say "docroot link"
  say "docroot-target $(target_of "$P")"
  # By where it leads, not by what it says: an absolute link to our own directory is ours as well.
  b=$(cd -P -- "$B" 2>/dev/null && pwd -P) || b=
  d=$(cd -P -- "$P" 2>/dev/null && pwd -P) || d=
  case $d in "\${b:-/-/}"|"\${b:-/-/}"/*) say "docroot-inside";; '') say "docroot-dangling";; esac
elif [ -d "$P" ]; then say "docroot dir"
elif [ -e "$P" ]; then say "docroot other"
else say "docroot absent"; fi
if [ -d "$B" ]; then
  current=$(release_of "$B/current")
  say "current $current"
  live=; if [ -L "$P" ]; then live=$(release_of "$P"); fi
  say "live $live"
  base=$live
  say "previous $(release_of "$B/previous")"
  for name in current previous retired; do
    if [ -L "$B/$name" ]; then
      if [ "$name" != current ] || [ -n "$current" ]; then :
      elif [ -e "$B/$name" ]; then say "stray $name foreign $(target_of "$B/$name")"
      else say "stray $name dangling $(target_of "$B/$name")"; fi
    elif [ -d "$B/$name" ]; then say "stray $name dir"
    elif [ -e "$B/$name" ]; then say "stray $name other"; fi
  done
  if [ -e "$B"/releases/${quote(posix.join(ORIGINAL, layout.webRoot))} ]; then say "original-there"; fi
  if [ -f "$B/state/journal" ]; then
    journal=; read -r journal <"$B/state/journal" || :; say "journal $journal"
    phase=; next=; back=; read -r phase next back rest <"$B/state/journal" || :
    # As \`liveAfter\` says it: going back switches only when the failed release is live.
    if [ "$phase" = committed ] || { [ -d "$P" ] && [ ! -L "$P" ]; }; then :
    elif [ "$live" = "$current" ] || { [ ! -e "$P" ] && [ ! -L "$P" ]; }; then
      base=$current
      if [ "$current" = "$next" ]; then base=\${back#-}; fi
    fi
  fi
  if [ -f "$B/state/owner" ]; then owner=; read -r owner <"$B/state/owner" || :; say "owner $owner"; fi
  for d in "$B"/releases/*/; do
    [ -d "$d" ] || continue
    id=\${d%/}; id=\${id##*/}
    case $id in *[!0-9a-z]*) continue;; esac
    good=-; manifest=0; bad=0
    if [ -f "$B/state/$id.good" ]; then read -r good <"$B/state/$id.good" || :; fi
    if [ -f "$B/state/$id.manifest" ]; then manifest=1; fi
    if [ -f "$B/state/$id.bad" ]; then bad=1; fi
    say "release $id $manifest $bad $good"
  done
  if [ -f "$B/shared/.env" ]; then
    while IFS= read -r line; do
      case $line in
        DB_NAME=*|DB_HOST=*|DB_PORT=*) say "env $line";;
        DATABASE_URL=*) say "env \${line%%:*}";;
      esac
    done <"$B/shared/.env" || :
  fi
  for d in "$B"/incoming/*/; do
    [ -d "$d" ] || continue
    d=\${d%/}; say "incoming \${d##*/}"
  done
  for d in "$B"/trash/*; do if [ -e "$d" ]; then say "trash \${d##*/}"; fi; done
  for f in "$B"/snapshots/*.meta; do
    [ -f "$f" ] || continue
    meta=; read -r meta <"$f" || :
    f=\${f##*/}; f=\${f%.meta}
    say "snapshot \${f%.*} $meta"
  done
${shareReportBody(layout, '"$B/releases/$base"')}
  for f in "$B"/lock/*; do
    [ -f "$f" ] || continue
    holder=; read -r holder <"$f" || :
    say "lock \${f##*/} $holder"
  done
${wantedId === undefined ? ":" : `${servedBody()}\n${manifestBody(wantedId)}`}
fi`;
}

/** Of the release that is live once what a run left pending has been put back: `base`. */
function manifestBody(wantedId: string): string {
  return `  if [ -n "$base" ] && [ "$base" != ${quote(wantedId)} ] && [ -f "$B/state/$base.manifest" ]; then
    say manifest-begin
    cat "$B/state/$base.manifest"
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
export function reportBody(layout: Layout, wanted: Wanted): string {
  return `${probeBody(wanted.programs)}\n${inspectionBody(layout, wanted.id)}`;
}

/** Read-only script: what the account can do, and the state of a service on the host. */
export function inspectScript(layout: Layout, wanted: Wanted): string {
  return script(layout, reportBody(layout, wanted));
}
