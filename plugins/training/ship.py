# SPDX-License-Identifier: MIT OR Apache-2.0
"""The shipped model of one hypothesis: fitted on everything, calibrated on held-out logits.

usage: ship.py --hypothesis gan|diffusion --features FILE.npz… --report FILE.json --weights FILE.bin
               --trained-on TEXT [--without FOLD]

FILE.json (and FILE.json.npz beside it) come from `train.py`, whose options are taken from there; the
calibration's figures are added to it. `--without` makes the model of a fold instead: neither its weights nor its
calibration are fitted to the fold's pictures, and the report is left as it is.
"""
import argparse, json

import numpy as np

import train, weights

#: Versions whose last compression is that of each state of `assay_signal::model::CompressionState`.
STATES = {
    "lossless": lambda version, quality: (quality == 0),
    "high_quality": lambda version, quality: (quality >= 88) & (version != "lowpass"),
    "low_quality": lambda version, quality: (quality > 0) & (quality < 88),
}
#: The version of authentic pictures that gives the p-values of each state: one logit a picture.
AUTHENTIC = {"lossless": "r75", "high_quality": "q90", "low_quality": "q75"}
#: No score leaves this range: a few hundred pictures support no longer odds.
LOW, HIGH = 0.05, 0.95
#: Where the default policy says AI_GENERATED, when no other detector speaks.
CALLED = 0.70


def picture_logits(d, score, chosen):
    """One row a picture and version."""
    key = np.char.add(np.char.add(d.path.astype(str), " "), d.version.astype(str))
    rows = chosen & np.isfinite(score)
    _, first, inverse = np.unique(key[rows], return_index=True, return_inverse=True)
    return np.flatnonzero(rows)[first], np.bincount(inverse, score[rows]) / np.bincount(inverse)


def probability(slope, offset, s):
    return np.clip(1 / (1 + np.exp(-(slope * s + offset))), LOW, HIGH)


def reliability(y, p, w):
    """Brier score, log loss and calibration error in five bins, all with the weights."""
    w = w / w.sum()
    bins = np.minimum((p * 5).astype(int), 4)
    error = sum(abs((w * (y - p))[bins == b].sum()) for b in range(5))
    loss = -(w * (y * np.log(p) + (1 - y) * np.log(1 - p))).sum()
    return dict(brier=float((w * (y - p) ** 2).sum()), log_loss=float(loss), calibration_error=float(error))


def matched_scores(report):
    """Scores, classes and set of everything in the content-matched sets, all their versions."""
    of = [(f"{version} {name}", r) for version, sets in report["matched"].items() for name, r in sets.items()]
    column = lambda values: np.concatenate([values(name, r) for name, r in of]) if of else np.array([])
    return column(lambda _, r: r["scores"]), column(lambda _, r: r["y"]), column(lambda name, r: [name] * len(r["y"]))


def matched_slope(report):
    """Slope of one logistic over all content-matched sets, each with an intercept of its own."""
    s, y, group = matched_scores(report)
    if not len(s):
        return None
    names = sorted(set(group))
    x = np.column_stack([s] + [20.0 * (group == n) for n in names])
    m = train.LogisticRegression(C=1e3, max_iter=2000, fit_intercept=False).fit(x, y, sample_weight=train.row_weights(y, group))
    return max(float(m.coef_[0, 0]), 0.0)


def matched_reliability(report, slope, offset):
    """As `reliability`, within the content-matched sets."""
    s, y, group = matched_scores(report)
    return reliability(y, probability(slope, offset, s), train.row_weights(y, group)) if len(s) else None


