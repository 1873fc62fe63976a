# SPDX-License-Identifier: MIT OR Apache-2.0
"""Held-out figures of one hypothesis, from the features of `extract.py`; `ship.py` makes the model.

usage: train.py --hypothesis gan|diffusion --features FILE.npz… --report FILE.json

Families of generators and sources of authentic pictures are held out together in five folds. Every figure
is of pictures whose family or source the model has not seen.
"""
import argparse, json

import lightgbm
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score, roc_curve
from sklearn.preprocessing import StandardScaler

import families, weights

SEED, CLIP, FOLDS = 20261124, 4.0, 5
TRAINED = ("equal", "random0", "random1", "random2")
CONDITIONS = ("equal", "q90", "q75", "r75q90", "r75", "file")
FEATURE_SET = "traces-572-v1"


class Data:
    def __init__(self, files, wanted):
        parts = [np.load(f) for f in files]
        column = lambda name: np.concatenate([p[name] for p in parts])
        y, generator = column("y"), column("generator")
        family = np.array([families.FAMILY.get(g, g) for g in generator])
        keep = (y == 0) | np.array([families.hypothesis(f) == wanted for f in family])
        self.x, self.y = column("x")[keep], y[keep]
        take = lambda name: column(name)[keep]
        self.path, self.version, self.source, self.kind = map(take, ("path", "version", "source", "kind"))
        self.generator, self.quality, self.format = generator[keep], take("quality"), take("format")
        self.group = np.where(self.y == 1, family[keep], self.source)
        self.fold = self.folds()

    def folds(self):
        """Whole groups, largest first, each to the fold with the fewest pictures of its class so far."""
        out = np.zeros(len(self.y), int)
        for y in (0, 1):
            sizes = {g: len(set(self.path[(self.y == y) & (self.group == g)])) for g in set(self.group[self.y == y])}
            load = np.zeros(FOLDS)
            for g, n in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
                k = int(np.argmin(load))
                load[k] += n
                out[(self.y == y) & (self.group == g)] = k
        return out


def row_weights(y, group):
    """Classes equal; within a class groups by the root of their size."""
    w = np.zeros(len(y))
    for c in (0, 1):
        for g in set(group[y == c]):
            rows = (y == c) & (group == g)
            w[rows] = 1 / np.sqrt(rows.sum())
        w[y == c] /= w[y == c].sum()
    return w / w.mean()


class Fit:
    """Logistic regression on standardised, clipped features, and boosted trees."""

    def __init__(self, x, y, group):
        w = row_weights(y, group)
        self.scaler = StandardScaler().fit(x)
        self.linear = LogisticRegression(C=0.02, max_iter=500).fit(self.standard(x), y, sample_weight=w)
        self.trees = lightgbm.LGBMClassifier(
            n_estimators=300, learning_rate=0.05, num_leaves=15, min_child_samples=20, subsample=0.7,
            subsample_freq=1, colsample_bytree=0.2, reg_lambda=5, num_threads=2, verbose=-1, random_state=SEED,
            deterministic=True, force_row_wise=True).fit(x, y, sample_weight=w)

    def standard(self, x):
        return np.clip(self.scaler.transform(x), -CLIP, CLIP)

    def logits(self, x):
        return np.stack([self.linear.decision_function(self.standard(x)), self.trees.predict(x, raw_score=True)], 1)


def pictures(d, rows, scores):
    """One value a picture: the mean over its crops. Returns index of a row of each picture, and the values."""
    _, first, inverse = np.unique(d.path[rows], return_index=True, return_inverse=True)
    sums = np.bincount(inverse, scores[rows])
    return np.flatnonzero(rows)[first], sums / np.bincount(inverse)


def auc(y, s):
    return roc_auc_score(y, s) if len(set(y)) == 2 else float("nan")


def tpr(y, s, fpr):
    f, t, _ = roc_curve(y, s)
    return float(t[f <= fpr].max())


def interval(statistic, y, s, group, rounds=400):
    """95 % interval by resampling whole groups within each class."""
    rng, values = np.random.default_rng(SEED), []
    members = {c: [np.flatnonzero((y == c) & (group == g)) for g in sorted(set(group[y == c]))] for c in (0, 1)}
    for _ in range(rounds):
        take = np.concatenate([m[i] for m in members.values() for i in rng.integers(len(m), size=len(m))])
        values.append(statistic(y[take], s[take]))
    return [float(v) for v in np.nanpercentile(values, (2.5, 97.5))]


def held_out(d, trained, tested):
    """Logits (linear, trees) of the tested rows by models that have not seen their group."""
    out = np.full((len(d.y), 2), np.nan)
    for k in range(FOLDS):
        train = np.isin(d.version, trained) & (d.fold != k)
        test = np.isin(d.version, tested) & (d.fold == k)
        if test.any():
            out[test] = Fit(d.x[train], d.y[train], d.group[train]).logits(d.x[test])
    return out


def combine(logits):
    """Equal shares after dividing by the spread of each; returns the logit and the shares."""
    shares = 0.5 / np.nanstd(logits, axis=0)
    return logits @ shares, shares


def platt(s, y, w):
    m = LogisticRegression(C=1e6).fit(s[:, None], y, sample_weight=w)
    return max(float(m.coef_[0, 0]), 0.0), float(m.intercept_[0])


