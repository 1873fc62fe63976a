# SPDX-License-Identifier: MIT OR Apache-2.0
"""Makes the constants of the residual texture: src/residual_texture/table.rs and verdict.rs.

usage: residual_texture.py pictures PICTURES OUT [SHARE]
       residual_texture.py table LIST BLOCKS [--write FILE]
       residual_texture.py verdict LIST NUMBERS

`pictures` draws authentic ones from PICTURES (tab-separated columns path, source), makes splices of
two of them, and writes both to OUT with list.tsv; SHARE of the usual number for a trial. BLOCKS and
NUMBERS are the folder and the output of the example `residual_blocks` for the paths of LIST, which is
list.tsv. `table` fits regression and directions and writes table.rs to FILE, `verdict` prints the
constants of verdict.rs. Same input, same output.
"""
import csv
import os
import random
import re
import sys
import zlib

import numpy as np
import scipy.linalg
from PIL import Image, ImageDraw, ImageFilter
from sklearn.metrics import roc_auc_score

SIZES = [(130_000, 300), (400_000, 300), (1_200_000, 200), (5_000_000, 60), (16_000_000, 30)]
SPLICES = [((384, 256), 150), ((768, 768), 110)]  # px, number
QUALITIES = [75, 85, 90, 95, 95, 98, 100, 100]
BINS, EXPLAINING, DIMENSIONS = 50, 7, 8
FEWEST_BLOCKS, MOST_BLOCKS = 12, 150  # of a picture
FITTED_PIXELS = 1_200_000  # no splice is larger, so no larger authentic picture is fitted to
BUCKETS = [(130_000, "130_000"), (400_000, "400_000"), (1_000_000, "1_000_000"), (1e99, "usize::MAX")]
TAIL_SHARE, FEWEST_IN_BUCKET = 0.05, 100


def listed(listing):
    return list(csv.DictReader(open(listing), delimiter="\t"))


def cut(picture, size, draw):
    """A place of that size, half of the time of a picture that was reduced first."""
    image, (width, height) = Image.open(picture["path"]).convert("RGB"), size
    if image.width < width or image.height < height:
        return None
    least = max(width / image.width, height / image.height)
    if draw.random() < 0.5 or image.width > 4 * width:
        scale = draw.uniform(least, min(1, 2.5 * least))
        if scale < 0.8:
            reduced = max(width, round(image.width * scale)), max(height, round(image.height * scale))
            image = image.resize(reduced, draw.choice([Image.LANCZOS, Image.BICUBIC, Image.BILINEAR]))
    x, y = draw.randint(0, image.width - width), draw.randint(0, image.height - height)
    return image.crop((x, y, x + width, y + height))


def blob(size, draw):
    """A rounded polygon of 4 to 30 % of the area, half of the time with a soft border."""
    mask, (width, height) = Image.new("L", size), size
    side, aspect = (draw.uniform(0.04, 0.30) * width * height) ** 0.5, draw.uniform(0.6, 1.6)
    w, h = side * aspect**0.5, side / aspect**0.5
    x, y = (draw.uniform(min(s, whole) / 2, whole - min(s, whole) / 2) for s, whole in ((w, width), (h, height)))
    corners = []
    for angle in sorted(draw.uniform(0, 2 * np.pi) for _ in range(14)):
        radius = draw.uniform(0.4, 0.625)
        corners.append((x + 1.1 * radius * w * np.cos(angle), y + radius * h * np.sin(angle)))
    ImageDraw.Draw(mask).polygon(corners, fill=255)
    return mask.filter(ImageFilter.GaussianBlur(1)) if draw.random() < 0.5 else mask


def pictures(listing, out, share=1.0):
    """Authentic pictures of all sizes, and splices with what they were made from, saved alike."""
    os.makedirs(out, exist_ok=True)
    draw, rows, least, everything = random.Random(7), [], 0, listed(listing)
    pixels = [int(np.prod(Image.open(row["path"]).size)) for row in everything]
    for below, most in SIZES:
        of = [row for row, size in zip(everything, pixels) if least <= size < below]
        drawn = draw.sample(of, min(len(of), round(share * most)))
        rows += [(row["path"], "authentic", row["source"]) for row in drawn]
        least = below
    for size, number in SPLICES:
        made = 0
        for _ in range(50 * number):
            if made == round(share * number):
                break
            host, guest = draw.sample(everything, 2)
            own, foreign = cut(host, size, draw), cut(guest, size, draw)
            if host["source"] == guest["source"] or own is None or foreign is None:
                continue
            forged, quality = Image.composite(foreign, own, blob(size, draw)), draw.choice(QUALITIES)
            for image, truth in ((forged, "forged"), (own, "authentic")):
                path = f"{out}/{size[0]}_{made}_{truth[0]}.jpg"
                image.save(path, quality=quality, subsampling=draw.choice([0, 2]))
                rows.append((path, truth, host["source"]))
            made += 1
        if made < round(share * number):
            sys.exit(f"Too few pictures of at least {size} px and of different sources.")
    with open(f"{out}/list.tsv", "w") as target:
        csv.writer(target, delimiter="\t", lineterminator="\n").writerows([("path", "class", "source"), *rows])


def rust_table(name, what, rows, length):
    cell = lambda v: re.sub(r"(\.\d+?)0*$", r"\1", f"{float(f'{v:.4g}'):.7f}")
    lines = "".join(f"    [{', '.join(map(cell, row))}],\n" for row in rows)
    doc = f"\n/// For each {what} its share in each direction.\n#[rustfmt::skip]\n"
    return f"{doc}pub(super) const {name}: [[f64; DIMENSIONS]; {length}] = [\n{lines}];\n"


