# SPDX-License-Identifier: MIT OR Apache-2.0
"""Makes forgeries of each kind that the traces are for, and the same pictures without them.

usage: drawn.py PICTURES OUT SEED NUMBER KIND...

PICTURES is tab-separated (path, source), authentic pictures. OUT receives cuts of at most 640 px and
list.tsv as states.py writes it, NUMBER of each class, of the kinds in turn: curve, pasted, resampled, copied,
from_jpeg, into_jpeg, smoothed. What is pasted comes from the source of the rest, so that a source can be
held out; the authentic twin was compressed and saved like the rest.
"""
import csv
import os
import random
import sys

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from contrast import curve, cut, through
from off_grid import jpeg

SAVES = [None, None, 98, 95, 90, 80]
LEAST = 256


def shape(size, draw):
    """An ellipse or a box of 5 to 25 % of the picture: mask and bounding box."""
    share, aspect = draw.uniform(0.05, 0.25), draw.uniform(0.7, 1.4)
    side = (share * size[0] * size[1]) ** 0.5
    width, height = (int(min(0.8 * most, of)) for most, of in zip(size, (side * aspect, side / aspect)))
    left, top = draw.randint(0, size[0] - width), draw.randint(0, size[1] - height)
    mask, box = Image.new("L", size, 0), (left, top, left + width, top + height)
    pen = ImageDraw.Draw(mask)
    draw.choice([pen.ellipse, pen.rectangle])(box, fill=255)
    return mask, box


def placed(piece, size, box):
    """A picture of this size with the middle of another one in a box."""
    whole, (left, top, right, bottom) = Image.new("RGB", size), box
    x, y = (piece.width - (right - left)) // 2, (piece.height - (bottom - top)) // 2
    whole.paste(piece, (left - x, top - y))
    return whole


def resampled(piece, draw):
    if draw.random() < 0.5:
        scale = draw.choice([draw.uniform(0.6, 0.9), draw.uniform(1.1, 1.9)])
        side = tuple(round(scale * of) for of in piece.size)
        return piece.resize(side, draw.choice([Image.BILINEAR, Image.BICUBIC, Image.LANCZOS]))
    return piece.rotate(draw.choice([-1, 1]) * draw.uniform(3, 45), draw.choice([Image.BILINEAR, Image.BICUBIC]))


def forged(kind, own, other, draw):
    """The picture with a part that was changed, and without."""
    mask, box = shape(own.size, draw)
    if kind == "curve":
        table = None if draw.random() < 0.15 else curve(draw)[0]
        return Image.composite(through(own, table), own, mask), own
    if kind == "smoothed":
        return Image.composite(own.filter(ImageFilter.GaussianBlur(draw.uniform(1, 8))), own, mask), own
    if kind == "copied":
        from_x, from_y = (draw.randint(0, side) for side in own.size)
        piece = Image.new("RGB", own.size)
        for x in (from_x - own.width, from_x):
            for y in (from_y - own.height, from_y):
                piece.paste(own, (x, y))
        piece = draw.choice([lambda i: i, ImageOps.mirror, lambda i: resampled(i, draw)])(piece)
        return Image.composite(placed(piece, own.size, box), own, mask), own
    if kind == "resampled":
        other = resampled(other, draw)
    first = jpeg(other if kind == "from_jpeg" else own, draw.randint(50, 95), draw)
    x, y = draw.randint(0, 7), draw.randint(0, 7)
    if kind == "from_jpeg":
        other = first.crop((x, y, first.width, first.height))
    if kind == "into_jpeg":
        own = first
    return Image.composite(placed(other, own.size, box), own, mask), own


def main(listing, out, seed, number, *kinds):
    os.makedirs(out, exist_ok=True)
    of_source = {}
    for row in csv.DictReader(open(listing), delimiter="\t"):
        of_source.setdefault(row["source"], []).append(row["path"])
    sources = sorted(name for name, paths in of_source.items() if len(paths) > 1)
    draw, rows = random.Random(int(seed)), []
    while len(rows) < 2 * int(number):
        source = draw.choice(sources)
        own, other = (cut(path, draw) for path in draw.sample(of_source[source], 2))
        if min(*own.size, *other.size) < LEAST:
            continue
        kind, save = kinds[len(rows) // 2 % len(kinds)], draw.choice(SAVES)
        for truth, image in zip(("forged", "authentic"), forged(kind, own, other, draw)):
            path = f"{out}/{len(rows):04}_{kind}." + ("png" if save is None else "jpg")
            image.save(path, **({"compress_level": 1} if save is None else {"quality": save, "subsampling": 0}))
            rows.append((path, "drawn", truth, source, kind))
    with open(f"{out}/list.tsv", "w") as target:
        header = ("path", "state", "class", "group", "kind")
        csv.writer(target, delimiter="\t", lineterminator="\n").writerows([header, *rows])


if __name__ == "__main__":
    main(*sys.argv[1:])
