# SPDX-License-Identifier: MIT OR Apache-2.0
"""Fits the logistic part of a detector and measures it with generator families and sources held out.

usage: fit.py FEATURES LIST [BOOTSTRAP] [MODEL]

FEATURES is what `cargo run --release --example noise_features` (or frequency_features) prints, LIST the list.tsv of states.py.
Prints measurements, reliability, and the terms as Rust constants; writes those into MODEL, a file that has them.
"""
import csv
import re
import sys
from collections import Counter

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score, roc_curve

TRAINED = ["J90", "J75", "J90L", "J92J85", "R75J90"]  # both classes in the same state
REGULARISATION = 0.02
FOLDS = 5
MOST_DEVIATION = 4.0
# Generators that share a family are held out together; the first pattern that matches wins.
FAMILIES = [
    ("flux", "flux|krea|chroma"),
    ("latent_1", "stable_diffusion|dreamstudio|starryai|ldm|glid|diffusion_ml72"),
    ("latent_2", "sdxl|cascade|anima|ernie|lens|boogu|sefi|ovis"),
    ("transformer", "qwen|hidream|hunyuan|lumina|omnigen|aura|wan2|longcat|mage"),
    ("midjourney", "midjourney"),
    ("openai", "gpt"),
    ("google", "nano_banana"),
    ("dalle2", "dalle2|dalle_unspec|disco"),
    ("vqgan", "dalle_mini|vqgan|simulacra"),
    ("gan", "gan|bigsleep"),
]


def group_of(row):
    if row["class"] == "real":
        return "real:" + row["source"]
    name = row["generator"]
    return "ai:" + next((f for f, pattern in FAMILIES if re.search(pattern, name)), name)


def read(features, listing):
    about = {row["path"]: row for row in csv.DictReader(open(listing), delimiter="\t")}
    rows = list(csv.reader(open(features), delimiter="\t"))
    table = np.array([row[1:] for row in rows[1:]], float)
    return rows[0][1:], table, [about[row[0]] for row in rows[1:]]


def folds(groups):
    """Groups of each class, largest first, each into the emptiest fold."""
    fold = {}
    for kind in ("ai:", "real:"):
        load = [0] * FOLDS
        sizes = Counter(g for g in groups if g.startswith(kind))
        for group, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
            fold[group] = int(np.argmin(load))
            load[fold[group]] += size
    return np.array([fold[g] for g in groups])


def weights(groups, truth):
    """Classes weigh the same, groups by the square root of their size."""
    sizes = Counter(groups)
    weight = np.array([sizes[g] ** -0.5 for g in groups])
    for kind in (0, 1):
        weight[truth == kind] /= weight[truth == kind].sum()
    return weight * len(weight) / 2


def fit(table, truth, weight):
    low, high = np.quantile(table, [0.002, 0.998], axis=0)
    clipped = np.clip(table, low, high)
    mean, deviation = clipped.mean(0), clipped.std(0)
    scale = lambda t: np.clip((t - mean) / deviation, -MOST_DEVIATION, MOST_DEVIATION)
    model = LogisticRegression(C=REGULARISATION, max_iter=5000)
    model.fit(scale(table), truth, sample_weight=weight)
    return mean, deviation, model, lambda t: model.decision_function(scale(t))


def measured(truth, score, groups, rounds):
    """AUC with a 95 % interval over resampled groups, and TPR at 5 % and 1 % FPR."""
    if len(set(truth)) < 2:
        return "none"
    fpr, tpr, _ = roc_curve(truth, score)
    names = np.unique(groups)
    members = {name: np.flatnonzero(groups == name) for name in names}
    random, values = np.random.default_rng(0), []
    while len(values) < rounds:
        drawn = np.concatenate([members[name] for name in random.choice(names, len(names))])
        if len(set(truth[drawn])) == 2:
            values.append(roc_auc_score(truth[drawn], score[drawn]))
    low, high = np.quantile(values, [0.025, 0.975])
    return (
        f"AUC {roc_auc_score(truth, score):.3f} [{low:.3f}, {high:.3f}]  TPR@5% "
        f"{tpr[fpr <= 0.05].max():.3f}  TPR@1% {tpr[fpr <= 0.01].max():.3f}  "
        f"n {truth.sum()} ai, {(1 - truth).sum()} real"
    )


