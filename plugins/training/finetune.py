# SPDX-License-Identifier: MIT OR Apache-2.0
"""Fine-tunes the trunk to tell photographs from their twins; writes the network file.

usage: finetune.py --pairs NAME… --steps N --share S --network FILE.bin

No picture that a generator made is seen, so every family of generators stays unseen; `train.py` learns those by
regression on the features. A batch holds both crops of each pair, after the same random history (JPEG, size,
blur, tone, noise, grey) and turn. The loss is that of three questions: which maker, twin or photograph, and which
of the two is the twin.

What is written lies S of the way from the initial weights to the trained ones: all the way, the features forget
more of what pictures look like than they gain in traces (`docs/detection-log.md`, entry 3). Wortsman et al., "Robust
fine-tuning of zero-shot models", CVPR 2022.
"""
import argparse, io

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageFilter
from torch import nn

import extract, trunk

SEED, PAIRS, SIDE = 1, 16, 128
RATES, DECAY, WARM_UP, CLIP, SMOOTHING = (2e-4, 2e-3), 0.02, 60, 5.0, 0.03
#: Every so many pairs one is kept for the printed figures.
KEPT = 12
MAKERS = ("autoencoder", "autoencoder_noise", "esrgan", "cugan", "waifu2x")


def maker(how):
    """Class of a twin, from 1; 0 is the photograph."""
    exact = how in MAKERS
    return 1 + MAKERS.index(how if exact else next(name for name in MAKERS if how.startswith(name)))


def saved(image, quality, plain):
    out = io.BytesIO()
    image.save(out, "JPEG", quality=int(quality), subsampling=0 if plain else 2)
    return Image.open(io.BytesIO(out.getvalue())).convert("RGB")


def history(pixels, rng):
    """One random history; the same generator state gives the same one."""
    image = Image.fromarray(pixels)
    if rng.random() < 0.5:
        x, y = (int(n) for n in rng.integers(8, size=2))
        image = saved(image.crop((x, y, *image.size)), rng.integers(75, 99), rng.random() < 0.4)
    if rng.random() < 0.45:
        factor = rng.uniform(0.6, 1.2)
        size = [max(SIDE + 16, round(side * factor)) for side in image.size]
        image = image.resize(size, extract.FILTERS[rng.integers(4)])
    if rng.random() < 0.12:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.9)))
    x, y = (int(rng.integers(side - SIDE + 1)) for side in image.size)
    image = image.crop((x, y, x + SIDE, y + SIDE))
    if rng.random() < 0.7:
        image = saved(image, rng.integers(62, 99), rng.random() < 0.3)
    levels = np.asarray(image).astype(np.float32)
    if rng.random() < 0.15:
        levels = np.repeat((levels @ np.array([0.299, 0.587, 0.114], np.float32))[..., None], 3, 2)
    if rng.random() < 0.3:
        levels = levels * rng.uniform(0.8, 1.2) + rng.uniform(-15, 15)
    if rng.random() < 0.2:
        levels = 255 * np.clip(levels / 255, 0, 1) ** rng.uniform(0.7, 1.4)
    if rng.random() < 0.1:
        levels = levels + rng.normal(0, rng.uniform(0.5, 3), levels.shape)
    levels = np.clip(np.rint(levels), 0, 255)
    turn = int(rng.integers(8))
    levels = levels[:, ::-1] if turn & 1 else levels
    levels = levels[::-1] if turn & 2 else levels
    return (levels.transpose(1, 0, 2) if turn & 4 else levels).astype(np.float32)


class Pairs:
    def __init__(self, names):
        shape = (-1, 2, 256, 256, 3)
        self.pixels = [np.memmap(name + ".u8", np.uint8, "r").reshape(shape) for name in names]
        self.makers = np.concatenate([[maker(how) for how in np.load(name + ".npz")["how"]] for name in names])
        self.places = [(part, at) for part, pixels in enumerate(self.pixels) for at in range(len(pixels))]

    def batch(self, chosen, rng):
        crops, classes = [], []
        for index in chosen:
            part, at = self.places[index]
            seed = int(rng.integers(2**31))
            crops += [history(np.asarray(pixels), np.random.default_rng(seed)) for pixels in self.pixels[part][at]]
            classes += [0, self.makers[index]]
        return torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2), torch.tensor(classes)


def loss(logits, classes):
    """Loss, and the log-odds that a crop is a twin; crops of a pair lie together, the photograph first."""
    twin = torch.logsumexp(logits[:, 1:], 1) - logits[:, 0]
    makers = F.cross_entropy(logits, classes, label_smoothing=SMOOTHING)
    either = F.binary_cross_entropy_with_logits(twin, (classes > 0).float())
    return makers + either + F.softplus(twin[0::2] - twin[1::2]).mean(), twin


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", required=True, nargs="+")
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--share", type=float, required=True)
    parser.add_argument("--network", required=True)
    args = parser.parse_args()
    torch.manual_seed(SEED)
    rng, pairs = np.random.default_rng(SEED), Pairs(args.pairs)
    everything = np.arange(len(pairs.places))
    kept, trained = everything[::KEPT][:64], np.setdiff1d(everything, everything[::KEPT])
    model, head = trunk.Trunk(), nn.Linear(trunk.FEATURES, 1 + len(MAKERS))
    with torch.no_grad():
        head.weight.mul_(0.1)
        start = torch.cat([model(pairs.batch(rng.choice(trained, PAIRS), rng)[0]) for _ in range(6)])
    mean, deviation = start.mean(0), start.std(0) + 0.02
    initial = {name: value.clone() for name, value in model.state_dict().items()}
    groups = [dict(params=part.parameters(), weight_decay=DECAY) for part in (model, head)]
    optimiser = torch.optim.AdamW(groups)
    for step in range(args.steps):
        share = min(1, step / WARM_UP) * (1 + np.cos(np.pi * step / args.steps)) / 2
        for group, rate in zip(optimiser.param_groups, RATES):
            group["lr"] = rate * share
        crops, classes = pairs.batch(rng.choice(trained, PAIRS, replace=False), rng)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            features = model(crops)
        value, _ = loss(head((features.float() - mean) / deviation), classes)
        optimiser.zero_grad()
        value.backward()
        nn.utils.clip_grad_norm_([*model.parameters(), *head.parameters()], CLIP)
        optimiser.step()
        if step % 100 == 99:
            fixed = np.random.default_rng(5)
            with torch.no_grad():
                crops, classes = pairs.batch(kept, fixed)
                value, twin = loss(head((model(crops) - mean) / deviation), classes)
            print(f"{step + 1}: loss {value:.3f}, twin above its photograph {(twin[1::2] > twin[0::2]).float().mean():.3f}", flush=True)
    trained_state = model.state_dict()
    model.load_state_dict({name: value + args.share * (trained_state[name] - value) for name, value in initial.items()})
    makers = f"{len(trained)} photographs and their twins by an autoencoder and {len(MAKERS) - 2} families of enlargers"
    print(model.write(args.network, f"EfficientNet-Lite0 (Apache-2.0) to block 10, {args.share:.0%} of the way to weights fine-tuned on {makers}."))


if __name__ == "__main__":
    main()
