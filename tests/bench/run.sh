#!/bin/sh
# Measures bough beside its floor and a peer on one PostgreSQL server and prints a table.
# run.sh [--wide N]    N: branches of the widest repository (default 1000, 0 for none)
# BOUGH_BENCH_BUILD names the build folder (default build/release).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=${BOUGH_BENCH_BUILD:-$root/build/release}
wide=1000
[ "${1:-}" = --wide ] && wide=$2

cmake -G Ninja -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DBOUGH_TESTS=OFF \
  -DBOUGH_BENCH=ON > /dev/null
ninja -C "$build" bough_bench

server=$(pg_config --bindir 2> /dev/null || true)
for folder in /usr/lib/postgresql/*/bin; do
  [ -x "$server/initdb" ] || server=$folder
done
work=$(mktemp -d "${TMPDIR:-/tmp}/bough-bench-XXXXXX")
chmod 755 "$work"
daemon=

# PostgreSQL does not run as root.
as_owner() {
  if [ "$(id -u)" -eq 0 ]; then setpriv --reuid postgres --regid postgres --init-groups "$@"
  else "$@"; fi
}

stop() {
  status=$?
  [ -z "$daemon" ] || kill "$daemon" 2> /dev/null || true
  [ ! -f "$work/data/postmaster.pid" ] ||
    as_owner "$server/pg_ctl" -D "$work/data" -m immediate stop > /dev/null 2>&1 || true
  if [ "$status" -ne 0 ] && [ -f "$work/last-output" ]; then cat "$work/last-output" >&2; fi
  rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT TERM

free_port() {
  while :; do
    port=$(shuf -n 1 -i 20000-31999)
    ss -Hltn "sport = :$port" | grep -q . || break
  done
  echo "$port"
}

# Everybody's connections are counted in the log.
start_server() {
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  mkdir "$work/data"
  printf '%s\n' "$password" > "$work/password"
  if [ "$(id -u)" -eq 0 ]; then chown postgres "$work/data" "$work/password"; fi
  as_owner "$server/initdb" -D "$work/data" -U postgres --auth=scram-sha-256 \
    --pwfile="$work/password" --encoding=UTF8 --locale=C.UTF-8 > /dev/null
  port=$(free_port)
  cat >> "$work/data/postgresql.conf" << SETTINGS
port = $port
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = on
shared_buffers = '256MB'
max_wal_size = '4GB'
log_connections = on
log_line_prefix = ''
SETTINGS
  : > "$work/server.log"
  if [ "$(id -u)" -eq 0 ]; then chown postgres "$work/server.log"; fi
  as_owner "$server/pg_ctl" -D "$work/data" -l "$work/server.log" -w start > /dev/null
}

start_git_daemon() {
  git_port=$(free_port)
  git daemon --verbose --log-destination=stderr --listen=127.0.0.1 --port="$git_port" \
    --base-path="$work" --export-all --reuseaddr 2> "$work/git.log" &
  daemon=$!
}

start_server
start_git_daemon
cd "$work"
"$build/tests/bench/bough_bench" --folder "$work" --psql "$server/psql" --port "$port" \
  --git-port "$git_port" --password "$password" --wide "$wide"
