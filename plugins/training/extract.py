# SPDX-License-Identifier: MIT OR Apache-2.0
"""Features of labelled pictures in several equal versions of both classes.

usage: extract.py (--collection DIR | --manifest FILE) --features BINARY [--network FILE] --out FILE.npz
                  [--limit N] [--part I/N] [--first] [--leave-out VERSION…]

DIR holds one folder a class (`ai`, `real`, optionally `prnu`), each with a `manifest.csv` whose columns
are path, label, generator, family, source, stored, original_format, kind. FILE lists whole files: its
columns are path, label (ai, real; others are left out), group (of ai the generator), source, kind, format,
mode, repo_path, matched_set, neardup and shared_path (empty for what the first collection lacks; `--first`
takes the others only). BINARY is the example `crop_features` of `plugins/generator`, so that
training sees the product's decoder, crops and features; with a network it computes the network's as well.

Every picture is first brought to the same last save and size: a crop of at most 384 px a side at native
scale, JPEG quality 94, 4:4:4, on an 8 px grid that is moved against that of the file. What is stored so
already is only cut. All other versions start from there, with the same random choices for both classes;
the versions that are only trained on start from crops of their own. Every third whole file above 2000 px is
also read at the size of the web, as a further picture of kind `web_size`, and every other third as it is.
"""
import argparse, csv, hashlib, io, os, struct, subprocess, threading

import numpy as np
from PIL import Image, ImageFilter

LEAST, LARGEST = 256, 384
#: Files with a longer side are also read at a random size of the web, px.
LARGE, WEB = 2000, (900, 1800)
#: Most pictures of one class from one source and group, in content-matched sets and elsewhere: more of
#: the same add little weight and much time.
CAP, MATCHED_CAP = 70, 200
#: Most crops of each version; the others have two.
CROPS = {"q90": 4, "file": 4}
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


def opened(row):
    """The stored picture at the size of its kind, or None when it cannot be read or is too small."""
    if row["original_format"] == "HEIF":
        return None  # Pillow does not read it.
    image = decoded(open(row["file"], "rb").read())
    if row["kind"] == "web_size":
        rng = generator(row)
        factor = min(1.0, rng.uniform(*WEB) / max(image.size))
        image = scaled(image, factor, FILTERS[rng.integers(4)])
    return image if min(image.size) >= LEAST else None


def equal_base(image, row, rng):
    """A crop after the common last save and cut to the common size."""
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


