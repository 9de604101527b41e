import { quote } from "./quote.ts";

/** Programs whose presence is reported; the shell's own `command -v` answers, so that it costs nothing. */
const TOOLS = [
  "rsync",
  "tar",
  "gzip",
  "readlink",
  "find",
  "php",
  "node",
  "npx",
  "python3",
  "composer",
  "drush",
  "cv",
  "docker",
  "docker-compose",
  "systemctl",
  "mariadb",
  "mysql",
  "mariadb-dump",
  "mysqldump",
  "psql",
  "pg_dump",
  "pg_restore",
  "openssl",
] as const;

/**
 * Part of a script that reports what the account can do; changes nothing; read by `parseProbe`.
 *
 * @param programs Names of further programs to look for: those of the service's own steps.
 */
export function probeBody(programs: readonly string[]): string {
  const names = [...new Set([...TOOLS, ...programs])].map(quote);
  return `if [ -n "\${BASH_VERSION:-}" ]; then say "probe-shell bash $BASH_VERSION"; else say "probe-shell sh"; fi
if command -v id >/dev/null 2>&1; then say "probe-user $(id -un)"; fi
for t in ${names.join(" ")}; do if command -v "$t" >/dev/null 2>&1; then say "tool $t"; fi; done
d=\${P%/*}
while [ -n "$d" ] && [ ! -d "$d" ]; do d=\${d%/*}; done
if [ -w "\${d:-/}" ]; then say "probe-writable yes"; else say "probe-writable no \${d:-/}"; fi
if command -v df >/dev/null 2>&1; then
  df -Pk "\${d:-/}" 2>/dev/null | { read -r header && read -r source blocks used free rest && say "probe-free $free" && say "probe-used $used"; } || :
  if [ -d "$P" ] && [ ! -L "$P" ]; then
    a=$(df -P "$d" | { read -r header && read -r source rest && printf '%s' "$source"; }) || a=
    b=$(df -P "$P" | { read -r header && read -r source rest && printf '%s' "$source"; }) || b=
    if [ "$a" = "$b" ]; then say "probe-same-fs yes"; else say "probe-same-fs no"; fi
  fi
fi`;
}
