#!/bin/bash
# Feeds the readers what a fuzzer makes of the repository's own test data, under sanitizers.
#   tests/fuzz/run.sh [SECONDS] [TARGET...]    default: 10 seconds each of spec, config, bindables
# What makes one fail is kept below build/debug/fuzz/found; what it learnt, below its corpus.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$root/build/debug
work=$build/fuzz
seconds=${1:-10}
targets=("${@:2}")
[ ${#targets[@]} -gt 0 ] || targets=(spec config bindables)

build() {
  local log=$work/build.log
  mkdir -p "$work"
  (cd "$root" && cmake --preset debug && cmake --build --preset debug -- "${targets[@]/#/fuzz_}") \
    >"$log" 2>&1 || {
    tail -30 "$log" >&2
    exit 1
  }
}

# The repository's files, the words of YAML and of the shapes, and the small inputs beside this.
seed() {
  local folder=$work/seeds/$1
  mkdir -p "$folder" "$work/corpus/$1" "$work/found"
  case $1 in
    spec) find "$root/tests/cases/specs" "$root/examples" \( -name '*.yaml' -o -name '*.json' \) ;;
    config) find "$root/examples" "$root/tests" -name 'bough*.yaml' ;;
    bindables) ;;
  esac | while read -r file; do
    cp "$file" "$folder/$(sha256sum <"$file" | cut -c 1-16)"
  done
  find "$root/tests/fuzz/seeds/$1" -type f -exec cp {} "$folder/" \;
}

fuzz() {
  echo "== $1: $seconds s"
  "$build/tests/fuzz/fuzz_$1" "$work/corpus/$1" "$work/seeds/$1" \
    -dict="$root/tests/fuzz/words.dict" -max_total_time="$seconds" -timeout=10 \
    -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 -artifact_prefix="$work/found/$1-" \
    >"$work/$1.log" 2>&1 || {
    tail -40 "$work/$1.log" >&2
    echo "run.sh: $1 failed; its input is in $work/found" >&2
    return 1
  }
  grep --quiet 'number_of_executed_units: [1-9]' "$work/$1.log" || {
    echo "run.sh: $1 tried nothing" >&2
    return 1
  }
  grep -E 'number_of_executed_units|peak_rss_mb|average_exec' "$work/$1.log"
}

build
for target in "${targets[@]}"; do
  seed "$target"
  fuzz "$target"
done
