# SPDX-License-Identifier: MIT OR Apache-2.0
"""Makes the pictures that the constants of src/off_grid were chosen on, and measures on others.

usage: off_grid.py pictures PICTURES OUT HALF SEED NUMBER
       off_grid.py measured OUT LINES MAPS

PICTURES is tab-separated (path, source), authentic pictures of at least 400 px a side; HALF is 0 or 1,
which half of the sources is taken. OUT receives pictures, masks and list.tsv, NUMBER of them: pasted
from a JPEG and pasted into a cropped one (saved as JPEG), not cropped, cropped only, pasted from a
JPEG and pasted into a decoded one (saved without loss), decoded only. LINES and MAPS are what
`trace_maps off_grid MAPS` prints and writes for the paths of list.tsv.
"""
import csv
import io
import json
import os
import random
import sys

import numpy as np
from PIL import Image, ImageDraw
from sklearn.metrics import roc_auc_score

KINDS = ["from", "into", "plain", "cropped", "from_lossless", "into_lossless", "plain_lossless"]
SIZES = [(384, 256), (360, 360), (512, 384), (600, 480)]
BEFORE, FIRST, LAST = [None, 60, 75, 85, 90, 95], (50, 95), [75, 80, 85, 90, 92, 95, 95, 97, 99]
CELL = 8


def jpeg(image, quality, draw):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, subsampling=draw.choice([0, 2]))
    return Image.open(file).convert("RGB")


def cut(path, size, draw):
    """A place of that size, in six of ten of a picture that was reduced first."""
    image, (width, height) = Image.open(path).convert("RGB"), size
    least = max(width / image.width, height / image.height)
    if least > 1:
        return None
    if draw.random() >= 0.4:
        scale = draw.uniform(least, 1)
        reduced = max(width, round(image.width * scale)), max(height, round(image.height * scale))
        image = image.resize(reduced, Image.LANCZOS)
    x, y = draw.randint(0, image.width - width), draw.randint(0, image.height - height)
    return image.crop((x, y, x + width, y + height))


def pictures(listing, out, half, seed, number):
    os.makedirs(out, exist_ok=True)
    everything = list(csv.DictReader(open(listing), delimiter="\t"))
    sources = sorted({row["source"] for row in everything})
    random.Random(5).shuffle(sources)
    paths = [row["path"] for row in everything if row["source"] in sources[int(half) :: 2]]
    draw, rows = random.Random(seed), []
    while len(rows) < int(number):
        width, height = draw.choice(SIZES)
        own = cut(draw.choice(paths), (width, height), draw)
        other = cut(draw.choice(paths), (width + CELL, height + CELL), draw)
        if own is None or other is None:
            continue
        kind = KINDS[len(rows) % len(KINDS)]
        before, first, last = draw.choice(BEFORE), draw.randint(*FIRST), draw.choice(LAST)
        x, y = draw.randint(0, 7), draw.randint(0, 7)
        off = jpeg(other, first, draw).crop((CELL - x, CELL - y, CELL - x + width, CELL - y + height))
        host, guest = jpeg(own, before, draw) if before else own, off
        if kind in ("into", "cropped"):
            host, guest = off, own
        elif kind in ("into_lossless", "plain_lossless"):
            host, guest = jpeg(own, first, draw), other.crop((0, 0, width, height))
        mask = Image.new("L", (width, height), 0)
        if kind.startswith(("from", "into")):
            side, aspect = (draw.uniform(0.04, 0.25) * width * height) ** 0.5, draw.uniform(0.7, 1.4)
            w, h = side * aspect, side / aspect
            left, top = draw.uniform(0, width - w), draw.uniform(0, height - h)
            ImageDraw.Draw(mask).ellipse((left, top, left + w, top + h), fill=255)
            host = Image.composite(guest, host, mask)
        name = f"{out}/{len(rows):03}_{kind}"
        lossless = kind.endswith("lossless")
        path = f"{name}.{'png' if lossless else 'jpg'}"
        host.save(path, **({} if lossless else {"quality": last, "subsampling": draw.choice([0, 2])}))
        mask.save(f"{name}_mask.png")
        rows.append((path, f"{name}_mask.png", kind, first, "" if lossless else last, x, y))
    with open(f"{out}/list.tsv", "w") as target:
        header = ("path", "mask", "kind", "first", "last", "x", "y")
        csv.writer(target, delimiter="\t", lineterminator="\n").writerows([header, *rows])


def measured(out, lines, maps):
    rows = {row["path"]: row for row in csv.DictReader(open(f"{out}/list.tsv"), delimiter="\t")}
    spoke, quality = {}, {}
    for line in map(json.loads, open(lines)):
        row = rows[line["path"]]
        named = bool(line.get("regions"))
        spoke.setdefault(row["kind"], []).append(named)
        mask = np.asarray(Image.open(row["mask"])) > 127
        if not named or not mask.any():
            continue
        height, width = (-(-side // CELL) * CELL for side in mask.shape)
        padded = np.zeros((height, width))
        padded[: mask.shape[0], : mask.shape[1]] = mask
        truth = padded.reshape(height // CELL, CELL, width // CELL, CELL).mean((1, 3)).ravel() > 0.5
        odds = np.fromfile(f"{maps}/{line['line']}.f32", "<f4")
        both = ((odds > 0) & truth).sum()
        f1 = 2 * both / ((odds > 0).sum() + truth.sum())
        quality.setdefault(row["kind"], []).append((roc_auc_score(truth, odds), f1))
    for kind in KINDS:
        mean = np.mean(quality.get(kind, [(np.nan, np.nan)]), 0)
        print(f"{kind:15} {sum(spoke[kind])} of {len(spoke[kind])}  cells AUC {mean[0]:.3f} F1 {mean[1]:.3f}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["pictures", listing, out, half, seed, number]:
            pictures(listing, out, half, seed, number)
        case ["measured", out, lines, maps]:
            measured(out, lines, maps)
        case _:
            sys.exit(__doc__)
