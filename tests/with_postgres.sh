#!/usr/bin/env bash
# Runs a command with RAPPORT_TEST_POSTGRES naming a PostgreSQL server: the one at 127.0.0.1:5432 if it lets us make databases, else one of
# its own from an installed PostgreSQL, in a temporary folder, ended with the command. Where there is none, the command runs without.
set -euo pipefail

folder=
address=
as_owner=()

say() { echo "with_postgres: $1" >&2; }

newest() {
  # The newest installed programs of PostgreSQL; Debian keeps them off the PATH.
  local found
  found=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -V | tail -n 1)
  if [ -x "$found/initdb" ]; then echo "$found"; elif command -v initdb >/dev/null; then dirname "$(command -v initdb)"; fi
}

answering() {
  local may_make='SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user'
  command -v psql >/dev/null || return 1
  [ "$(PGCONNECT_TIMEOUT=3 psql -w -h 127.0.0.1 -p 5432 -U postgres -d postgres -Atc "$may_make" 2>/dev/null)" = t ]
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

start() {
  local programs=$1 port
  folder=$(mktemp -d)
  if [ "$(id -u)" = 0 ]; then
    # The server refuses to run as root.
    local owner=nobody
    ! id postgres >/dev/null 2>&1 || owner=postgres
    as_owner=(runuser -u "$owner" --)
    chown "$owner" "$folder"
  fi
  port=$(free_port)
  # What is tested need not outlive a power cut.
  (cd "$folder" && "${as_owner[@]}" "$programs/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C --no-sync &&
    "${as_owner[@]}" "$programs/pg_ctl" -D "$folder/data" -l "$folder/log" -w -t 60 \
      -o "-p $port -c listen_addresses=127.0.0.1 -k $folder -c fsync=off -c full_page_writes=off" start) >"$folder.out" 2>&1 || return 1
  address=postgresql://postgres@127.0.0.1:$port/postgres
}

stop() {
  [ -n "$folder" ] || return 0
  [ ! -d "$folder/data" ] || (cd "$folder" && "${as_owner[@]}" "$1/pg_ctl" -D "$folder/data" -m immediate -w stop) >/dev/null 2>&1 || true
  rm -rf "$folder" "$folder.out"
}

programs=$(newest)
if [ -n "${RAPPORT_TEST_POSTGRES:-}" ]; then
  address=$RAPPORT_TEST_POSTGRES
elif answering; then
  address=postgresql://postgres@127.0.0.1:5432/postgres
elif [ -n "$programs" ]; then
  trap 'stop "$programs"' EXIT
  trap 'exit 130' INT TERM HUP
  start "$programs" || { say "a server could not be started:"; cat "$folder.out" >&2; exit 1; }
fi
if [ -n "$address" ]; then
  say "tests of the store run on PostgreSQL, too (${address##*@})"
  export RAPPORT_TEST_POSTGRES=$address
else
  say "no PostgreSQL is installed here, so tests of the store run on SQLite alone"
fi
"$@"
