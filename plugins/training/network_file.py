# SPDX-License-Identifier: MIT OR Apache-2.0
"""Writes the network file that `assay_signal::network` reads.

Little endian, no padding:

| bytes | what |
|---|---|
| 8 | ASSAYNET |
| u32 | version, 1 |
| text | name of the network (u32 length of at most 4096, UTF-8) |
| text | what it was trained on, for a person |
| f32, f32 | mean `m` and scale `s`: the first layer gets `(level - m) * s` |
| u32 | layers, 1 to 256 |
| per layer | u8 kind (0 convolution, 1 depthwise); u8 kernel (1, 3, 5, 7); u8 stride (1, or 2 with a kernel above 1); u8 activation (0 none, 1 ReLU6); u8 tap (0, 1); u8 skip; u16 channels in; u16 channels out; f16 weights; f32 biases, one an output channel |
| 32 | SHA-256 of everything before |

Weights of a convolution are in the order kernel row, kernel column, channel in, channel out; those
of a depthwise one kernel row, kernel column, channel. Maps are padded with zeros as TensorFlow's
"SAME" does: `ceil(n / stride)` outputs of `n` samples, and of an odd padding the larger part at the
end. A skip of `n > 0` adds the map of the `n`-th layer before, after the activation. The first layer
takes 1 to 6 channels, others up to 2048.

Maps that ReLU6 does not hold stop at -128 and 128 and levels, less the mean and scaled, at -4 and 4: a network
whose maps reach farther on pictures loses there what it learnt.
"""
import hashlib, struct
from dataclasses import dataclass

import numpy as np

MAGIC, VERSION = b"ASSAYNET", 1


@dataclass
class Layer:
    """One layer, batch normalisation folded in.

    `weight` has PyTorch's shape: (out, in, kernel, kernel), or (channels, 1, kernel, kernel) of a
    depthwise layer; `bias` has one number an output channel."""
    weight: np.ndarray
    bias: np.ndarray
    stride: int = 1
    depthwise: bool = False
    relu6: bool = False
    tap: bool = False
    skip: int = 0


def text(value):
    data = value.encode()
    return struct.pack("<I", len(data)) + data


def halves(weight):
    """As they are stored; a weight that half precision cannot hold is an error."""
    stored = np.asarray(weight, np.float32).astype("<f2")
    if not np.isfinite(stored).all():
        raise ValueError("a weight is not finite in half precision")
    return stored


def layer_bytes(layer):
    channels, inputs, kernel, columns = layer.weight.shape
    if kernel != columns or layer.bias.shape != (channels,):
        raise ValueError(f"weight {layer.weight.shape} with bias {layer.bias.shape}")
    if layer.depthwise and inputs != 1:
        raise ValueError(f"depthwise weight {layer.weight.shape}, expected (channels, 1, k, k)")
    header = struct.pack("<6B2H", layer.depthwise, kernel, layer.stride, layer.relu6, layer.tap,
                         layer.skip, channels if layer.depthwise else inputs, channels)
    # (kernel row, kernel column, in, out); of a depthwise layer `in` is the one.
    weight = halves(layer.weight).transpose(2, 3, 1, 0)
    return header + weight.tobytes() + np.asarray(layer.bias, "<f4").tobytes()


def write(path, *, name, trained_on, mean, scale, layers):
    """Writes the file and returns its digest, in hexadecimal."""
    out = MAGIC + struct.pack("<I", VERSION) + text(name) + text(trained_on)
    out += struct.pack("<ffI", mean, scale, len(layers))
    out += b"".join(layer_bytes(layer) for layer in layers)
    digest = hashlib.sha256(out)
    with open(path, "wb") as file:
        file.write(out + digest.digest())
    return digest.hexdigest()