def main():
    parser = argparse.ArgumentParser()
    for name in ("hypothesis", "report", "weights"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--features", required=True, nargs="+")
    parser.add_argument("--trained-on", required=True)
    parser.add_argument("--without", type=int, choices=range(train.FOLDS))
    args = parser.parse_args()
    report, held = json.load(open(args.report)), np.load(args.report + ".npz")
    d = train.Data(args.features, args.hypothesis, report["others"])
    if not (np.array_equal(d.path, held["path"]) and np.array_equal(d.version, held["version"])):
        raise SystemExit("the report is of other features, or of the same in another order")
    score, shares = held["score"], held["shares"]
    slope_matched = matched_slope(report)
    allowed = np.ones(len(d.y), bool) if args.without is None else d.without(args.without)
    states, report["calibration"] = [], {}
    for name, belongs in STATES.items():
        index, s = picture_logits(d, score, belongs(d.version, d.quality) & (d.version != "file") & allowed)
        y, group, fold = d.y[index], d.group[index], d.fold[index]
        w = train.row_weights(y, group)
        slope, offset = shrunk(s, y, w, slope_matched)
        rows, authentic = picture_logits(d, score, (d.version == AUTHENTIC[name]) & (d.y == 0) & allowed)
        states.append((slope, offset, LOW, HIGH, authentic))
        if args.without is None:
            p, crossed = probability(slope, offset, s), cross_fitted(s, y, group, fold, slope_matched)
            report["calibration"][name] = dict(
                slope=slope, offset=offset, pictures=len(s), authentic=len(authentic), **reliability(y, crossed, w),
                score_quantiles={c: [float(v) for v in np.quantile(p[y == v0], (0.05, 0.25, 0.5, 0.75, 0.95))]
                                 for c, v0 in (("ai", 1), ("real", 0))})
    report["matched_slope"] = slope_matched
    report["matched_calibration"] = matched_reliability(report, *states[1][:2])
    report["files"] = files_called(d, score, *states[1][:2])
    train_rows = d.train_rows(train.TRAINED, allowed)
    fit = d.fit(train_rows, **report["options"])
    report["digest"] = weights.write(args.weights, trained_on=args.trained_on, parts=parts_of(d, fit, shares), states=states)
    if args.without is not None:
        return
    report["trained"] = {c: [len(set(d.path[train_rows & chosen])), int((train_rows & chosen).sum())]
                         for c, chosen in (("ai", (d.y == 1) & ~d.other), ("other", d.other), ("real", d.y == 0))}
    json.dump(report, open(args.report, "w"), indent=1)
    print(json.dumps({k: report[k] for k in ("calibration", "matched_slope", "matched_calibration", "files", "digest", "trained")}, indent=1))
    # What the Rust tests of agreement compare with.
    sample = d.x[train_rows][::997]
    np.savez(args.weights + ".check.npz", x=sample, logit=fit.logits(sample) @ shares)


def parts_of(d, fit, shares):
    """The parts of the model file: one a set, the trees with the traces."""
    trees = fit.trees.booster_.dump_model()["tree_info"]
    names = dict(traces="traces-572-v1", crop=f"network-{d.network[:12]}-crop", detail=f"network-{d.network[:12]}-detail")
    trees_share, *linear_shares = shares  # In the order of `Fit.logits`.
    return [
        weights.part(
            feature_set=names[name], clip=train.CLIP, mean=linear.scaler.mean_, deviation=linear.scaler.scale_,
            weight=linear.weight, bias=linear.bias,
            shares=(share, trees_share if name == "traces" else 0), trees=trees if name == "traces" else ())
        for (name, linear), share in zip(fit.linear.items(), linear_shares)]


def files_called(d, score, slope, offset):
    """How many files as they are reach the detector's and the policy's levels, by kind."""
    rows, s = picture_logits(d, score, d.version == "file")
    p, real = probability(slope, offset, s), d.y[rows] == 0
    of = {k: real & (d.kind[rows] == k) for k in sorted(set(d.kind[rows][real]))} | {"generated": ~real}
    levels = dict(weak=0.6, called=CALLED, moderate=0.75)
    return {k: dict(n=int(r.sum()), **{name: int((p[r] >= level).sum()) for name, level in levels.items()})
            for k, r in of.items()}


def cross_fitted(s, y, group, fold, matched):
    """Probabilities by maps that are fitted to the other folds, classes equal there as well."""
    out = np.zeros(len(s))
    for k in range(train.FOLDS):
        rest = fold != k
        slope, offset = shrunk(s[rest], y[rest], train.row_weights(y[rest], group[rest]), matched)
        out[fold == k] = probability(slope, offset, s[fold == k])
    return out


def shrunk(s, y, w, matched):
    """Platt's map with a slope between its own and the one that the content-matched sets support, their geometric
    mean, if that is less steep; the offset is fitted to that slope."""
    slope, offset = train.platt(s, y, w)
    if matched is None or slope <= matched:
        return slope, offset
    slope = float(np.sqrt(slope * matched))
    low, high = -20.0, 20.0
    for _ in range(80):
        offset = (low + high) / 2
        excess = (w * (1 / (1 + np.exp(-(slope * s + offset))) - y)).sum()
        low, high = (low, offset) if excess > 0 else (offset, high)
    return slope, offset


if __name__ == "__main__":
    main()
