# SPDX-License-Identifier: MIT OR Apache-2.0
"""A model file on the pictures that the first collection lacks, in Markdown.

usage: shipped.py --hypothesis gan|diffusion --weights FILE.bin --features FILE.npz…

For weights that were trained on the first collection these pictures are new; their families and sources are
not, so the figures are kinder than held-out ones. Calibration is that of the file.
"""
import argparse, struct

import numpy as np

import ship, train, weights

VERSIONS = {"r75": 0, "equal": 1, "q90": 1, "q75": 2}


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, layout):
        out = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return out

    def floats(self, n):
        return np.array(self.take(f"{n}f"), np.float32)

    def text(self):
        n = self.take("I")[0]
        return self.take(f"{n}s")[0].decode()


def read(path):
    """The parts, in the order of the features' columns, and the states."""
    r = Reader(open(path, "rb").read())
    (mark, version), _ = r.take("8sI"), r.text()
    if (mark, version) != (weights.MAGIC, weights.VERSION):
        raise SystemExit(f"{path} is no model file of version {weights.VERSION}")
    parts = [part(r) for _ in range(r.take("I")[0])]
    states = []
    for _ in range(3):
        _, slope, offset, low, high = r.take("Bdddd")
        states.append((slope, offset, r.floats(r.take("I")[0])))
    return parts, states


def part(r):
    r.text()
    n, clip = r.take("If")
    mean, deviation, weight = (r.floats(n) for _ in range(3))
    bias, *shares = r.take("fff")
    trees = []
    for _ in range(r.take("I")[0]):
        splits = [r.take("Hfhh") for _ in range(r.take("H")[0])]
        trees.append((splits, r.floats(len(splits) + 1)))
    return clip, mean, deviation, weight, bias, shares, trees


def logits(parts, x):
    total, at = np.zeros(len(x)), 0
    for one in parts:
        n = len(one[1])
        total += part_logits(one, x[:, at : at + n])
        at += n
    return total


def part_logits(one, x):
    clip, mean, deviation, weight, bias, shares, trees = one
    linear = np.clip((x - mean) / deviation, -clip, clip) @ weight + bias
    total = np.zeros(len(x))
    for splits, leaves in trees:
        node = np.zeros(len(x), int)
        feature, threshold, left, right = (np.array(c) for c in zip(*splits)) if splits else (np.zeros(0, int),) * 4
        while len(splits) and (at := np.flatnonzero(node >= 0)).size:
            n = node[at]
            node[at] = np.where(x[at, feature[n]] <= threshold[n].astype(np.float32), left[n], right[n])
        total += leaves[-1 - node] if len(splits) else leaves[0]
    return linear * shares[0] + total * shares[1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hypothesis", required=True)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--features", required=True, nargs="+")
    args = parser.parse_args()
    d, (parts, states) = train.Data(args.features, args.hypothesis), read(args.weights)
    new = np.isin(d.version, list(VERSIONS)) & ~d.first & ~d.web_size
    score = np.full(len(d.y), np.nan)
    score[new] = logits(parts, d.x[new])
    print("| condition | generated / authentic | AUC | TPR at 5 % FPR | TPR at 1 % FPR | Brier | calibration error |\n|---|---|---|---|---|---|---|")
    for version, state in VERSIONS.items():
        index, s = train.pictures(d, new & (d.version == version), score)
        y, group = d.y[index], d.group[index]
        slope, offset, _ = states[state]
        c = ship.reliability(y, ship.probability(slope, offset, s), train.row_weights(y, group))
        low, high = train.interval(train.auc, y, s, group)
        print(f"| {version} | {y.sum()} / {(y == 0).sum()} | {train.auc(y, s):.3f} ({low:.3f}–{high:.3f}) | {train.tpr(y, s, 0.05):.2f}"
              f" | {train.tpr(y, s, 0.01):.2f} | {c['brier']:.3f} | {c['calibration_error']:.3f} |")


if __name__ == "__main__":
    main()
