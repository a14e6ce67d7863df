#!/usr/bin/env bash
# Runs every fuzz target for so many seconds, 60 unless told otherwise, beginning with the kept
# corpus. New inputs go to target/fuzz and not into the corpus, which is kept small.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
for file in fuzz/fuzz_targets/*.rs; do
    target=$(basename "$file" .rs)
    found=target/fuzz/corpus/$target
    mkdir -p "$found"
    cargo +nightly fuzz run --target-dir target/fuzz "$target" "$found" "fuzz/corpus/$target" \
        -- -max_total_time="$seconds" -max_len=4096 -print_final_stats=1
done
