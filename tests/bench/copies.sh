#!/bin/sh
# Measures copies of a template by each strategy, and what a branch with spares waits for.
# BOUGH_BENCH_BUILD names the build folder (default build/release); copies.py --help tells the rest.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${BOUGH_BENCH_BUILD:-$root/build/release}
cmake -G Ninja -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DBOUGH_TESTS=OFF > /dev/null
ninja -C "$build" bough > /dev/null
BOUGH=$build/reconciler/bough exec python3 -B "$root/tests/bench/copies.py" "$@"
