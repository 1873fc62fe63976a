# SPDX-License-Identifier: MIT OR Apache-2.0
"""Makes the pictures that src/contrast was measured on, and measures.

usage: contrast.py pictures PICTURES OUT HALF SEED NUMBER
       contrast.py measured OUT LINES MAPS

PICTURES is tab-separated (path, source), authentic pictures; HALF is 0 or 1, which half of the sources is
taken. OUT receives cuts of at most 640 px, saved without loss, masks and list.tsv, NUMBER of them: an
ellipse or a square went through a curve (contrast, gamma, levels, equalisation) or was pasted from a
picture that did, the whole picture did, none of it did, and the first two saved as JPEG 98 afterwards.
LINES and MAPS are what `trace_maps contrast MAPS` prints and writes for the paths of list.tsv.
"""
import csv
import io
import json
import os
import random
import sys

import numpy as np
from PIL import Image, ImageDraw, ImageOps

KINDS = ["brightened", "pasted", "whole", "plain", "jpeg98"]
MOST, CELL = 640, 8


def curve(draw):
    """A table of 256 values, and what it is."""
    x = np.arange(256) / 255
    kind = draw.choice(["contrast", "gamma", "levels", "lower"])
    if kind == "contrast":
        by = draw.uniform(1.15, 1.7)
        y = 0.5 + by * (x - 0.5)
    elif kind == "gamma":
        by = draw.choice([draw.uniform(0.55, 0.85), draw.uniform(1.2, 1.8)])
        y = x**by
    elif kind == "levels":
        by = draw.uniform(1.15, 1.5)
        y = by * x
    else:
        by = draw.uniform(0.6, 0.85)
        y = 0.5 + by * (x - 0.5)
    return [int(v) for v in np.clip(np.rint(255 * y), 0, 255)], f"{kind} {by:.2f}"


def through(image, table):
    return ImageOps.equalize(image) if table is None else image.point(table * 3)


def cut(path, draw):
    image = Image.open(path).convert("RGB")
    width, height = min(MOST, image.width), min(MOST, image.height)
    x, y = draw.randint(0, image.width - width), draw.randint(0, image.height - height)
    return image.crop((x, y, x + width, y + height))


def shape(size, draw):
    mask = Image.new("L", size, 0)
    side = draw.uniform(80, 0.5 * min(size))
    left, top = (draw.uniform(0, whole - side) for whole in size)
    drawn = draw.choice([ImageDraw.Draw(mask).ellipse, ImageDraw.Draw(mask).rectangle])
    drawn((left, top, left + side, top + side), fill=255)
    return mask


def pictures(listing, out, half, seed, number):
    os.makedirs(out, exist_ok=True)
    everything = list(csv.DictReader(open(listing), delimiter="\t"))
    sources = sorted({row["source"] for row in everything})
    random.Random(5).shuffle(sources)
    paths = [row["path"] for row in everything if row["source"] in sources[int(half) :: 2]]
    draw, rows = random.Random(seed), []
    while len(rows) < int(number):
        own, other = (cut(draw.choice(paths), draw) for _ in range(2))
        if min(own.size) < 256 or min(other.size) < 256:
            continue
        kind, mask = KINDS[len(rows) % len(KINDS)], Image.new("L", own.size, 0)
        (table, what) = (None, "equalised") if draw.random() < 0.15 else curve(draw)
        picture = own
        if kind in ("brightened", "jpeg98"):
            mask = shape(own.size, draw)
            picture = Image.composite(through(own, table), own, mask)
        elif kind == "pasted":
            mask = shape(own.size, draw)
            other = through(other, table)
            whole = Image.new("RGB", own.size)
            for x in range(0, own.width, other.width):
                for y in range(0, own.height, other.height):
                    whole.paste(other, (x, y))
            picture = Image.composite(whole, own, mask)
        elif kind == "whole":
            picture = through(own, table)
        if kind == "jpeg98":
            file = io.BytesIO()
            picture.save(file, "JPEG", quality=98, subsampling=0)
            picture = Image.open(file).convert("RGB")
        name = f"{out}/{len(rows):03}_{kind}"
        picture.save(f"{name}.png", compress_level=1)
        mask.save(f"{name}_mask.png")
        rows.append((f"{name}.png", f"{name}_mask.png", kind, what))
    with open(f"{out}/list.tsv", "w") as target:
        header = ("path", "mask", "kind", "curve")
        csv.writer(target, delimiter="\t", lineterminator="\n").writerows([header, *rows])


def measured(out, lines, maps):
    rows = {row["path"]: row for row in csv.DictReader(open(f"{out}/list.tsv"), delimiter="\t")}
    spoke, curves, quality = {}, {}, {}
    for line in map(json.loads, open(lines)):
        row = rows[line["path"]]
        mask = np.asarray(Image.open(row["mask"])) > 127
        named, is_right = bool(line.get("regions")), False
        if named and mask.any():
            height, width = (-(-side // CELL) * CELL for side in mask.shape)
            padded = np.zeros((height, width))
            padded[: mask.shape[0], : mask.shape[1]] = mask
            truth = padded.reshape(height // CELL, CELL, width // CELL, CELL).mean((1, 3)).ravel() > 0.5
            found = np.fromfile(f"{maps}/{line['line']}.f32", "<f4") > 0
            both = (found & truth).sum()
            is_right = both > 0.3 * min(found.sum(), truth.sum())
            quality.setdefault(row["kind"], []).append(2 * both / (found.sum() + truth.sum()))
        state = "right" if is_right else "wrong" if named else "n/a" if "not_applicable" in line else "nothing"
        spoke.setdefault(row["kind"], []).append(state)
        if row["kind"] in ("brightened", "pasted"):
            curves.setdefault(row["curve"].split()[0], []).append(state)
    for name, states in [*spoke.items(), *curves.items()]:
        counts = ", ".join(f"{state} {states.count(state)}" for state in ("right", "wrong", "nothing", "n/a"))
        f1 = f"  F1 {np.mean(quality[name]):.2f}" if name in quality else ""
        print(f"{name:10} of {len(states)}: {counts}{f1}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["pictures", listing, out, half, seed, number]:
            pictures(listing, out, half, seed, number)
        case ["measured", out, lines, maps]:
            measured(out, lines, maps)
        case _:
            sys.exit(__doc__)
