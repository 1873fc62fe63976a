# SPDX-License-Identifier: MIT OR Apache-2.0
"""Brings forged and authentic pictures to the same sizes and last saves.

usage: states.py DATA OUT

DATA holds manipulated/manifest.csv (columns path, mask_path, dataset, type) and real/manifest.csv
(path, source, kind). OUT receives the cut and re-encoded pictures and list.tsv.
"""
import csv
import hashlib
import os
import sys

from PIL import Image

SIDE = 400  # px: most pictures are not larger


def cut(image, centre):
    """At most SIDE px around the centre, on the file's grid of 8 px."""
    width, height = (min(SIDE, side) for side in image.size)
    x, y = (
        min(max(0, int(at) - side // 2), whole - side) // 8 * 8
        for at, side, whole in zip(centre, (width, height), image.size)
    )
    return image.crop((x, y, x + width, y + height))


def pictures(data):
    """(path, class, group, kind, centre) of each picture."""
    for row in csv.DictReader(open(f"{data}/manipulated/manifest.csv")):
        path, centre = f"{data}/manipulated/{row['path']}", None
        if row["mask_path"]:
            mask = Image.open(f"{data}/manipulated/{row['mask_path']}").convert("L")
            left, top, right, bottom = mask.point(lambda v: 255 * (v > 127)).getbbox() or (0, 0, *mask.size)
            centre = ((left + right) / 2, (top + bottom) / 2)
        truth = "authentic" if row["type"] == "authentic" else "forged"
        yield path, truth, row["dataset"], row["type"], centre
    for row in csv.DictReader(open(f"{data}/real/manifest.csv")):
        if row["stored"] != "crop_jpeg94_444":
            yield f"{data}/real/{row['path']}", "authentic", row["source"], row["kind"], None


def main(data, out):
    os.makedirs(out, exist_ok=True)
    with open(f"{out}/list.tsv", "w") as listing:
        print("path", "state", "class", "group", "kind", sep="\t", file=listing)
        for path, truth, group, kind, centre in pictures(data):
            image = Image.open(path).convert("RGB")
            name = hashlib.sha256(path.encode()).hexdigest()[:16]
            small = cut(image, centre or (image.width / 2, image.height / 2))
            files = {"as_is": path, "cut": f"{out}/{name}.png", "cut_q90": f"{out}/{name}.jpg"}
            small.save(files["cut"])
            small.save(files["cut_q90"], quality=90)
            for state, file in files.items():
                print(file, state, truth, group, kind, sep="\t", file=listing)


if __name__ == "__main__":
    main(*sys.argv[1:])
