#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Makes the constants of src/model.rs from labelled pictures, and prints the figures of the model card.
# usage: make.sh DATA OUT, from any folder of the repository; PYTHON names the interpreter.
# DATA: see states.py; OUT: a folder for re-encoded pictures and tables.
set -eu
data=$1 out=$2
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
"$python" "$here/states.py" "$data" "$out"
cut -f1 "$out/list.tsv" | tail -n +2 |
    cargo run --release --quiet --package assay-noise --example noise_features > "$out/features.tsv"
"$python" "$here/fit.py" "$out/features.tsv" "$out/list.tsv" 1000 "$here/../src/model.rs" |
    tee "$out/figures.txt"
cargo fmt --package assay-noise
