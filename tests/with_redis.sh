#!/usr/bin/env bash
# Runs a command with RAPPORT_TEST_REDIS naming a Redis: the one named already (its databases 8 to 15 are emptied), else one of its own, in
# memory only, ended with the command. Where Redis is not installed, the command runs without.
set -euo pipefail

say() { echo "with_redis: $1" >&2; }

if [ -z "${RAPPORT_TEST_REDIS:-}" ] && command -v redis-server >/dev/null; then
  folder=$(mktemp -d)
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --dir "$folder" >"$folder/log" 2>&1 &
  server=$!
  trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
  trap 'exit 130' INT TERM HUP
  for _ in $(seq 100); do
    redis-cli -h 127.0.0.1 -p "$port" ping >/dev/null 2>&1 && break
    kill -0 "$server" 2>/dev/null || { say "a server could not be started:"; cat "$folder/log" >&2; exit 1; }
    sleep 0.1
  done
  export RAPPORT_TEST_REDIS=redis://127.0.0.1:$port
fi
if [ -n "${RAPPORT_TEST_REDIS:-}" ]; then
  say "tests of what processes share run on Redis (${RAPPORT_TEST_REDIS##*@})"
else
  say "Redis is not installed here, so tests of what processes share skip"
fi
"$@"
