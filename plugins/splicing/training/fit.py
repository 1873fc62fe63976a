# SPDX-License-Identifier: MIT OR Apache-2.0
"""Fits the logistic part of the detector and measures it with collections and sources held out.

usage: fit.py FEATURES LIST [FEATURES LIST]...

FEATURES is what `cargo run --release --example splicing_features` prints, LIST the list.tsv of
states.py or of drawn.py. Prints measurements and the terms as Rust constants.
"""
import csv
import sys
from collections import Counter

import numpy as np
from PIL import Image
from scipy.fft import dctn
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score, roc_curve

STATES = ["as_is", "cut", "cut_q90", "drawn"]
FOLDS, MOST, LOW, HIGH = 5, 4.0, 0.3, 0.95
STRIKING = {"noise": np.log1p(5)}  # reported as a finding from here on; the others from any region
ALIKE = 8  # bits of 63 up to which two pictures are one
ALARMS = [0.5, 0.65, 0.75]


def joined(group, path, state):
    """Groups that share a picture, by a perceptual hash of the files as they are, have one name."""
    files = np.flatnonzero(state == "as_is")
    bits = []
    for at in files:
        small = np.asarray(Image.open(path[at]).convert("L").resize((32, 32), Image.LANCZOS), float)
        low = dctn(small, norm="ortho")[:8, :8].ravel()[1:]
        bits.append(low > np.median(low))
    bits = np.array(bits).astype(int)
    name = {of: of for of in group}
    for i, of in enumerate(bits):
        for j in np.flatnonzero(np.abs(bits[:i] - of).sum(1) <= ALIKE):
            a, b = sorted(name[group[files[k]]] for k in (i, j))
            name = {key: a if value == b else value for key, value in name.items()}
    return np.array([name[of] for of in group])


def folds(group, truth):
    """Groups of each class, largest first, each into the emptiest fold."""
    fold = {}
    for kind in (1, 0):
        load = [0] * FOLDS
        for name, size in sorted(Counter(group[truth == kind]).items(), key=lambda i: (-i[1], i[0])):
            if name not in fold:
                fold[name] = int(np.argmin(load))
            load[fold[name]] += size
    return np.array([fold[name] for name in group])


def weights(truth, group):
    """Classes weigh the same, groups by the square root of their size."""
    sizes = Counter(zip(truth, group))
    weight = np.array([sizes[key] ** -0.5 for key in zip(truth, group)])
    for kind in (0, 1):
        weight[truth == kind] /= weight[truth == kind].sum()
    return weight * len(weight) / 2


def minimum(loss, start, bounds):
    return minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x


def fit(table, truth, w):
    """No trace speaks for authenticity: weights are not below 0."""
    x = np.minimum(table, MOST)

    def loss(p):
        z = p[0] + x @ p[1:]
        q = 1 / (1 + np.exp(-z))
        slope = w * (q - truth)
        value = (w * (np.logaddexp(0, z) - truth * z)).sum() + 0.5 * (p[1:] ** 2).sum()
        return value, np.append(slope.sum(), x.T @ slope + p[1:])

    found = minimum(loss, np.zeros(x.shape[1] + 1), [(None, None)] + [(0, None)] * x.shape[1])
    return float(found[0]), found[1:]


def offset_of(logit, truth, w):
    """What is added to the logits of the collections, for which it is a share of pictures."""

    def loss(p):
        z = p[0] + logit
        return (w * (np.logaddexp(0, z) - truth * z)).sum(), np.array([(w * (1 / (1 + np.exp(-z)) - truth)).sum()])

    return float(minimum(loss, np.zeros(1), None)[0])


def score(logit):
    return np.clip(1 / (1 + np.exp(-logit)), LOW, HIGH)


def measured(truth, s, group, rounds=300):
    """AUC with a 95 % interval over resampled groups within each class, and TPR at 5 % and 1 % FPR."""
    fpr, tpr, _ = roc_curve(truth, s)
    random, values = np.random.default_rng(0), []
    members = [
        [np.flatnonzero((truth == kind) & (group == name)) for name in np.unique(group[truth == kind])]
        for kind in (0, 1)
    ]
    if min(map(len, members)) == 1:  # of one collection, its pictures
        members = [[[at] for at in np.flatnonzero(truth == kind)] for kind in (0, 1)]
    for _ in range(rounds):
        drawn = np.concatenate([m[i] for m in members for i in random.integers(len(m), size=len(m))])
        values.append(roc_auc_score(truth[drawn], s[drawn]))
    low, high = np.quantile(values, [0.025, 0.975])
    return (
        f"AUC {roc_auc_score(truth, s):.3f} [{low:.3f}, {high:.3f}]  TPR@5% {tpr[fpr <= 0.05].max():.3f}  "
        f"TPR@1% {tpr[fpr <= 0.01].max():.3f}  n {truth.sum()} forged, {(1 - truth).sum()} authentic"
    )


