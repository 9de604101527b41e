# What all stand-ins of the sandbox's host share. Sourced by bash; runs inside a service's release.
#
# A stand-in does to the database what the program it stands in for would do: it notes versions in that program's own
# tables and applies the migrations that the release brings. All its state is in the database, so a restore undoes it. Before
# each thing it does it asks the sandbox, where faults are ordered (docs/reference/sandbox.md): POST /tools/SERVICE/PROGRAM/ARGUMENTS,
# /migrations/SERVICE/PROGRAM/NAME, /done/SERVICE/PROGRAM/ARGUMENTS.
set -uo pipefail
export LC_ALL=C.UTF-8

here=${BASH_SOURCE[0]%/*}
program=${0##*/}

# fail CODE TEXT…: the program ends as the real one would.
fail() {
  local code=$1
  shift
  printf '%s: %s\n' "$program" "$*" >&2
  exit "$code"
}

# Percent-encodes the arguments, joined by blanks.
encoded() {
  local text="$*" out='' char i
  for ((i = 0; i < ${#text}; i++)); do
    char=${text:i:1}
    case $char in
      [A-Za-z0-9._~-]) out+=$char ;;
      *) printf -v char '%%%02X' "'$char" && out+=$char ;;
    esac
  done
  printf '%s' "${out:-%20}"
}

# Key of the service whose release this is; `-` when the sandbox does not know it.
service_key() {
  local path=${PWD%%.sitefleet/*} known key
  while read -r known key; do
    if [ "$known" = "$path" ]; then
      printf '%s' "$key"
      return
    fi
  done <"$here/../etc/services" 2>/dev/null
  printf '%s' -
}
service=$(service_key)

# ask PATH: goes on, or ends as a fault has it. Without a sandbox that answers there are no faults.
ask() {
  local port status line code text
  read -r port <"$here/../etc/port" 2>/dev/null || return 0
  exec 9<>"/dev/tcp/127.0.0.1/$port" || return 0
  printf 'POST %s HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n' "$1" >&9
  read -r line status text <&9 || kill -KILL $$ # cut off: as if somebody had killed it
  if [ "$status" = 200 ]; then
    exec 9>&-
    return 0
  fi
  while read -r line <&9; do [ "$line" = $'\r' ] && break; done
  read -r code text <&9
  exec 9>&-
  fail "${code:-1}" "$text"
}

begin() { ask "/tools/$service/$program/$(encoded "$@")"; }
migration() { ask "/migrations/$service/$program/$(encoded "$1")"; }
finish() { ask "/done/$service/$program/$(encoded "$@")"; }

# Reads where the database is out of the environment: DB_HOST, DB_PORT, DB_NAME, DB_USER, DB_PASSWORD, DB_ENGINE, or DATABASE_URL.
database() {
  local url=${DATABASE_URL:-} rest
  if [ -z "${DB_NAME:-}" ] && [ -n "$url" ]; then
    DB_ENGINE=${url%%:*}
    rest=${url#*://}
    DB_USER=${rest%%:*} rest=${rest#*:}
    DB_PASSWORD=${rest%%@*} rest=${rest#*@}
    DB_NAME=${rest#*/} DB_NAME=${DB_NAME%%\?*}
    rest=${rest%%/*}
    DB_HOST=${rest%%:*}
    DB_PORT=${rest##*:}
  fi
  [ -n "${DB_NAME:-}" ] && [ -n "${DB_USER:-}" ] || fail 1 "no database in the environment (DB_NAME, DB_USER or DATABASE_URL)"
  case ${DB_ENGINE:-${url%%:*}} in
    postgres*) engine=postgresql ;;
    *) engine=mariadb ;;
  esac
}

# Runs SQL from stdin; prints a line a row, columns separated by tabs. No password in an argument.
sql() {
  if [ "$engine" = postgresql ]; then
    PGPASSWORD=${DB_PASSWORD:-} PGOPTIONS='-c client_min_messages=warning' psql --no-psqlrc --no-password --quiet --tuples-only --no-align \
      --field-separator=$'\t' -v ON_ERROR_STOP=1 -h "${DB_HOST:-127.0.0.1}" -p "${DB_PORT:-5432}" -U "$DB_USER" -d "$DB_NAME"
  else
    local password=${DB_PASSWORD:-}
    password=${password//\\/\\\\}
    mariadb --defaults-extra-file=<(printf '[client]\nhost="%s"\nport=%s\nuser="%s"\npassword="%s"\n' \
      "${DB_HOST:-localhost}" "${DB_PORT:-3306}" "$DB_USER" "${password//\"/\\\"}") \
      --batch --raw --skip-column-names --default-character-set=utf8mb4 --connect-timeout=10 "$DB_NAME"
  fi
}

# run SQL…: the same, ends the program when it fails.
run() { printf '%s\n' "$@" | sql || fail 1 "the database refused a statement"; }

# Text as a literal. MariaDB reads a backslash as an escape, PostgreSQL does not.
literal() {
  local text=${1//\'/\'\'}
  [ "${engine:-}" = postgresql ] || text=${text//\\/\\\\}
  printf "'%s'" "$text"
}
