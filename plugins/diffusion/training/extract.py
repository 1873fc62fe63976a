# SPDX-License-Identifier: MIT OR Apache-2.0
"""Features of labelled pictures in several equal versions of both classes.

usage: extract.py --collection DIR --features BINARY --out FILE.npz [--limit N] [--part I/N]

DIR holds one folder a class (`ai`, `real`, optionally `prnu`), each with a `manifest.csv` whose columns
are path, label, generator, family, source, stored, original_format, kind. BINARY is the example
`trace_features` of this crate, so that training sees the product's decoder, crops and features.

Every picture is first brought to the same last save and size: a crop of at most 384 px a side at native
scale, JPEG quality 94, 4:4:4, on an 8 px grid that is moved against that of the file. What is stored so
already is only cut. All other versions start from there, with the same random choices for both classes.
"""
import argparse, csv, hashlib, io, os, struct, subprocess, threading

import numpy as np
from PIL import Image, ImageFilter

LEAST, LARGEST, FEATURES = 256, 384, 572
FILTERS = [Image.BOX, Image.BILINEAR, Image.BICUBIC, Image.LANCZOS]


def jpeg(image, quality, subsampling):
    out = io.BytesIO()
    image.save(out, "JPEG", quality=int(quality), subsampling={"444": 0, "420": 2}[subsampling])
    return out.getvalue()


def lossless(image):
    out = io.BytesIO()
    image.save(out, "BMP")
    return out.getvalue()


def decoded(data):
    return Image.open(io.BytesIO(data)).convert("RGB")


def moved(image, rng):
    """Moves the block grid by 0..7 px where the picture can spare them."""
    width, height = image.size
    x, y = (int(rng.integers(8)) if side >= LEAST + 7 else 0 for side in (width, height))
    return image.crop((x, y, width, height))


def scaled(image, factor, method):
    width, height = (max(LEAST if side >= LEAST else 1, round(side * factor)) for side in image.size)
    return image.resize((width, height), method)


def equal_base(path, row, rng):
    """The picture after the common last save and cut to the common size, or None when it is too small."""
    data = open(path, "rb").read()
    image = decoded(data)
    if min(image.size) < LEAST:
        return None
    if row["stored"] != "crop_jpeg94_444":
        if row["stored"] != "crop_lossless":
            image = moved(image, rng)
        x, y = (int(rng.integers(max(side - LARGEST, 0) + 1)) for side in image.size)
        image = image.crop((x, y, *(min(at + LARGEST, side) for at, side in zip((x, y), image.size))))
        image = decoded(jpeg(image, 94, "444"))
    # Without a common size, scale factors and positions of crops would tell the classes apart.
    return image.crop((0, 0, *(min(LARGEST, side // 8 * 8) for side in image.size)))


def degraded(image, rng):
    """A random history; returns the bytes and the last quality, 0 for none."""
    if rng.random() < 0.35:
        image = decoded(jpeg(image, rng.integers(80, 99), "420"))
    image = moved(image, rng)
    if rng.random() < 0.45:
        factor = rng.uniform(max(0.6, LEAST / min(image.size)), 1.15)
        image = scaled(image, factor, FILTERS[rng.integers(4)])
    if rng.random() < 0.1:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.9)))
    subsampling = "444" if rng.random() < 0.3 else "420"
    quality = int(rng.integers(70, 99))
    if rng.random() < 0.75:
        return jpeg(image, quality, subsampling), quality
    return lossless(image), 0


def versions(path, row, rng):
    """(name, bytes, last quality) of each version; `file` is the file itself, never trained on."""
    image = equal_base(path, row, rng)
    if image is None:
        return
    yield "equal", lossless(image), 94
    yield "q90", jpeg(moved(image, rng), 90, "420"), 90
    yield "q75", jpeg(moved(image, rng), 75, "420"), 75
    if min(image.size) * 0.75 >= LEAST:
        small = scaled(image, 0.75, Image.LANCZOS)
        yield "r75q90", jpeg(small, 90, "420"), 90
        yield "r75", lossless(small), 0
    width, height = image.size
    low = image.resize((width // 4, height // 4), Image.BOX).resize((width, height), Image.BILINEAR)
    yield "lowpass", jpeg(low, 90, "420"), 90
    for i in range(3):
        data, quality = degraded(image, rng)
        yield f"random{i}", data, quality
    if row["stored"] != "crop_jpeg94_444":
        yield "file", file_crop(path), -1


def file_crop(path):
    """The file as it is; formats that the example does not read, and giants, as lossless pixels."""
    image = Image.open(path)
    if image.format == "JPEG":
        return open(path, "rb").read()
    return lossless(image.convert("RGB"))


def rows(collection):
    for folder in ("ai", "real", "prnu"):
        manifest = os.path.join(collection, folder, "manifest.csv")
        if not os.path.exists(manifest):
            continue
        for row in csv.DictReader(open(manifest, newline="")):
            if row["label"] in ("ai_generated", "authentic") and row["kind"] != "prnu_flat":
                yield os.path.join(collection, folder, row["path"]), row


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--collection", required=True)
    parser.add_argument("--features", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--part", default="0/1")
    args = parser.parse_args()
    part, parts = map(int, args.part.split("/"))
    pictures = list(rows(args.collection))
    pictures = (pictures[:: max(1, len(pictures) // args.limit)] if args.limit else pictures)[part::parts]
    process = subprocess.Popen([args.features], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    order = []

    def feed():
        for path, row in pictures:
            seed = int.from_bytes(hashlib.sha256(row["path"].encode()).digest()[:8], "little")
            for name, data, quality in versions(path, row, np.random.default_rng(seed)):
                order.append((row, name, quality))
                process.stdin.write(struct.pack("<I", len(data)) + data)
        process.stdin.close()

    threading.Thread(target=feed).start()
    meta, features, done = [], [], 0
    while len(head := process.stdout.read(4)) == 4:
        (crops,) = struct.unpack("<I", head)
        row, name, quality = order[done]
        done += 1
        for _ in range(crops):
            features.append(np.frombuffer(process.stdout.read(4 * FEATURES), "<f4"))
            meta.append((row["path"], int(row["label"] == "ai_generated"), row["generator"], row["family"],
                         row["source"], row["kind"], row["original_format"], row["stored"], name, quality))
    if process.wait() != 0:
        raise SystemExit("the feature program failed")
    columns = list(zip(*meta))
    names = "path y generator family source kind format stored version quality".split()
    np.savez(args.out, x=np.array(features, np.float32), **{n: np.array(c) for n, c in zip(names, columns)})


if __name__ == "__main__":
    main()