def table(listing, folder, target=None):
    """Blocks of authentic pictures: a regression, then linear discriminants of what it leaves."""
    random_rows, kept, sources = np.random.default_rng(0), [], set()
    for line, row in enumerate(listed(listing)):
        blocks = np.fromfile(f"{folder}/{line}.f32", "<f4").reshape(-1, BINS + EXPLAINING).astype(float)
        if row["class"] == "authentic" and len(blocks) >= FEWEST_BLOCKS:
            kept.append(blocks[random_rows.permutation(len(blocks))[:MOST_BLOCKS]])
            sources.add(row["source"])
    every = np.concatenate(kept)
    explained = np.linalg.lstsq(every[:, BINS:], every[:, :BINS], rcond=None)[0]
    means, within = [], np.zeros((BINS, BINS))
    for blocks in kept:
        left = blocks[:, :BINS] - blocks[:, BINS:] @ explained
        means.append(left.mean(0))
        within += np.cov(left.T, bias=True) / len(kept)
    within += 1e-3 * np.trace(within) / BINS * np.eye(BINS)  # frequencies sum to 1: else singular
    ratios, directions = scipy.linalg.eigh(np.cov(np.transpose(means)), within)
    directions = directions[:, np.argsort(-ratios)[:DIMENSIONS]]
    largest = np.abs(directions).argmax(0)  # made positive: a direction's sign means nothing
    directions = directions * np.sign(directions[largest, range(DIMENSIONS)])
    text = f"""// SPDX-License-Identifier: MIT OR Apache-2.0
//! Fitted constants: what texture and brightness explain, and the discriminant directions.
//!
//! From {len(kept)} authentic pictures of {len(sources)} sources, blocks of 64 px: written by
//! `training/residual_texture.py`, see `TRAINING.md` there.

use super::histograms::BINS;
use super::subspace::{{DIMENSIONS, EXPLAINING}};
"""
    text += rust_table("EXPLAINED", "function of texture and brightness", explained @ directions, "EXPLAINING")
    text += rust_table("DIRECTIONS", "pattern", directions, "BINS")
    print(text, end="", file=open(target, "w") if target else sys.stdout)


def regression(x, truth, penalty=3.0):
    """Offset and weights of a logistic regression on standardised numbers; classes weigh the same."""
    weight = np.where(truth == 1, 0.5 / truth.mean(), 0.5 / (1 - truth.mean()))
    mean, deviation = x.mean(0), x.std(0) + 1e-9
    z, found = np.c_[np.ones(len(x)), (x - mean) / deviation], np.zeros(x.shape[1] + 1)
    ridge = penalty * np.diag([0.0] + [1.0] * x.shape[1])
    for _ in range(40):
        p = 1 / (1 + np.exp(-z @ found))
        curvature = (z * (weight * p * (1 - p))[:, None]).T @ z + ridge
        found = found + np.linalg.solve(curvature, z.T @ (weight * (truth - p)) - ridge @ found)
    slope = found[1:] / deviation
    return found[0] - mean @ slope, slope


def verdict(listing, measured):
    """Weights that tell splices from authentic pictures, and how far the latter reach."""
    truths = {row["path"]: row["class"] for row in listed(listing)}
    rows = [line.rstrip("\n").split("\t") for line in open(measured)]
    fitted = [row for row in rows if len(row) > 2 and int(row[1]) < FITTED_PIXELS]
    x = np.array([row[2:] for row in fitted], float)
    truth = np.array([int(truths[row[0]] == "forged") for row in fitted])
    names = [re.sub("_[af][.]jpg$", "", os.path.basename(row[0])) for row in fitted]  # of both sides of a splice
    half = np.array([zlib.crc32(name.encode()) % 2 for name in names])
    held = np.zeros(len(x))
    for side in (0, 1):
        offset, slope = regression(x[half != side], truth[half != side])
        held[half == side] = offset + x[half == side] @ slope
    print(f"// {truth.sum()} splices of {len(truth)} pictures, halves held out: AUC {roc_auc_score(truth, held):.3f}")
    offset, slope = regression(x, truth)
    print(f"const WEIGHTS: [f64; NUMBERS] = [{', '.join(f'{v:.4f}' for v in slope)}];")
    print(f"const INTERCEPT: f64 = {offset:.4f};")
    tails, least = [], 0
    for below, name in BUCKETS:
        of = [row for row in rows if truths[row[0]] == "authentic" and least <= int(row[1]) < below]
        if len(of) < 2:
            sys.exit(f"Too few authentic pictures from {least} to below {name} px.")
        # Pictures whose blocks make one group have no numbers and the least log odds.
        odds = np.clip([offset + np.array(row[2:], float) @ slope if row[2:] else -12 for row in of], -12, 12)
        start = np.quantile(odds, 1 - TAIL_SHARE)
        excess = odds[odds > start] - start
        tails.append([name, len(of), start, max(excess.mean(), excess.max() / np.log(len(excess) + 1))])
        least = below
    widest = max(scale for *_, scale in tails)
    for name, number, start, scale in tails:
        scale = scale if number >= FEWEST_IN_BUCKET else widest  # a few pictures show no far tail
        print(f"    ({name}, Tail {{ start: {start:.3f}, scale: {scale:.2f} }}), // {number} pictures")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["pictures", listing, out, *share] if len(share) < 2:
            pictures(listing, out, *map(float, share))
        case ["table", listing, folder] | ["table", listing, folder, "--write", _]:
            table(listing, folder, *sys.argv[5:])
        case ["verdict", listing, numbers]:
            verdict(listing, numbers)
        case _:
            sys.exit(__doc__)
