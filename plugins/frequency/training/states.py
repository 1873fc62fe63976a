# SPDX-License-Identifier: MIT OR Apache-2.0
"""Brings generated and real pictures to the same states, so that format, size and JPEG history do
not tell them apart.

usage: states.py DATA OUT

DATA holds ai/manifest.csv and real/manifest.csv (columns path, label, generator, source,
original_format, kind) beside the pictures. OUT receives the re-encoded pictures and list.tsv.
"""
import csv
import hashlib
import io
import os
import sys

from PIL import Image

CROP, LARGE = 248, 384  # px: every picture of 256 px gives the first, larger ones the second
RESAMPLING = [Image.BICUBIC, Image.LANCZOS, Image.BILINEAR]


def encoded(image, quality, subsampling):
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, subsampling=subsampling)
    return buffer.getvalue()


def decoded(data):
    return Image.open(io.BytesIO(data)).convert("RGB")


def states(image, seed):
    """The crop starts off any former 8x8 grid; subsampling and resampling go by the seed."""
    width, height = image.size
    side = max(CROP, min(LARGE, min(width, height) - 8) // 8 * 8)
    x = min((width - side) // 16 * 8 + 3, width - side)
    y = min((height - side) // 16 * 8 + 5, height - side)
    large = image.crop((x, y, x + side, y + side))
    crop = large.crop((0, 0, CROP, CROP))
    before = image.crop((max(0, x - 3), max(0, y - 5), x + side, y + side))
    twice = decoded(encoded(before, 92, 2)).crop((3, 5, 3 + CROP, 5 + CROP))
    small = large.resize((side * 3 // 4,) * 2, RESAMPLING[seed // 5 % 3])
    blurred = crop.resize((CROP // 4,) * 2, Image.BOX).resize((CROP,) * 2, Image.BICUBIC)
    return {
        "J90": encoded(crop, 90, seed % 3),
        "J75": encoded(crop, 75, [0, 2][seed % 2]),
        "J90L": encoded(large, 90, seed // 7 % 3),
        "J92J85": encoded(twice, 85, [0, 2][seed // 2 % 2]),
        "R75J90": encoded(small, 90, seed // 11 % 3),
        "LOWPASS": encoded(blurred, 90, seed % 3),  # control: content without traces
    }


def main(data, out):
    os.makedirs(out, exist_ok=True)
    columns = ["path", "state", "class", "generator", "source", "format", "kind"]
    with open(f"{out}/list.tsv", "w") as listing:
        print(*columns, sep="\t", file=listing)
        for kind in ("ai", "real"):
            for row in csv.DictReader(open(f"{data}/{kind}/manifest.csv")):
                path = f"{data}/{kind}/{row['path']}"
                image = Image.open(path).convert("RGB")
                if row["label"] == "ai_edited" or min(image.size) < 256:
                    continue
                about = [kind, row["generator"], row["source"], row["original_format"], row["kind"]]
                print(path, "U", *about, sep="\t", file=listing)
                digest = hashlib.sha256(row["path"].encode()).hexdigest()
                for state, file in states(image, int(digest, 16)).items():
                    to = f"{out}/{kind}_{digest[:16]}_{state}.jpg"
                    with open(to, "wb") as target:
                        target.write(file)
                    print(to, state, *about, sep="\t", file=listing)


if __name__ == "__main__":
    main(*sys.argv[1:])
