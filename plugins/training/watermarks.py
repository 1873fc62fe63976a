#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Marks photographs by the reference package, for the tables of watermarks in diffusion's model card.

    watermarks.py PHOTOGRAPHS OUT [--count N]

PHOTOGRAPHS is a folder of folders, one a source; the N pictures are at least 512 px a side, at most three of a source,
drawn by the digest of their names. Each is resized to the size that the generator draws, marked as its program does,
and saved as PNG and as JPEG. Writes OUT/KIND/SAVE/NUMBER.EXT and prints, a line each, of how many the package decodes
the exact message. Needs `invisible-watermark` 0.2.0 (PyTorch is not used: a stand-in serves), Pillow and NumPy.
"""

import argparse
import hashlib
import pathlib
import sys
import types

import numpy
from PIL import Image

# The package imports it for its neural method alone.
sys.modules.setdefault("torch", types.ModuleType("torch"))
sys.modules["torch"].from_numpy = lambda array: array
from imwatermark import WatermarkDecoder, WatermarkEncoder  # noqa: E402

XL = "101100111110110010010000011110111011000110011110"
FLUX = "1010101111111010000111100111001111010100101110"
# Kind: side in px, message, method, whether the embedder gets real numbers, and whether red and blue exchanged.
KINDS = {
    "sd1": (512, b"StableDiffusionV1", "dwtDct", False, False),
    "xl": (1024, XL, "dwtDct", False, False),
    "xl_real": (1024, XL, "dwtDct", True, False),
    "xl_exchanged": (1024, XL, "dwtDct", True, True),
    "flux_real": (1024, FLUX, "dwtDct", True, False),
    "flux_svd": (512, FLUX, "dwtDctSvd", False, False),
    "invokeai": (768, b"InvokeAI", "dwtDct", False, False),
    "sd2": (768, b"SDV2", "dwtDct", False, False),
}
# Save: quality (None is PNG) and subsampling by Pillow's numbers.
SAVES = {
    "png": (None, 0),
    "q90_444": (90, 0),
    "q80_444": (80, 0),
    "q95_420": (95, 2),
    "q90_420": (90, 2),
    "q75_420": (75, 2),
}
SMALLEST, MOST_OF_A_SOURCE = 512, 3


def carriers(folder, count):
    """Paths of the photographs, of as many sources as there are."""
    paths = [path for path in pathlib.Path(folder).glob("*/*") if path.is_file() and path.suffix != ".csv"]
    paths.sort(key=lambda path: hashlib.sha256(f"{path.parent.name}/{path.name}".encode()).digest())
    taken, chosen = {}, []
    for path in paths:
        try:
            with Image.open(path) as picture:
                is_large = min(picture.size) >= SMALLEST
        except OSError:
            continue
        if is_large and taken.get(path.parent.name, 0) < MOST_OF_A_SOURCE:
            taken[path.parent.name] = taken.get(path.parent.name, 0) + 1
            chosen.append(path)
        if len(chosen) == count:
            break
    return chosen


def square(path, side):
    """The picture's upper left square, resized."""
    picture = Image.open(path).convert("RGB")
    scale = side / min(picture.size)
    size = [max(side, round(length * scale)) for length in picture.size]
    return picture.resize(size, Image.BICUBIC).crop((0, 0, side, side))


def marked(picture, message, method, is_real, is_exchanged):
    """The picture with the message in it."""
    encoder = WatermarkEncoder()
    if isinstance(message, bytes):
        encoder.set_watermark("bytes", message)
    else:
        encoder.set_watermark("bits", [int(bit) for bit in message])
    pixels = numpy.array(picture)
    pixels = pixels if is_exchanged else pixels[..., ::-1].copy()
    out = encoder.encode(pixels.astype(numpy.float32) if is_real else pixels, method)
    out = numpy.clip(numpy.round(out), 0, 255).astype(numpy.uint8)
    return Image.fromarray(out if is_exchanged else out[..., ::-1].copy())


def is_decoded(path, message, method):
    """Whether the package reads the exact message from a file."""
    pixels = numpy.array(Image.open(path).convert("RGB"))[..., ::-1].copy()
    if isinstance(message, bytes):
        return WatermarkDecoder("bytes", 8 * len(message)).decode(pixels, method) == message
    bits = WatermarkDecoder("bits", len(message)).decode(pixels, method)
    return [int(bit) for bit in bits] == [int(bit) for bit in message]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photographs")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=30)
    options = parser.parse_args()
    paths = carriers(options.photographs, options.count)
    print(f"{len(paths)} photographs of {len({path.parent for path in paths})} sources")
    for kind, (side, message, method, is_real, is_exchanged) in KINDS.items():
        decoded = dict.fromkeys(SAVES, 0)
        for number, path in enumerate(paths):
            picture = marked(square(path, side), message, method, is_real, is_exchanged)
            for save, (quality, subsampling) in SAVES.items():
                folder = options.out / kind / save
                folder.mkdir(parents=True, exist_ok=True)
                file = folder / f"{number}.{'jpg' if quality else 'png'}"
                if quality:
                    picture.save(file, quality=quality, subsampling=subsampling)
                else:
                    picture.save(file, compress_level=1)
                decoded[save] += is_decoded(file, message, method)
        print(kind, " ".join(f"{save} {count}" for save, count in decoded.items()), flush=True)


if __name__ == "__main__":
    main()
