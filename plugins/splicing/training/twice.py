# SPDX-License-Identifier: MIT OR Apache-2.0
"""Compresses authentic pictures twice on one grid, as forgeries are whose background was a JPEG.

usage: twice.py DATA OUT SEED

DATA as for states.py. OUT receives the authentic pictures of casia1, saved once more with the tables of
one of its forgeries each (c000.jpg and so on), 250 cuts of other authentic pictures, saved at quality 50 to 92
and then at 75 to 98 (r000.jpg and so on), and list.tsv (path).
"""
import csv
import os
import random
import sys

from PIL import Image, JpegImagePlugin

CUTS, LEAST = 250, 256


def main(data, out, seed):
    os.makedirs(out, exist_ok=True)
    draw, paths = random.Random(int(seed)), []
    casia = [row for row in csv.DictReader(open(f"{data}/manipulated/manifest.csv")) if row["dataset"] == "casia1"]
    forged = [row["path"] for row in casia if row["type"] != "authentic"]
    for row in casia:
        if row["type"] != "authentic":
            continue
        image = Image.open(f"{data}/manipulated/{row['path']}").convert("RGB")
        like = Image.open(f"{data}/manipulated/{draw.choice(forged)}")
        if like.format == "JPEG":
            paths.append(f"{out}/c{len(paths):03}.jpg")
            image.save(paths[-1], qtables=like.quantization, subsampling=JpegImagePlugin.get_sampling(like))
    rows = csv.DictReader(open(f"{data}/real/manifest.csv"))
    others = [row["path"] for row in rows if row["stored"] != "crop_jpeg94_444"]
    draw.shuffle(others)
    count = 0
    for path in others:
        if count == CUTS:
            break
        image = Image.open(f"{data}/real/{path}").convert("RGB")
        if min(image.size) < LEAST:
            continue
        width, height = min(image.width, draw.choice([384, 400, 640])), min(image.height, draw.choice([256, 400]))
        x, y = draw.randint(0, image.width - width), draw.randint(0, image.height - height)
        image = image.crop((x, y, x + width, y + height))
        first, last = draw.randint(50, 92), draw.randint(75, 98)
        subsampling = draw.choice([0, 2])
        paths.append(f"{out}/r{count:03}.jpg")
        image.save(paths[-1], quality=first, subsampling=subsampling)
        Image.open(paths[-1]).convert("RGB").save(paths[-1], quality=last, subsampling=subsampling)
        count += 1
    with open(f"{out}/list.tsv", "w") as listing:
        print("path", *paths, sep="\n", file=listing)


if __name__ == "__main__":
    main(*sys.argv[1:])
