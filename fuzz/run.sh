#!/usr/bin/env bash
# Runs every fuzz target, or those that are named, one after the other.
# Usage: fuzz/run.sh SECONDS [TARGET...]        (needs nightly Rust and cargo-fuzz)
# CORPUS names a folder for what is found on the way, with a folder of further inputs a target; else
# fuzz/corpus. Exit status: 0 nothing found, 1 something found, 2 wrong usage.
set -euo pipefail
if [ $# -lt 1 ]; then
    echo "usage: $0 SECONDS [TARGET...]" >&2
    exit 2
fi
cd "$(dirname "$0")"
seconds=$1
shift
corpus=${CORPUS:-corpus}
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
    mapfile -t targets < <(cargo +nightly fuzz list --fuzz-dir .)
fi
found=0
for target in "${targets[@]}"; do
    mkdir -p "$corpus/$target"
    dictionary=()
    for kind in "$target" "${target%%_*}"; do
        if [ -f "dict/$kind.dict" ]; then
            dictionary=("-dict=dict/$kind.dict")
            break
        fi
    done
    echo "== $target, $seconds s"
    # A run that takes 10 s or 2 GB is a finding.
    cargo +nightly fuzz run --fuzz-dir . "$target" "$corpus/$target" "seeds/$target" -- \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
        -print_final_stats=1 "${dictionary[@]}" || found=1
done
exit "$found"