def versions(row):
    """(name, bytes, last quality) of each version; `file` is the file itself, never trained on."""
    whole, rng = opened(row), generator(row)
    if whole is None:
        return
    image = equal_base(whole, row, rng)
    yield "equal", lossless(image), 94
    yield "q90", jpeg(moved(image, rng), 90, "420"), 90
    if row["kind"] != "web_size":
        yield "q75", jpeg(moved(image, rng), 75, "420"), 75
        if min(image.size) * 0.75 >= LEAST:
            small = scaled(image, 0.75, Image.LANCZOS)
            yield "r75q90", jpeg(small, 90, "420"), 90
            yield "r75", lossless(small), 0
        width, height = image.size
        low = image.resize((width // 4, height // 4), Image.BOX).resize((width, height), Image.BILINEAR)
        yield "lowpass", jpeg(low, 90, "420"), 90
    for i in range(3):
        data, quality = degraded(equal_base(whole, row, rng), rng)
        yield f"random{i}", data, quality
    if row["as_is"]:
        yield "file", file_crop(row["file"]), -1


def file_crop(path):
    """The file as it is; formats that the example does not read, and giants, as lossless pixels."""
    image = Image.open(path)
    if image.format in ("JPEG", "MPO"):
        return open(path, "rb").read()
    return lossless(image.convert("RGB"))


def generator(row):
    return np.random.default_rng(int.from_bytes(hashlib.sha256(row["path"].encode()).digest()[:8], "little"))


def collection_rows(collection):
    for folder in ("ai", "real", "prnu"):
        manifest = os.path.join(collection, folder, "manifest.csv")
        if not os.path.exists(manifest):
            continue
        for row in csv.DictReader(open(manifest, newline="")):
            if row["label"] in ("ai_generated", "authentic") and row["kind"] != "prnu_flat":
                yield dict(row, file=os.path.join(collection, folder, row["path"]), set="", first=1,
                           as_is=row["stored"] != "crop_jpeg94_444")


def manifest_rows(manifest):
    """Without palettes (the quantiser's traces, all of one generator), flat fields and near duplicates; of a
    near duplicate in both classes the label is wrong once, so neither is taken."""
    everything = sorted(csv.DictReader(open(manifest, newline="")), key=lambda row: (row["sha256"], row["path"]))
    labels, taken, seen = {}, {}, set()
    for row in everything:
        labels.setdefault(row["neardup"], set()).add(row["label"])
    for row in everything:
        near = row["neardup"]
        if (row["label"] not in ("ai", "real") or row["mode"] == "P" or "ff-jpg/" in row["repo_path"]
                or near and (near in seen or {"ai", "real"} <= labels[near])):
            continue
        group = (row["label"], row["group"], row["source"])
        taken[group] = taken.get(group, 0) + 1
        # What the first collection has stays in, so that both can be compared on the same pictures.
        if taken[group] > (MATCHED_CAP if row["matched_set"] else CAP) and not row["shared_path"]:
            continue
        seen.add(near)
        file = os.path.join(os.path.dirname(manifest), row["path"])
        first = int(bool(row["shared_path"]))
        large, third = max(int(row["width"]), int(row["height"])) > LARGE, int(row["sha256"][:8], 16) % 3
        out = dict(path=row["sha256"], file=file, label={"ai": "ai_generated", "real": "authentic"}[row["label"]],
                   generator=row["group"] if row["label"] == "ai" else "", family=row["family"], source=row["source"],
                   stored="whole", original_format=row["format"], kind=row["kind"], set=row["matched_set"], first=first,
                   as_is=not large or third == 1)
        yield out
        if large and third == 0:
            yield dict(out, path=row["sha256"] + "#web", kind="web_size", as_is=False)


def main():
    parser = argparse.ArgumentParser()
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--collection")
    where.add_argument("--manifest")
    parser.add_argument("--features", required=True)
    parser.add_argument("--network")
    parser.add_argument("--out", required=True)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--part", default="0/1")
    parser.add_argument("--first", action="store_true")
    parser.add_argument("--leave-out", nargs="+", default=[])
    args = parser.parse_args()
    part, parts = map(int, args.part.split("/"))
    pictures = list(collection_rows(args.collection) if args.collection else manifest_rows(args.manifest))
    pictures = (pictures[:: max(1, len(pictures) // args.limit)] if args.limit else pictures)[part::parts]
    pictures = [row for row in pictures if row["first"] or not args.first]
    command = [args.features] + ([args.network] if args.network else [])
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    (values,) = struct.unpack("<I", process.stdout.read(4))
    order = []

    def feed():
        for row in pictures:
            for name, data, quality in versions(row):
                if name in args.leave_out:
                    continue
                order.append((row, name, quality))
                process.stdin.write(struct.pack("<II", CROPS.get(name, 2), len(data)) + data)
        process.stdin.close()

    threading.Thread(target=feed).start()
    meta, features, done = [], [], 0
    while len(head := process.stdout.read(4)) == 4:
        (crops,) = struct.unpack("<I", head)
        row, name, quality = order[done]
        done += 1
        for _ in range(crops):
            features.append(np.frombuffer(process.stdout.read(4 * values), "<f4"))
            meta.append((row["path"], int(row["label"] == "ai_generated"), row["generator"], row["family"],
                         row["source"], row["kind"], row["original_format"], row["stored"], name, quality,
                         row["set"], row["first"]))
    if process.wait() != 0:
        raise SystemExit("the feature program failed")
    columns = list(zip(*meta))
    names = "path y generator family source kind format stored version quality set first".split()
    digest = hashlib.sha256(open(args.network, "rb").read()[:-32]).hexdigest() if args.network else ""
    np.savez(args.out, x=np.array(features, np.float32), network=digest, **{n: np.array(c) for n, c in zip(names, columns)})


if __name__ == "__main__":
    main()
