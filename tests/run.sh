#!/bin/bash
# Installs what is missing, builds bough with sanitizers and runs every test.
#   tests/run.sh [CTEST OPTIONS...]     for example: tests/run.sh -R spec_test
# Exits with 0 only when all passed, none was skipped, and nothing of it keeps running.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$root/build/debug
export HOME=${HOME:-$(getent passwd "$(id -u)" | cut -d : -f 6)}
export LC_ALL=C.UTF-8

build() {
  local log=$root/build/tests-build.log
  mkdir -p "$root/build"
  echo "Building with sanitizers (some minutes the first time) ..."
  (cd "$root" && cmake --preset debug && cmake --build --preset debug) >"$log" 2>&1 || {
    grep -m 20 -A 5 -E 'error:|FAILED|CMake Error' "$log" >&2 || tail -30 "$log" >&2
    echo "run.sh: the build failed; all it said is in $log" >&2
    exit 1
  }
}

# In memory when there is room: the tests make some hundred databases, and disks are slow.
scratch() {
  local memory=/dev/shm parent=${TMPDIR:-/tmp}
  local free
  free=$(df --output=avail -k "$memory" 2>/dev/null | tail -1)
  if [ "${free:-0}" -gt 4194304 ] && [ -w "$memory" ]; then parent=$memory; fi
  mktemp -d "$parent/bough-XXXXXX"
}

# Processes that work in the tests' folder or were started with it, zombies aside.
leftovers() {
  local process
  for process in /proc/[0-9]*; do
    [ "${process#/proc/}" != $$ ] && [ "${process#/proc/}" != "$BASHPID" ] || continue
    if [[ $(readlink "$process/cwd" 2>/dev/null) == "$TMPDIR"* ]] ||
      grep --quiet --text --fixed-strings -- "$TMPDIR" "$process/cmdline" 2>/dev/null; then
      tr '\0' ' ' <"$process/cmdline" 2>/dev/null | sed "s|^|${process#/proc/} |; s|\$|\n|" || true
    fi
  done
}

# What is just ending may take a moment; what stays is a fault, and is ended.
none_left() {
  local until=$((SECONDS + 10)) left
  while left=$(leftovers) && [ -n "$left" ]; do
    if [ "$SECONDS" -ge "$until" ]; then
      printf 'still running after the tests:\n%s\n' "$left"
      cut -d ' ' -f 1 <<<"$left" | xargs kill -KILL 2>/dev/null || true
      return 1
    fi
    sleep 0.2
  done
}

count() { sed -n "s/.*tests passed, \([0-9]*\) tests failed out of \([0-9]*\).*/$1/p" "$report" | tail -1; }

main() {
  local status=0 failed total
  "$root/tests/install.sh" build run test
  build
  TMPDIR=$(scratch)
  export TMPDIR
  chmod 755 "$TMPDIR"
  report=$build/tests.log
  ctest --test-dir "$build" --output-on-failure --no-tests=error --parallel $(($(nproc) + 1)) --timeout 900 \
    "$@" 2>&1 | tee "$report" || status=1
  if grep --text --extended-regexp '^\[  SKIPPED \]|skipped=[1-9]|^Ran 0 tests' "$build/Testing/Temporary/LastTest.log"; then
    echo "run.sh: a full run must neither skip nor find no tests" && status=1
  fi
  none_left || status=1
  rm -rf "$TMPDIR"
  failed=$(count '\1') total=$(count '\2')
  echo "$((${total:-0} - ${failed:-0})) passed, ${failed:-0} failed in $SECONDS s"
  return $status
}

main "$@"
