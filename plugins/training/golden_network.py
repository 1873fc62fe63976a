# SPDX-License-Identifier: MIT OR Apache-2.0
"""Makes the small network of `plugins/signal/tests/network/golden.rs` and the features that PyTorch
computes with it. Weights and input come from formulas; PyTorch gets the weights as half precision
stores them, and computes in f64.

    python plugins/training/golden_network.py plugins/signal/tests/data

writes golden_network.net and golden_network.csv (crop, feature, value, the features of the crop as
it is and of its low-pass). Needs numpy and torch.
"""
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import network_file
from network_file import Layer

MEAN, SCALE = 127.0, 1 / 128
HEIGHT, WIDTH = 36, 28


def wave(shape, seed):
    """Numbers of -1..=1 without pattern, the same everywhere: an integer hash of the place."""
    at = np.arange(1, np.prod(shape) + 1, dtype=np.uint64) * np.uint64(2654435761) + np.uint64(seed)
    at ^= at >> np.uint64(15)
    return ((at * np.uint64(2246822519) >> np.uint64(8)) % np.uint64(2001)).astype(float).reshape(shape) / 1000 - 1


def layer(seed, outputs, inputs, kernel, **rest):
    """Weights that reach both ends of ReLU6."""
    weight = wave((outputs, inputs, kernel, kernel), seed) * 4.0 / np.sqrt(inputs * kernel * kernel)
    return Layer(weight, wave((outputs,), seed + 1) * 0.5, **rest)


def depthwise(seed, channels, kernel, **rest):
    return layer(seed, channels, 1, kernel, depthwise=True, relu6=True, **rest)


def layers():
    """A stem and three bottlenecks: 3x3 and 5x5, both strides, more than one panel of 16 channels."""
    return [
        layer(10, 8, 3, 3, stride=2, relu6=True, tap=True),
        depthwise(20, 8, 3),
        layer(30, 6, 8, 1, tap=True),
        layer(40, 20, 6, 1, relu6=True),
        depthwise(50, 20, 5, stride=2),
        layer(60, 10, 20, 1, tap=True),
        layer(70, 18, 10, 1, relu6=True),
        depthwise(80, 18, 3, tap=True),
        layer(90, 10, 18, 1, skip=3, tap=True),
    ]


def crop():
    """Levels (height, width, channel): a ramp, a wave and a pattern of period 7."""
    y, x, c = np.meshgrid(np.arange(HEIGHT), np.arange(WIDTH), np.arange(3), indexing="ij")
    return (5 * y + 3 * x + 40 * c + 11 * (x * y % 7)) % 256


def same(length, kernel, stride):
    total = max((-(-length // stride) - 1) * stride + kernel - length, 0)
    return total // 2, total - total // 2


def features(layers, x):
    maps, out = [], []
    for layer in layers:
        weight = torch.tensor(network_file.halves(layer.weight).astype(np.float64))
        bias = torch.tensor(np.asarray(layer.bias, np.float32).astype(np.float64))
        height, width = (same(n, weight.shape[2], layer.stride) for n in x.shape[2:])
        groups = x.shape[1] if layer.depthwise else 1
        x = F.conv2d(F.pad(x, (*width, *height)), weight, bias, layer.stride, 0, 1, groups)
        x = F.relu6(x) if layer.relu6 else x
        x = x + maps[-layer.skip] if layer.skip else x
        maps.append(x)
        if layer.tap:
            flat = x.flatten(2)[0]
            out += [flat.mean(1), flat.std(1)]
    return torch.cat(out).tolist()


def lowpass(x):
    return F.interpolate(F.avg_pool2d(x, 4), scale_factor=4, mode="bilinear", align_corners=False)


def main():
    folder = Path(sys.argv[1])
    x = (torch.tensor(crop(), dtype=torch.float64).permute(2, 0, 1)[None] - MEAN) * SCALE
    with open(folder / "golden_network.csv", "w") as file:
        for name, given in (("crop", x), ("lowpass", lowpass(x))):
            for index, value in enumerate(features(layers(), given)):
                file.write(f"{name},{index},{value:.9g}\n")
    network_file.write(folder / "golden_network.net", name="golden-v1", trained_on="nothing: weights of a formula",
                       mean=MEAN, scale=SCALE, layers=layers())


main()
