#!/bin/sh
# Measures what starting a command in the sandbox takes beside a bare posix_spawn, in one run.
# BOUGH_BENCH_BUILD names the build folder (default build/release).
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${BOUGH_BENCH_BUILD:-$root/build/release}
cmake -G Ninja -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DBOUGH_TESTS=OFF \
  -DBOUGH_BENCH=ON > /dev/null
ninja -C "$build" bough_sandbox_bench > /dev/null
exec "$build/tests/bench/bough_sandbox_bench"
