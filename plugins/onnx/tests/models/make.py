# SPDX-License-Identifier: MIT OR Apache-2.0
"""Makes the networks of this folder and writes down what onnxruntime and Pillow answer.

    pip install torch onnx onnxscript onnxruntime pillow
    python3 make.py

The weights are random and fixed by a seed: the networks tell nothing apart. They are there for what a runtime can do
wrong: convolutions with batch norm, residuals with pooling, attention with layer norm and GELU.
"""

import hashlib
import json
import pathlib

import numpy
import onnx
import onnxruntime
import torch
from PIL import Image
from torch import nn

HERE = pathlib.Path(__file__).parent
SIDE = 32


class Plain(nn.Sequential):
    """Convolutions with batch norm, one logit."""

    def __init__(self):
        super().__init__(
            nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.BatchNorm2d(8), nn.ReLU(),
            nn.Conv2d(8, 8, 3, stride=2, padding=1), nn.BatchNorm2d(8), nn.ReLU(),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 1),
        )


class Residual(nn.Module):
    """A skip, pooling with a border, a global average, two logits."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 5, stride=2, padding=2, bias=False), nn.BatchNorm2d(8), nn.ReLU())
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.block = nn.Sequential(
            nn.Conv2d(8, 8, 3, padding=1, groups=4, bias=False), nn.BatchNorm2d(8), nn.SiLU(),
            nn.Conv2d(8, 8, 1), nn.BatchNorm2d(8),
        )
        self.head = nn.Linear(8, 2)

    def forward(self, picture):
        seen = self.pool(self.stem(picture))
        seen = torch.relu(seen + self.block(seen))
        return self.head(seen.mean(dim=(2, 3)))


class Attentive(nn.Module):
    """Patches, one block of attention, layer norm, GELU, a probability."""

    def __init__(self, width=16, heads=2, patch=8):
        super().__init__()
        self.heads, self.patch = heads, nn.Conv2d(3, width, patch, stride=patch)
        self.token = nn.Parameter(torch.randn(1, 1, width))
        self.place = nn.Parameter(torch.randn(1, 1 + (SIDE // patch) ** 2, width))
        self.before, self.after, self.last = nn.LayerNorm(width), nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
        self.head = nn.Linear(width, 1)

    def forward(self, picture):
        seen = self.patch(picture).flatten(2).transpose(1, 2)
        seen = torch.cat([self.token.expand(seen.shape[0], -1, -1), seen], dim=1) + self.place
        seen = seen + self.attend(self.before(seen))
        seen = seen + self.mlp(self.after(seen))
        return torch.sigmoid(self.head(self.last(seen)[:, 0]))

    def attend(self, seen):
        batch, tokens, width = seen.shape
        parts = self.qkv(seen).reshape(batch, tokens, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        queries, keys, values = parts[0], parts[1], parts[2]
        shares = (queries @ keys.transpose(-2, -1) * (width // self.heads) ** -0.5).softmax(dim=-1)
        return self.out((shares @ values).transpose(1, 2).reshape(batch, tokens, width))


def picture(width, height):
    """A picture that Rust makes as well: whole numbers only."""
    y, x = numpy.mgrid[0:height, 0:width].astype(numpy.int64)
    channels = [(x * 3 + y * 5 + channel * 40 + (x * y) // 7) % 256 for channel in range(3)]
    return numpy.stack(channels, axis=-1).astype(numpy.uint8)


def network(kind):
    """A network whose batch norms have seen something, so that they do not cancel out."""
    torch.manual_seed(20)
    made = kind()
    for part in made.modules():
        if isinstance(part, nn.BatchNorm2d):
            nn.init.uniform_(part.running_mean, -0.2, 0.2)
            nn.init.uniform_(part.running_var, 0.5, 1.5)
            nn.init.uniform_(part.weight, 0.5, 1.5)
            nn.init.uniform_(part.bias, -0.2, 0.2)
    last = [part for part in made.modules() if isinstance(part, nn.Linear)][-1]
    nn.init.normal_(last.weight, std=0.5)  # so that what goes in shows in what comes out
    return made.eval()


def bare(path):
    """Drops what the exporter notes of the code that it came from."""
    model = onnx.load(path)
    for part in [model, model.graph, *model.graph.node, *model.graph.value_info, *model.graph.initializer,
                 *model.graph.input, *model.graph.output]:
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    onnx.save(model, path)


def hostile():
    """Networks that no exporter writes."""
    make, real = onnx.helper, onnx.TensorProto.FLOAT
    whole = onnx.TensorProto.INT64
    mean = make.make_node("ReduceMean", ["picture"], ["mean"], keepdims=0)
    zero = make.make_tensor("zero", real, [], [0.0])
    flat = make.make_tensor("flat", whole, [2], [2, 2])
    side = make.make_tensor("side", whole, [2], [1 << 20, 1 << 20])
    graphs = {
        "infinite": ([mean, make.make_node("Div", ["mean", "zero"], ["answer"])], [zero], real, ["picture"]),
        "rank": ([make.make_node("Reshape", ["picture", "flat"], ["answer"])], [flat], real, ["picture"]),
        "two_inputs": ([make.make_node("Add", ["picture", "other"], ["answer"])], [], real, ["picture", "other"]),
        "integers": ([make.make_node("ArgMax", ["picture"], ["answer"])], [], whole, ["picture"]),
        "unknown": ([make.make_node("NoSuchOperator", ["picture"], ["answer"])], [], real, ["picture"]),
        "huge": ([make.make_node("ConstantOfShape", ["side"], ["space"]),
                  make.make_node("ReduceMean", ["space"], ["least"], keepdims=0),
                  mean, make.make_node("Add", ["mean", "least"], ["answer"])], [side], real, ["picture"]),
    }
    for name, (nodes, constants, kind, inputs) in graphs.items():
        inputs = [make.make_tensor_value_info(name, real, [1, 3, SIDE, SIDE]) for name in inputs]
        graph = make.make_graph(nodes, name, inputs, [make.make_tensor_value_info("answer", kind, None)], constants)
        model = make.make_model(graph, opset_imports=[make.make_opsetid("", 17)])
        (HERE / "hostile").mkdir(exist_ok=True)
        onnx.save(model, HERE / "hostile" / f"{name}.onnx")


def answers(path, pixels):
    """What onnxruntime says of 8-bit RGB pixels, scaled to 0..1 and normalised as the manifests do."""
    mean, std = numpy.array([0.485, 0.456, 0.406]), numpy.array([0.229, 0.224, 0.225])
    scaled = ((pixels / 255.0 - mean) / std).astype(numpy.float32).transpose(2, 0, 1)[None]
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    [said] = session.run(None, {session.get_inputs()[0].name: scaled})
    return said.reshape(-1).astype(float).tolist()


def main():
    hostile()
    golden = {"networks": {}, "resized": {}}
    for name, kind in {"plain": Plain, "residual": Residual, "attentive": Attentive}.items():
        path = HERE / f"{name}.onnx"
        example = torch.zeros(1, 3, SIDE, SIDE)
        torch.onnx.export(network(kind), (example,), path, input_names=["picture"], output_names=["answer"],
                          external_data=False)
        bare(path)
        whole = Image.fromarray(picture(90, 60))
        shorter = whole.resize((60, 40), Image.Resampling.BILINEAR)
        stretched = whole.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        left, top = (60 - SIDE) // 2, (40 - SIDE) // 2
        golden["networks"][name] = {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "first_tile": answers(path, picture(90, 60)[:SIDE, :SIDE]),
            "shorter_side": answers(path, numpy.asarray(shorter)[top:top + SIDE, left:left + SIDE]),
            "stretched": answers(path, numpy.asarray(stretched)),
        }
    for name, kernel in {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}.items():
        for width, height in [(32, 32), (7, 50), (140, 80)]:
            pixels = numpy.asarray(Image.fromarray(picture(90, 60)).resize((width, height), kernel))
            golden["resized"][f"{name} {width}x{height}"] = hashlib.sha256(pixels.tobytes()).hexdigest()
    (HERE / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