def matched_repositories(d):
    """Sources that have at least five pictures of either class."""
    count = lambda y, s: len(set(d.path[(d.y == y) & (d.source == s) & (d.version == "equal")]))
    return [s for s in sorted(set(d.source[d.y == 1])) if min(count(0, s), count(1, s)) >= 5]


def matched(d, trained, tested, shares):
    """AUC of generated against authentic within one source; that source and its families are not trained on."""
    out = {}
    for s in matched_repositories(d):
        used = set(d.group[(d.source == s) & (d.y == 1)])
        unseen = (d.source != s) & ~((d.y == 1) & np.isin(d.group, list(used)))
        train = np.isin(d.version, trained) & unseen
        fit = Fit(d.x[train], d.y[train], d.group[train])
        for version in tested:
            rows = (d.version == version) & (d.source == s)
            values = np.full(len(d.y), np.nan)
            values[rows] = fit.logits(d.x[rows]) @ shares
            index, score = pictures(d, rows, values)
            y = d.y[index]
            if min((y == 0).sum(), (y == 1).sum()) >= 5:
                out.setdefault(version, {})[s] = dict(
                    auc=auc(y, score), ai=int(y.sum()), real=int((y == 0).sum()),
                    interval=interval(auc, y, score, d.path[index]), scores=list(map(float, score)), y=list(map(int, y)))
    return out


def figures(d, score, version):
    rows = (d.version == version) & np.isfinite(score)
    index, s = pictures(d, rows, score)
    y, group, kind = d.y[index], d.group[index], d.kind[index]
    if len(set(y)) < 2:
        return None
    threshold = {p: float(np.quantile(s[y == 0], 1 - p)) for p in (0.05, 0.01)}
    out = dict(ai=int(y.sum()), real=int((y == 0).sum()), auc=auc(y, s), auc_interval=interval(auc, y, s, group))
    for p in (0.05, 0.01):
        out[f"tpr_{p}"] = tpr(y, s, p)
        out[f"tpr_{p}_interval"] = interval(lambda a, b: tpr(a, b, p), y, s, group)
        for k in ("camera_original", "hard", "web", "matched_photo", "matched_art", "prnu_natural"):
            of = (y == 0) & (kind == k)
            out.setdefault("fpr", {}).setdefault(k, dict(n=int(of.sum())))[str(p)] = int((s[of] > threshold[p]).sum())
    cameras = (y == 1) | (kind == "camera_original")
    out["auc_against_cameras"] = auc(y[cameras], s[cameras])
    for f in ("PNG", "JPEG"):
        born = (y == 0) | (d.format[index] == f)
        out[f"auc_born_{f.lower()}"] = [auc(y[born], s[born]), int(y[born].sum())]
    out["families"] = {g: dict(n=int((group[y == 1] == g).sum()), auc=auc(y[(y == 0) | (group == g)], s[(y == 0) | (group == g)]),
                               tpr_0_05=float((s[(y == 1) & (group == g)] > threshold[0.05]).mean())) for g in sorted(set(group[y == 1]))}
    return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hypothesis", required=True, choices=("gan", "diffusion"))
    parser.add_argument("--features", required=True, nargs="+")
    parser.add_argument("--report", required=True)
    args = parser.parse_args()
    d = Data(args.features, args.hypothesis)
    report = dict(hypothesis=args.hypothesis, rows=len(d.y))
    tested = CONDITIONS + TRAINED[1:]
    raw = held_out(d, TRAINED, tested)
    score, shares = combine(raw)
    report["conditions"] = {v: figures(d, score, v) for v in CONDITIONS}
    for name, column in (("linear", 0), ("trees", 1)):
        report[f"auc_{name}"] = {v: (figures(d, raw[:, column], v) or {}).get("auc") for v in CONDITIONS}
    low, low_shares = combine(held_out(d, ("lowpass",), ("lowpass",)))
    report["lowpass"] = figures(d, low, "lowpass")
    report["matched"] = matched(d, TRAINED, ("equal", "q90", "q75"), shares)
    report["matched_lowpass"] = matched(d, ("lowpass",), ("lowpass",), low_shares)
    np.savez(args.report + ".npz", raw=raw, score=score, path=d.path, y=d.y, version=d.version, group=d.group,
             kind=d.kind, quality=d.quality, source=d.source, fold=d.fold, shares=shares)
    json.dump(report, open(args.report, "w"), indent=1)
    for v in CONDITIONS:
        f = report["conditions"][v]
        if f:
            print(v, f"ai {f['ai']} real {f['real']} auc {f['auc']:.3f} {np.round(f['auc_interval'], 3)} t5 {f['tpr_0.05']:.2f}"
                  f" t1 {f['tpr_0.01']:.2f} cam auc {f['auc_against_cameras']:.3f} png/jpeg {f['auc_born_png']} {f['auc_born_jpeg']}")
    print("lowpass", report["lowpass"]["auc"])
    for key in ("matched", "matched_lowpass"):
        for v, sets in report[key].items():
            print(key, v, {s: (round(r["auc"], 2), r["ai"], r["real"]) for s, r in sets.items()},
                  round(float(np.mean([r["auc"] for r in sets.values()])), 3))


if __name__ == "__main__":
    main()
