#!/bin/sh
# Measures webhooks in about a minute and prints it; options are those of webhooks.py.
# BOUGH_BENCH_BUILD names the build folder (default build/release).
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${BOUGH_BENCH_BUILD:-$root/build/release}
cmake -G Ninja -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DBOUGH_TESTS=OFF \
  -DBOUGH_BENCH=ON > /dev/null
ninja -C "$build" bough bough_storm > /dev/null
exec python3 -B "$root/tests/bench/webhooks.py" --bough "$build/reconciler/bough" \
  --storm "$build/tests/bench/bough_storm" "$@"
