#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# usage: run.sh DATA OUT; prints the figures of the model card and the constants of src/model.rs.
set -eu
here=$(dirname "$0")
python3 "$here/states.py" "$1" "$2"
cargo build --release -p assay-frequency --example frequency_features
features=${CARGO_TARGET_DIR:-target}/release/examples/frequency_features
tail -n +2 "$2/list.tsv" | cut -f1 | "$features" > "$2/features.tsv"
tail -n +2 "$2/list.tsv" | cut -f1 | "$features" traces > "$2/traces.tsv"
python3 "$here/fit.py" "$2/features.tsv" "$2/traces.tsv" "$2/list.tsv"
python3 "$here/traces.py" "$2/traces.tsv" "$2/list.tsv"