def put(path, constants):
    """Replaces the offset and the terms of a Rust file; its number of terms must be that of the constants."""
    with open(path) as file:
        text = file.read()
    pattern = r"const OFFSET: f64 = .*?;\nconst TERMS: (\[Term; \w+\]) = \[.*?\n\];\n"
    offset, *terms = constants
    lines = lambda found: "\n".join([offset, f"const TERMS: {found[1]} = [", *terms, "];", ""])
    text, count = re.subn(pattern, lines, text, flags=re.DOTALL)
    if count != 1:
        sys.exit(f"{path}: no constants OFFSET and TERMS")
    with open(path, "w") as file:
        file.write(text)


def main(features, listing, rounds="1000", target=None):
    names, table, about = read(features, listing)
    column = lambda key: np.array([row[key] for row in about])
    truth = (column("class") == "ai").astype(int)
    state, kind, origin = column("state"), column("kind"), column("format")
    groups = np.array([group_of(row) for row in about])
    fold, logit = folds(groups), np.zeros(len(truth))
    trained = np.isin(state, TRAINED)
    for i in range(FOLDS):
        train = trained & (fold != i)
        logit[fold == i] = fit(table[train], truth[train], weights(groups[train], truth[train]))[3](
            table[fold == i]
        )
    # Platt's map on the held-out logits of the states that were trained on.
    platt = LogisticRegression(C=1e6)
    platt.fit(logit[trained, None], truth[trained], weights(groups[trained], truth[trained]))
    slope, offset = platt.coef_[0][0], platt.intercept_[0]
    score = 1 / (1 + np.exp(-(slope * logit + offset)))

    negatives = {
        "all": truth == 0,
        "camera_original": kind == "camera_original",
        "hard": kind == "hard",
        "web": kind == "web",
        "matched": np.char.startswith(kind, "matched"),
    }
    for s in ["U", *TRAINED, "LOWPASS"]:
        for name, negative in negatives.items():
            if name in ("all", "camera_original") or s in ("U", "J90"):
                m = (state == s) & ((truth == 1) | negative)
                print(f"{s:8}{name:16}", measured(truth[m], score[m], groups[m], int(rounds)))
        for was in ("PNG", "JPEG"):
            m = (state == s) & ((truth == 0) | (origin == was))
            print(f"{s:8}ai born {was:8}", measured(truth[m], score[m], groups[m], int(rounds)))
    print("score quantiles 1, 5, 50, 95, 99 %:")
    for s in ["U", *TRAINED]:
        for y, label in ((0, "real"), (1, "ai")):
            values = score[(state == s) & (truth == y)]
            print(f"{s:8}{label:5}", np.quantile(values, [0.01, 0.05, 0.5, 0.95, 0.99]).round(3))
    print("reliability (classes weighted equal): score bin, share generated, n")
    for s in ("U", "trained"):
        m = trained if s == "trained" else state == s
        weight = np.where(truth == 1, 0.5 / truth[m].sum(), 0.5 / (1 - truth[m]).sum())
        for low in np.arange(0, 1, 0.1):
            b = m & (score >= low) & (score < low + 0.1)
            if b.sum():
                print(f"{s:8}{low:.1f}  {np.average(truth[b], weights=weight[b]):.3f}  {b.sum()}")
    for family in sorted(set(groups[truth == 1])):
        m = (state == "J90") & ((truth == 0) | (groups == family))
        if truth[m].sum() >= 20:
            print(f"J90 {family:20} AUC {roc_auc_score(truth[m], score[m]):.3f} n {truth[m].sum()}")

    mean, deviation, model, _ = fit(
        table[trained], truth[trained], weights(groups[trained], truth[trained])
    )
    constants = [f"const OFFSET: f64 = {slope * model.intercept_[0] + offset:.4f};"]
    for name, m, d, w in zip(names, mean, deviation, slope * model.coef_[0]):
        constants.append(f"    Term {{ mean: {m:.4f}, deviation: {d:.4f}, weight: {w:.4f} }}, // {name}")
    print(*constants, sep="\n")
    if target:
        put(target, constants)


if __name__ == "__main__":
    main(*sys.argv[1:])
