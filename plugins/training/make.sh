#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Trains the network and the models of gan and diffusion, and puts them where they are built from.
#
# usage: make.sh MANIFEST TAESD MODELS WORK
# MANIFEST: see extract.py. TAESD: a checkout of madebyollin/taesd. MODELS: where the packages of the enlargers
# are unpacked. WORK: a folder for what lies between, about 3 GB.
set -eu
manifest=$1 taesd=$2 models=$3 work=$4
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
mkdir -p "$work"
export OMP_NUM_THREADS=2
for seed in 1 2 3 4; do
  python "$here/aligned.py" --manifest "$manifest" --taesd "$taesd" --models "$models" --seed $seed --count 425 --out "$work/pairs$seed"
done
python "$here/finetune.py" --pairs "$work/pairs1" "$work/pairs2" "$work/pairs3" "$work/pairs4" --steps 1860 --share 0.3 --network "$work/network.bin"
cp "$work/network.bin" "$root/plugins/diffusion/data/network.bin"
cargo build --release --manifest-path "$root/Cargo.toml" --example crop_features -p assay-generator
features=$root/target/release/examples/crop_features
for part in 0 1 2 3; do
  python "$here/extract.py" --manifest "$manifest" --features "$features" --network "$work/network.bin" --part $part/4 --out "$work/features$part.npz"
done
pictures=$(basename "$manifest")
for hypothesis in diffusion gan; do
  options=$([ $hypothesis = gan ] && echo "--others generated --sets traces" || true)
  report=$work/$hypothesis.json
  python "$here/train.py" --hypothesis $hypothesis $options --features "$work"/features?.npz --report "$report"
  python "$here/train.py" --hypothesis $hypothesis $options --features "$work"/features?.npz --report "$report" --low
  python "$here/ship.py" --hypothesis $hypothesis --features "$work"/features?.npz --report "$report" \
    --weights "$root/plugins/$hypothesis/data/weights.bin" --trained-on "$pictures"
  for fold in 0 1 2 3 4; do
    python "$here/ship.py" --hypothesis $hypothesis --features "$work"/features?.npz --report "$report" \
      --weights "$work/$hypothesis$fold.bin" --trained-on "$pictures without fold $fold" --without $fold
  done
  python "$here/tables.py" "$report"
done
python "$here/attribution.py" --features "$work"/features?.npz --report "$work/attribution.json" --out "$root/plugins/diffusion/data/attribution.bin"
