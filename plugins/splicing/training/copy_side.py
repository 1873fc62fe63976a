# SPDX-License-Identifier: MIT OR Apache-2.0
"""How often src/copy_side tells the copy from its original.

usage: copy_side.py DATA LINES

DATA holds manipulated/manifest.csv (columns path, mask_path, dataset); the masks know the pasted side only.
LINES is what `copy_sides` prints for its pictures. A side is the true copy if the mask covers at least half of it
and a fifth at most of the other.
"""
import csv
import json
import sys
from collections import Counter

import numpy as np
from PIL import Image

CELL, LEAST_ODDS = 8, 3.0
TRACES = ["grid", "double_jpeg", "off_grid", "resampling", "cfa"]


def covered(path, size):
    """Share of each cell that the mask covers, row by row."""
    mask = np.asarray(Image.open(path).convert("L").resize(size, Image.NEAREST)) > 127
    height, width = (-(-side // CELL) * CELL for side in mask.shape)
    padded = np.zeros((height, width))
    padded[: mask.shape[0], : mask.shape[1]] = mask
    return padded.reshape(height // CELL, CELL, width // CELL, CELL).mean((1, 3)).ravel()


def main(data, lines):
    about = {f"{data}/manipulated/{r['path']}": r for r in csv.DictReader(open(f"{data}/manipulated/manifest.csv"))}
    counts = {}
    for line in map(json.loads, open(lines)):
        row = about[line["path"]]
        share = covered(f"{data}/manipulated/{row['mask_path']}", Image.open(line["path"]).size)
        first, second = (share[line[side]].mean() for side in ("cells", "source_cells"))
        truth = 1 if first >= 0.5 and second <= 0.2 else -1 if second >= 0.5 and first <= 0.2 else 0
        for name in [*TRACES, "all"]:
            odds = sum(line[trace] for trace in TRACES) if name == "all" else line[name]
            told = "not told" if abs(odds) < LEAST_ODDS else "right" if odds * truth > 0 else "wrong"
            for of in (row["dataset"], "together"):
                counts.setdefault((name, of), Counter())[told if truth else "mask on both or neither"] += 1
    for (name, of), count in sorted(counts.items()):
        print(name, of, dict(count))


if __name__ == "__main__":
    main(*sys.argv[1:])
