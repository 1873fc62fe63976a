# SPDX-License-Identifier: MIT OR Apache-2.0
"""Held-out figures of one hypothesis, from the features of `extract.py`; `ship.py` makes the model.

usage: train.py --hypothesis gan|diffusion --features FILE.npz… --report FILE.json [--first] [--others ROLE]
                [--sets NAME…] [--trees N] [--leaves N] [--c C] [--factor F] [--low]

Families of generators and sources of authentic pictures are held out together in five folds. Every figure
is of pictures whose family or source the model has not seen. `--first` trains on the pictures of the first
collection only and tests on all, in the same folds; `--sets` takes some of the features' sets only. `--others`
says what the generators of the other hypothesis are in training (they are never tested): a third class, left out,
authentic or generated. `--factor` is the extra weight of sources with both classes. `--low` adds to a report the
control that is trained and tested on low-passed pictures, which have nothing left but content.
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
TREES, LEAVES, C = 300, 15, 0.02
#: The features' sets, as `assay_signal::classifier` orders them: the traces, and of a network the features of the
#: crop and those that it loses when low-passed. What is left to the low-passed crop is the control of both.
SETS = {
    "traces": lambda x: x[:, :572], "crop": lambda x: x[:, 572:1180], "detail": lambda x: x[:, 1180:],
    "lowpass": lambda x: x[:, 572:1180] - x[:, 1180:],
}


#: What the generators of the other hypothesis are in training; left out, they are not in the data.
OTHERS = {"authentic": 0, "generated": 1, "third": 2, "out": -1}


class Data:
    def __init__(self, files, wanted, others="third", first=False):
        parts = [np.load(f) for f in files]
        column = lambda name: np.concatenate([p[name] for p in parts])
        y, generator = column("y"), column("generator")
        family = np.array([families.FAMILY.get(g, g) for g in generator])
        other = (y == 1) & np.array([families.hypothesis(f) != wanted for f in family])
        keep = ~other | (others != "out")
        self.x, self.y = column("x")[keep], y[keep]
        (self.network,) = {str(p["network"]) if "network" in p.files else "" for p in parts}
        take = lambda name: column(name)[keep]
        self.path, self.version, self.source, self.kind = map(take, ("path", "version", "source", "kind"))
        self.generator, self.quality, self.format = generator[keep], take("quality"), take("format")
        self.set = np.where(take("set") == "", self.source, take("set"))
        self.group = np.where(self.y == 1, family[keep], self.source)
        self.fold = self.folds()
        self.other, self.web_size = other[keep], self.kind == "web_size"
        self.target = np.where(self.other, OTHERS[others], self.y)
        self.both = np.isin(self.source, list(set(self.source[self.y == 1]) & set(self.source[self.y == 0])))
        self.first = take("first") == 1
        self.trainable = self.first | (not first)
        # As many crops of a version are trained on as the versions have that are only trained on.
        _, at = np.unique(np.char.add(self.path.astype(str), self.version.astype(str)), return_inverse=True)
        order = np.argsort(at, kind="stable")
        nth = np.arange(len(at)) - np.searchsorted(at[order], at[order])
        self.trainable[order[nth >= 2]] = False

    def train_rows(self, trained, unseen):
        return np.isin(self.version, trained) & self.trainable & unseen

    def test_rows(self, version):
        return (self.version == version) & ~self.other

    def without(self, fold):
        """Rows that a model of everything but a fold may see. A source with both classes in the fold is not seen
        from its other class either: its look would be learnt."""
        return (self.fold != fold) & ~(self.both & np.isin(self.source, self.source[self.fold == fold]))

    def fit(self, rows, **options):
        return Fit(self.x[rows], self.target[rows], self.group[rows], self.both[rows], **options)

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


def row_weights(y, group, favoured=None, factor=1.0):
    """Classes equal, a third one sharing the half of the second; within a class groups by the root of their size,
    the favoured rows `factor` times that."""
    w = np.zeros(len(y))
    for c in sorted(set(y)):
        for g in set(group[y == c]):
            rows = (y == c) & (group == g)
            w[rows] = 1 / np.sqrt(rows.sum())
        if favoured is not None:
            w[(y == c) & favoured] *= factor
        w[y == c] /= w[y == c].sum() * (2 if c > 0 and 2 in y else 1)
    return w / w.mean()


def sets_of(x):
    return ("traces", "crop", "detail") if x.shape[1] > 572 else ("traces",)


class Linear:
    """Logistic regression on standardised, clipped features: the log-odds of class 1 against class 0, whatever the
    third."""

    def __init__(self, x, y, w, c):
        self.scaler = StandardScaler().fit(x)
        model = LogisticRegression(C=c, max_iter=500, tol=1e-3).fit(self.standard(x), y, sample_weight=w)
        third = len(model.classes_) == 3
        self.weight = model.coef_[1] - model.coef_[0] if third else model.coef_[0]
        self.bias = model.intercept_[1] - model.intercept_[0] if third else model.intercept_[0]

    def standard(self, x):
        return np.clip(self.scaler.transform(x), -CLIP, CLIP)

    def logits(self, x):
        return self.standard(x) @ self.weight + self.bias


class Fit:
    """A logistic regression on each set of features, and boosted trees on the traces of both classes; those do
    without the third."""

    def __init__(self, x, y, group, matched=None, sets=(), trees=TREES, leaves=LEAVES, c=C, factor=1.0):
        w = row_weights(y, group, matched, factor)
        self.linear = {name: Linear(SETS[name](x), y, w, c) for name in sets or sets_of(x)}
        self.trees = "traces" in self.linear and lightgbm.LGBMClassifier(
            n_estimators=trees, learning_rate=0.05, num_leaves=leaves, min_child_samples=20, subsample=0.7,
            subsample_freq=1, colsample_bytree=0.2, reg_lambda=5, max_bin=63, num_threads=1, verbose=-1, random_state=SEED,
            deterministic=True, force_row_wise=True).fit(SETS["traces"](x[y < 2]), y[y < 2], sample_weight=w[y < 2])

    def logits(self, x):
        """Columns: the trees, if there are any, then the regression of each set."""
        trees = [self.trees.predict(SETS["traces"](x), raw_score=True)] if self.trees else []
        return np.stack(trees + [model.logits(SETS[name](x)) for name, model in self.linear.items()], 1)


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


def interval(statistic, y, s, group, rounds=200):
    """95 % interval by resampling whole groups within each class."""
    rng, values = np.random.default_rng(SEED), []
    members = {c: [np.flatnonzero((y == c) & (group == g)) for g in sorted(set(group[y == c]))] for c in (0, 1)}
    for _ in range(rounds):
        take = np.concatenate([m[i] for m in members.values() for i in rng.integers(len(m), size=len(m))])
        values.append(statistic(y[take], s[take]))
    return [float(v) for v in np.nanpercentile(values, (2.5, 97.5))]


def held_out(d, trained, tested, **options):
    """Logits (as `Fit`) of the tested rows by models that have seen neither their group nor their source."""
    out = None
    for k in range(FOLDS):
        test = np.isin(d.version, tested) & (d.fold == k) & ~d.other
        if test.any():
            logits = d.fit(d.train_rows(trained, d.without(k)), **options).logits(d.x[test])
            out = np.full((len(d.y), logits.shape[1]), np.nan) if out is None else out
            out[test] = logits
    return out


def combine(logits):
    """Equal shares of the sets after dividing by the spread of each; the trees and the regression share those of
    the traces. Returns the logit and the shares."""
    sets = max(logits.shape[1] - 1, 1)
    shares = np.array([0.5, 0.5] + [1.0] * (sets - 1))[: logits.shape[1]] / sets / np.nanstd(logits, axis=0)
    return logits @ shares, shares


def platt(s, y, w):
    m = LogisticRegression(C=1e6).fit(s[:, None], y, sample_weight=w)
    return max(float(m.coef_[0, 0]), 0.0), float(m.intercept_[0])


def matched_sets(d):
    """Sets (mostly one source) that have at least five pictures of either class."""
    own = d.test_rows("equal") & ~d.web_size
    count = lambda y, s: len(set(d.path[own & (d.y == y) & (d.set == s)]))
    return [s for s in sorted(set(d.set[d.y == 1])) if min(count(0, s), count(1, s)) >= 5]


def matched(d, trained, tested, shares, **options):
    """AUC of generated against authentic within one set; its sources and families are not trained on."""
    out = {}
    for s in matched_sets(d):
        used = set(d.group[(d.set == s) & (d.y == 1) & ~d.other])
        unseen = ~np.isin(d.source, list(set(d.source[d.set == s]))) & ~((d.y == 1) & np.isin(d.group, list(used)))
        fit = d.fit(d.train_rows(trained, unseen), **options)
        for version in tested:
            rows = d.test_rows(version) & (d.set == s) & ~d.web_size
            if not rows.any():
                continue
            values = np.full((len(d.y), len(shares)), np.nan)
            values[rows] = fit.logits(d.x[rows])
            index, score = pictures(d, rows, values @ shares)
            parts = [auc(d.y[index], pictures(d, rows, values[:, c])[1]) for c in range(len(shares))]
            y = d.y[index]
            if min((y == 0).sum(), (y == 1).sum()) >= 5:
                out.setdefault(version, {})[s] = dict(
                    auc=auc(y, score), ai=int(y.sum()), real=int((y == 0).sum()), auc_parts=parts,
                    interval=interval(auc, y, score, d.path[index]), scores=list(map(float, score)),
                    y=list(map(int, y)), path=list(map(str, d.path[index])))
    return out


def pooled_auc(d, score, version):
    if not d.test_rows(version).any():
        return None
    index, s = pictures(d, d.test_rows(version) & np.isfinite(score) & ~d.web_size, score)
    return auc(d.y[index], s)


def figures(d, score, version):
    rows = d.test_rows(version) & np.isfinite(score)
    if not rows.any():
        return None
    web_size = pictures(d, rows & d.web_size & (d.y == 0), score)[1]
    index, s = pictures(d, rows & ~d.web_size, score)
    y, group, kind = d.y[index], d.group[index], d.kind[index]
    if len(set(y)) < 2:
        return None
    threshold = {p: float(np.quantile(s[y == 0], 1 - p)) for p in (0.05, 0.01)}
    out = dict(ai=int(y.sum()), real=int((y == 0).sum()), auc=auc(y, s), auc_interval=interval(auc, y, s, group))
    for p in (0.05, 0.01):
        out[f"tpr_{p}"] = tpr(y, s, p)
        out[f"tpr_{p}_interval"] = interval(lambda a, b: tpr(a, b, p), y, s, group)
        for k in ("camera_original", "hard", "web", "matched_photo", "matched_art", "matched_face", "prnu_natural"):
            of = (y == 0) & (kind == k)
            out.setdefault("fpr", {}).setdefault(k, dict(n=int(of.sum())))[str(p)] = int((s[of] > threshold[p]).sum())
        out["fpr"].setdefault("web_size", dict(n=len(web_size)))[str(p)] = int((web_size > threshold[p]).sum())
    cameras = (y == 1) | (kind == "camera_original")
    out["auc_against_cameras"] = auc(y[cameras], s[cameras])
    for f in ("PNG", "JPEG"):
        born = (y == 0) | (d.format[index] == f)
        out[f"auc_born_{f.lower()}"] = [auc(y[born], s[born]), int(y[born].sum())]
    out["families"] = {str(g): dict(n=int((group[y == 1] == g).sum()), auc=auc(y[(y == 0) | (group == g)], s[(y == 0) | (group == g)]),
                               tpr_0_05=float((s[(y == 1) & (group == g)] > threshold[0.05]).mean())) for g in sorted(set(group[y == 1]))}
    return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hypothesis", required=True, choices=("gan", "diffusion"))
    parser.add_argument("--features", required=True, nargs="+")
    parser.add_argument("--report", required=True)
    parser.add_argument("--first", action="store_true")
    parser.add_argument("--others", choices=tuple(OTHERS), default="third")
    parser.add_argument("--trees", type=int, default=TREES)
    parser.add_argument("--leaves", type=int, default=LEAVES)
    parser.add_argument("--c", type=float, default=C)
    parser.add_argument("--factor", type=float, default=1.0)
    parser.add_argument("--sets", nargs="+", default=[], choices=("traces", "crop", "detail"))
    parser.add_argument("--low", action="store_true")
    args = parser.parse_args()
    d = Data(args.features, args.hypothesis, args.others, args.first)
    options = dict(trees=args.trees, leaves=args.leaves, c=args.c, factor=args.factor, sets=args.sets)
    if args.low:
        report = json.load(open(args.report))
        # With a network: what its features of the low-passed crops tell, at JPEG 90 as the model's own.
        network = bool(d.network) and args.sets != ["traces"]
        trained, tested = (TRAINED, "q90") if network else (("lowpass",), "lowpass")
        options["sets"] = ("lowpass",) if network else args.sets
        low, shares = combine(held_out(d, trained, (tested,), **options))
        report["lowpass"] = figures(d, low, tested)
        report["matched_lowpass"] = matched(d, trained, (tested,), shares, **options)[tested]
        json.dump(report, open(args.report, "w"), indent=1)
        return
    report = dict(hypothesis=args.hypothesis, rows=len(d.y), others=args.others, options=options)
    tested = CONDITIONS + TRAINED[1:]
    raw = held_out(d, TRAINED, tested, **options)
    score, shares = combine(raw)
    report["conditions"] = {v: figures(d, score, v) for v in CONDITIONS}
    sets = tuple(args.sets) or sets_of(d.x)
    for column, name in enumerate((("trees",) if "traces" in sets else ()) + sets):
        report[f"auc_{name}"] = {v: pooled_auc(d, raw[:, column], v) for v in CONDITIONS}
    report["matched"] = matched(d, TRAINED, ("equal", "q90", "q75"), shares, **options)
    np.savez(args.report + ".npz", raw=raw, score=score, path=d.path, y=d.y, version=d.version, group=d.group,
             kind=d.kind, quality=d.quality, source=d.source, fold=d.fold, shares=shares)
    json.dump(report, open(args.report, "w"), indent=1)
    for v in CONDITIONS:
        f = report["conditions"][v]
        if f:
            print(v, f"ai {f['ai']} real {f['real']} auc {f['auc']:.3f} {np.round(f['auc_interval'], 3)} t5 {f['tpr_0.05']:.2f}"
                  f" t1 {f['tpr_0.01']:.2f} cam auc {f['auc_against_cameras']:.3f} png/jpeg {f['auc_born_png']} {f['auc_born_jpeg']}")
    print({k: v for k, v in report.items() if k.startswith("auc_")})
    for v, sets in report["matched"].items():
        print("matched", v, {str(s): (round(r["auc"], 2), r["ai"], r["real"]) for s, r in sets.items()},
              round(float(np.mean([r["auc"] for r in sets.values()])), 3))


if __name__ == "__main__":
    main()