def of_file(path):
    """What the file says without its pixels: size and quantisation table of luma, logarithms."""
    with Image.open(path) as image:
        table = getattr(image, "quantization", {}).get(0, [1] * 64)
        return np.log([*image.size, *table])


def floor(paths, truth, fold):
    """Logits of a classifier on what files say, each fold's by the others."""
    x, said = np.array([of_file(path) for path in paths]), np.zeros(len(truth))
    for i in np.unique(fold):
        train = fold != i
        if len(set(truth[train])) == 2:
            model = LogisticRegression(C=0.1, class_weight="balanced", max_iter=2000)
            said[fold == i] = model.fit(x[train], truth[train]).decision_function(x[fold == i])
    return said


def main(*files):
    about, rows = {}, []
    for features, listing in zip(files[::2], files[1::2]):
        about |= {row["path"]: row for row in csv.DictReader(open(listing), delimiter="\t")}
        head, *lines = csv.reader(open(features), delimiter="\t")
        rows += lines
    names, table = head[1:], np.array([row[1:] for row in rows], float)
    column = lambda key: np.array([about[row[0]][key] for row in rows])
    truth = (column("class") == "forged").astype(int)
    path, state, group, kind = (column(key) for key in ("path", "state", "group", "kind"))
    is_drawn = state == "drawn"
    fold = folds(joined(group, path, state), truth)
    # What is drawn is one group a kind, however many sources it is drawn from.
    weighed_as = np.where(is_drawn & (truth == 1), kind, group)
    collected = ~is_drawn

    def fitted(of):
        """Weights by everything, and the offset by what is collected."""
        _, weight = fit(table[of], truth[of], weights(truth[of], weighed_as[of]))
        logit = np.minimum(table, MOST) @ weight
        own = of & collected
        return offset_of(logit[own], truth[own], weights(truth[own], group[own])), weight, logit

    everything = np.ones(len(truth), bool)
    offset, weight, _ = fitted(everything)
    held = np.zeros(len(truth))
    for i in range(FOLDS):
        # The offset is not held out: most pictures have no evidence, and with an offset a fold their
        # order would be that of the folds.
        held[fold == i] = score(offset + fitted(fold != i)[2][fold == i])
    for s in STATES:
        m = state == s
        if not m.any():
            continue
        print(f"{s:8} all     ", measured(truth[m], held[m], group[m]))
        for k in sorted(set(kind[m & (truth == 1)])):
            of = m & ((truth == 0) | (kind == k))
            print(f"{s:8} {k:9}", f"AUC {roc_auc_score(truth[of], held[of]):.3f}  n {truth[of].sum()}")
        for at, name in enumerate(names):
            spoke = table[:, at] >= STRIKING.get(name, 1e-9)
            rate = [f"{spoke[m & (truth == t)].sum()} of {(m & (truth == t)).sum()}" for t in (1, 0)]
            print(f"{s:8} {name} spoke on {rate[0]} forged, {rate[1]} authentic")
    files = state == "as_is"
    by_file = floor(path[files], truth[files], fold[files])
    print("as_is, by what files say, collections held out:", measured(truth[files], by_file, group[files]))
    for name in sorted(set(group[files & (truth == 1)])):
        of = files & (group == name) | files & (truth == 0) & ~np.isin(group, group[files & (truth == 1)])
        print(f"as_is {name} and what is authentic elsewhere", measured(truth[of], held[of], group[of]))
        own = files & (group == name)
        if len(set(truth[own])) == 2:
            print(f"as_is {name} alone", measured(truth[own], held[own], group[own]))
            tenths = np.arange(own.sum()) % 10
            said = floor(path[own], truth[own], tenths)
            print(f"as_is {name} alone, by what files say", measured(truth[own], said, group[own]))
    for k in sorted(set(kind[files & (truth == 0)])):
        of = files & (truth == 0) & (kind == k)
        print(f"as_is {k}: at or above", {at: f"{(held[of] >= at).sum()} of {of.sum()}" for at in ALARMS})
    for label, m in (("collected", collected), *((s, state == s) for s in STATES[:3])):
        of = weights(truth[m], group[m]) / m.sum()
        bins = np.minimum((held[m] * 10).astype(int), 9)
        gaps = [abs((of * (truth[m] - held[m]))[bins == b].sum()) for b in range(10)]
        print(f"{label}: Brier {np.average((truth[m] - held[m]) ** 2, weights=of):.4f} (0.25 = no information), ECE {sum(gaps):.4f}")
        for b in range(10):
            at = bins == b
            if at.any():
                share, mean = np.average(truth[m][at], weights=of[at]), np.average(held[m][at], weights=of[at])
                print(f"  {b / 10:.1f}  mean score {mean:.3f}  share forged {share:.3f}  n {at.sum()}")
    print(f"const OFFSET: f64 = {offset:.4f};")
    for name, w in zip(names, weight):
        print(f"    Term {{ mean: 0.0, deviation: 1.0, weight: {w:.4f} }}, // {name}")


if __name__ == "__main__":
    main(*sys.argv[1:])
