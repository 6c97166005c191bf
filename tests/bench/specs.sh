#!/bin/sh
# Measures how fast specs are read, on one core, and prints it.
# BOUGH_BENCH_BUILD names the build folder (default build/release).
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${BOUGH_BENCH_BUILD:-$root/build/release}
cmake -G Ninja -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DBOUGH_TESTS=OFF \
  -DBOUGH_BENCH=ON > /dev/null
ninja -C "$build" bough_specs_bench > /dev/null
exec "$build/tests/bench/bough_specs_bench" "$root/tests/cases/specs"
