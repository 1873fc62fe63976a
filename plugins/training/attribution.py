# SPDX-License-Identifier: MIT OR Apache-2.0
"""Which kind of generator drew a picture: held-out figures, then the file that diffusion reads.

usage: attribution.py --features FILE.npz… --report FILE.json --out FILE.bin

A picture's family is what its pixels come out of: a latent decoder, a diffusion in pixels, StyleGAN's layers, a
vector-quantised decoder. Generators whose decoder is not known (Google's, OpenAI's, unnamed ones) are not trained
on; how often they are named is reported. Every figure is of a source from which nothing was trained on, at JPEG 90.
The file's format: `assay_signal::attribution`.
"""
import argparse, hashlib, json, struct

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

import train, weights

MAGIC, VERSION = b"ASSAYATT", 1
FAMILIES = {
    "latent_diffusion": ("sd1", "sdxl_sd3", "flux", "qwen_and_alike", "midjourney"),
    "pixel_diffusion": ("dalle2_pixel",), "stylegan": ("stylegan",), "vector_quantised": ("vqgan", "dalle_mini"),
}
NAMES, C, TESTED = tuple(FAMILIES), 0.005, "q90"
#: A family is named at this probability, if it was right in at least this share of what it was named on.
LEAST_PROBABILITY, LEAST_PRECISION = 0.5, 0.6


class Linear:
    """Multinomial regression on the network's features; families count the same, their sources by the root of size."""

    def __init__(self, d, rows, family):
        x, y = network(d.x[rows]), family[rows]
        origin, w = np.char.add(d.group[rows].astype(str), d.source[rows].astype(str)), np.zeros(len(y))
        for f in set(y):
            for o in set(origin[y == f]):
                of = (y == f) & (origin == o)
                w[of] = 1 / np.sqrt(of.sum())
            w[y == f] /= w[y == f].sum()
        self.scaler = StandardScaler().fit(x)
        self.model = LogisticRegression(C=C, max_iter=150, tol=1e-2).fit(self.standard(x), y, sample_weight=w / w.mean())

    def standard(self, x):
        return np.clip(self.scaler.transform(x), -train.CLIP, train.CLIP)

    def logits(self, x):
        return self.model.decision_function(self.standard(network(x)))


def network(x):
    return x[:, 572:]


def by_picture(d, rows, logits):
    """Index of a row of each picture, and the mean logits of its crops."""
    _, first, inverse = np.unique(d.path[rows], return_index=True, return_inverse=True)
    sums = np.stack([np.bincount(inverse, column) for column in logits.T], 1)
    return np.flatnonzero(rows)[first], sums / np.bincount(inverse)[:, None]


def softmax(logits):
    e = np.exp(logits - logits.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def temperature(logits, known):
    """What the logits are divided by, for the least loss with all families counting the same."""
    w = np.zeros(len(known))
    for f in set(known):
        w[known == f] = 1 / (known == f).sum()
    loss = lambda t: -(w * np.log(softmax(logits / t)[np.arange(len(known)), known])).sum()
    return float(min(np.geomspace(0.5, 8, 200), key=loss))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--features", required=True, nargs="+")
    parser.add_argument("--report", required=True)
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    d = train.Data(args.features, "diffusion", "third")
    of = {f: i for i, name in enumerate(NAMES) for f in FAMILIES[name]}
    # The groups of authentic pictures are sources, none of which is called as a family is.
    family = np.array([of.get(g, -1) if y == 1 else -1 for g, y in zip(d.group, d.y)])
    trained = d.train_rows(train.TRAINED, family >= 0)
    tested = (d.version == TESTED) & (d.y == 1)
    logits = np.full((len(d.y), len(NAMES)), np.nan)
    for source in sorted(set(d.source[tested & (family >= 0)])):
        rows = tested & (family >= 0) & (d.source == source)
        logits[rows] = Linear(d, trained & (d.source != source), family).logits(d.x[rows])
    fit = Linear(d, trained, family)
    rest = tested & (family < 0)
    logits[rest] = fit.logits(d.x[rest])
    index, held = by_picture(d, tested, logits[tested])
    known, truth = family[index] >= 0, family[index]
    divisor = temperature(held[known], truth[known])
    p = softmax(held / divisor)
    said, sure = p.argmax(1), p.max(1) >= LEAST_PROBABILITY
    report = dict(temperature=divisor, n=int(known.sum()), right=float((said == truth)[known].mean()), families={}, others={})
    for i, name in enumerate(NAMES):
        named, mine = known & sure & (said == i), truth == i
        report["families"][name] = dict(
            n=int(mine.sum()), most_likely=float((said[mine] == i).mean()), named=int(named.sum()),
            named_right=int((truth[named] == i).sum()), found=int((named & mine).sum()),
            sources={str(s): [int((mine & (d.source[index] == s)).sum()), int((mine & named & (d.source[index] == s)).sum())]
                     for s in sorted(set(d.source[index][mine]))})
    for group in sorted(set(d.group[index][~known])):
        rows = d.group[index] == group
        report["others"][str(group)] = dict(n=int(rows.sum()), named={
            name: int((rows & sure & (said == i)).sum()) for i, name in enumerate(NAMES)})
    nameable = [f["named_right"] >= LEAST_PRECISION * max(f["named"], 1) for f in report["families"].values()]
    report["nameable"] = dict(zip(NAMES, nameable))
    pictures = {name: len(set(d.path[trained & (family == i)])) for i, name in enumerate(NAMES)}
    report["trained"] = pictures
    report["digest"] = write(args.out, d.network, fit, divisor, nameable, pictures)
    json.dump(report, open(args.report, "w"), indent=1)
    print(json.dumps(report, indent=1))
    sample = d.x[trained][::499]
    np.savez(args.out + ".check.npz", x=sample, probability=softmax(fit.logits(sample) / divisor))


def write(path, digest, fit, divisor, nameable, pictures):
    """The coefficients are divided by the temperature already."""
    trained_on = ", ".join(f"{n} pictures of {name.replace('_', ' ')}" for name, n in pictures.items())
    out = MAGIC + struct.pack("<I", VERSION) + weights.text(trained_on)
    out += weights.text(f"network-{digest[:12]}-crop") + weights.text(f"network-{digest[:12]}-detail")
    out += struct.pack("<Idf", len(fit.scaler.mean_), LEAST_PROBABILITY, train.CLIP)
    out += weights.floats(fit.scaler.mean_) + weights.floats(fit.scaler.scale_) + struct.pack("<I", len(NAMES))
    for name, named, weight, bias in zip(NAMES, nameable, fit.model.coef_ / divisor, fit.model.intercept_ / divisor):
        out += weights.text(name) + struct.pack("<B", named) + weights.floats(weight) + struct.pack("<f", bias)
    out += hashlib.sha256(out).digest()
    open(path, "wb").write(out)
    return hashlib.sha256(out).hexdigest()


if __name__ == "__main__":
    main()
