# SPDX-License-Identifier: MIT OR Apache-2.0
"""Fits the logistic part of the detector and measures it with collections and sources held out.

usage: fit.py FEATURES LIST

FEATURES is what `cargo run --release --example splicing_features` prints, LIST the list.tsv of
states.py. Prints measurements and the terms as Rust constants.
"""
import csv
import sys
from collections import Counter

import numpy as np
from scipy.optimize import minimize
from sklearn.metrics import roc_auc_score, roc_curve

STATES = ["as_is", "cut", "cut_q90"]
FOLDS, MOST, LOW, HIGH = 5, 4.0, 0.3, 0.95
STRIKING = {"noise": np.log1p(5)}  # reported as a finding from here on; the others from any region


def folds(group, truth):
    """Groups of each class, largest first, each into the emptiest fold."""
    fold = {}
    for kind in (0, 1):
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


def fit(table, truth, group):
    """No trace speaks for authenticity: weights are not below 0."""
    x, w = np.minimum(table, MOST), weights(truth, group)

    def loss(p):
        z = p[0] + x @ p[1:]
        q = 1 / (1 + np.exp(-z))
        slope = w * (q - truth)
        value = (w * (np.logaddexp(0, z) - truth * z)).sum() + 0.5 * (p[1:] ** 2).sum()
        return value, np.append(slope.sum(), x.T @ slope + p[1:])

    start = np.zeros(x.shape[1] + 1)
    bounds = [(None, None)] + [(0, None)] * x.shape[1]
    found = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x
    return float(found[0]), found[1:]


def score(table, offset, weight):
    logit = offset + np.minimum(table, MOST) @ weight
    return np.clip(1 / (1 + np.exp(-logit)), LOW, HIGH)


def measured(truth, s, group, rounds=1000):
    """AUC with a 95 % interval over resampled groups within each class, and TPR at 5 % and 1 % FPR."""
    fpr, tpr, _ = roc_curve(truth, s)
    random, values = np.random.default_rng(0), []
    members = [
        [np.flatnonzero((truth == kind) & (group == name)) for name in np.unique(group[truth == kind])]
        for kind in (0, 1)
    ]
    for _ in range(rounds):
        drawn = np.concatenate([m[i] for m in members for i in random.integers(len(m), size=len(m))])
        values.append(roc_auc_score(truth[drawn], s[drawn]))
    low, high = np.quantile(values, [0.025, 0.975])
    return (
        f"AUC {roc_auc_score(truth, s):.3f} [{low:.3f}, {high:.3f}]  TPR@5% {tpr[fpr <= 0.05].max():.3f}  "
        f"TPR@1% {tpr[fpr <= 0.01].max():.3f}  n {truth.sum()} forged, {(1 - truth).sum()} authentic"
    )


def main(features, listing):
    about = {row["path"]: row for row in csv.DictReader(open(listing), delimiter="\t")}
    rows = list(csv.reader(open(features), delimiter="\t"))
    names, table = rows[0][1:], np.array([row[1:] for row in rows[1:]], float)
    column = lambda key: np.array([about[row[0]][key] for row in rows[1:]])
    truth = (column("class") == "forged").astype(int)
    state, group, kind = column("state"), column("group"), column("kind")
    fold, held = folds(group, truth), np.zeros(len(truth))
    offset, weight = fit(table, truth, group)
    for i in range(FOLDS):
        train = fold != i
        # The offset is not held out: most pictures have no evidence, and with an offset a fold their
        # order would be that of the folds.
        held[fold == i] = score(table[fold == i], offset, fit(table[train], truth[train], group[train])[1])
    for s in STATES:
        m = state == s
        print(f"{s:8} all     ", measured(truth[m], held[m], group[m]))
        for k in sorted(set(kind[truth == 1])):
            of = m & ((truth == 0) | (kind == k))
            print(f"{s:8} {k:9}", f"AUC {roc_auc_score(truth[of], held[of]):.3f}  n {truth[of].sum()}")
        for at, name in enumerate(names):
            spoke = table[:, at] >= STRIKING.get(name, 1e-9)
            rate = [f"{spoke[m & (truth == t)].sum()} of {(m & (truth == t)).sum()}" for t in (1, 0)]
            print(f"{s:8} {name} spoke on {rate[0]} forged, {rate[1]} authentic")
    m, balance = np.ones(len(truth), bool), weights(truth, group)
    print(f"Brier {np.average((truth[m] - held[m]) ** 2, weights=balance):.4f} (0.25 = no information)")
    print("reliability (classes weighted equal): score bin, share forged, n")
    for low in np.arange(0, 1, 0.1):
        b = (held[m] >= low) & (held[m] < low + 0.1)
        if b.sum():
            print(f"{low:.1f}  {np.average(truth[m][b], weights=balance[b]):.3f}  {b.sum()}")
    print(f"const OFFSET: f64 = {offset:.4f};")
    for name, w in zip(names, weight):
        print(f"    Term {{ mean: 0.0, deviation: 1.0, weight: {w:.4f} }}, // {name}")


if __name__ == "__main__":
    main(*sys.argv[1:])
