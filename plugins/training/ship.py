# SPDX-License-Identifier: MIT OR Apache-2.0
"""The shipped model of one hypothesis: fitted on everything, calibrated on held-out logits.

usage: ship.py --hypothesis gan|diffusion --features FILE.npz… --report FILE.json --weights FILE.bin

FILE.json (and FILE.json.npz beside it) come from `train.py`, whose options are taken from there; the
calibration's figures are added to it.
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


def matched_slope(report):
    """Slope of one logistic over all content-matched sets, each with an intercept of its own."""
    s, y, group = [], [], []
    for version, sets in report["matched"].items():
        for name, r in sets.items():
            s += r["scores"]
            y += r["y"]
            group += [f"{version} {name}"] * len(r["y"])
    if not s:
        return None
    s, y, group = np.array(s), np.array(y), np.array(group)
    names = sorted(set(group))
    x = np.column_stack([s] + [20.0 * (group == n) for n in names])
    m = train.LogisticRegression(C=1e3, max_iter=2000, fit_intercept=False).fit(x, y, sample_weight=train.row_weights(y, group))
    return max(float(m.coef_[0, 0]), 0.0)


def main():
    parser = argparse.ArgumentParser()
    for name in ("hypothesis", "report", "weights"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--features", required=True, nargs="+")
    parser.add_argument("--trained-on", required=True)
    args = parser.parse_args()
    report, held = json.load(open(args.report)), np.load(args.report + ".npz")
    d = train.Data(args.features, args.hypothesis, report["others"])
    if not (np.array_equal(d.path, held["path"]) and np.array_equal(d.version, held["version"])):
        raise SystemExit("the report is of other features, or of the same in another order")
    score, shares = held["score"], held["shares"]
    slope_matched = matched_slope(report)
    states, report["calibration"] = [], {}
    for name, belongs in STATES.items():
        index, s = picture_logits(d, score, belongs(d.version, d.quality) & (d.version != "file"))
        y, group, fold = d.y[index], d.group[index], d.fold[index]
        w = train.row_weights(y, group)
        crossed = np.zeros(len(s))
        for k in range(train.FOLDS):
            slope, offset = shrunk(s[fold != k], y[fold != k], w[fold != k], slope_matched)
            crossed[fold == k] = probability(slope, offset, s[fold == k])
        slope, offset = shrunk(s, y, w, slope_matched)
        rows, authentic = picture_logits(d, score, (d.version == AUTHENTIC[name]) & (d.y == 0))
        states.append((slope, offset, LOW, HIGH, authentic))
        p = probability(slope, offset, s)
        report["calibration"][name] = dict(
            slope=slope, offset=offset, pictures=len(s), authentic=len(authentic), **reliability(y, crossed, w),
            score_quantiles={c: [float(v) for v in np.quantile(p[y == v0], (0.05, 0.25, 0.5, 0.75, 0.95))]
                             for c, v0 in (("ai", 1), ("real", 0))})
    report["matched_slope"] = slope_matched
    rows, s = picture_logits(d, score, d.version == "file")
    slope, offset = states[1][:2]
    p, real = probability(slope, offset, s), d.y[rows] == 0
    report["files"] = {k: dict(n=int((real & (d.kind[rows] == k)).sum()),
                               weak=int((p[real & (d.kind[rows] == k)] >= 0.6).sum()),
                               called=int((p[real & (d.kind[rows] == k)] >= CALLED).sum()),
                               moderate=int((p[real & (d.kind[rows] == k)] >= 0.75).sum()))
                       for k in sorted(set(d.kind[rows][real]))}
    report["files"]["generated"] = dict(n=int((~real).sum()), weak=int((p[~real] >= 0.6).sum()),
                                        called=int((p[~real] >= CALLED).sum()), moderate=int((p[~real] >= 0.75).sum()))
    train_rows = d.train_rows(train.TRAINED, np.ones(len(d.y), bool))
    fit = d.fit(train_rows, **report["options"])
    trees = fit.trees.booster_.dump_model()["tree_info"]
    names = dict(traces="traces-572-v1", crop=f"network-{d.network[:12]}-crop", detail=f"network-{d.network[:12]}-detail")
    trees_share, *linear_shares = shares  # In the order of `Fit.logits`.
    parts = [
        weights.part(
            feature_set=names[name], clip=train.CLIP, mean=linear.scaler.mean_, deviation=linear.scaler.scale_,
            weight=linear.model.coef_[0], bias=linear.model.intercept_[0],
            shares=(share, trees_share if name == "traces" else 0), trees=trees if name == "traces" else ())
        for (name, linear), share in zip(fit.linear.items(), linear_shares)]
    report["digest"] = weights.write(args.weights, trained_on=args.trained_on, parts=parts, states=states)
    report["trained"] = {c: [len(set(d.path[train_rows & (d.y == v)])), int((train_rows & (d.y == v)).sum())]
                         for c, v in (("ai", 1), ("real", 0))}
    json.dump(report, open(args.report, "w"), indent=1)
    print(json.dumps({k: report[k] for k in ("calibration", "matched_slope", "files", "digest", "trained")}, indent=1))
    # What the Rust tests of agreement compare with.
    sample = d.x[train_rows][::997]
    np.savez(args.weights + ".check.npz", x=sample, logit=fit.logits(sample) @ shares)


def shrunk(s, y, w, largest_slope):
    """Platt's map, no steeper than the content-matched sets support; the offset is fitted to that slope."""
    slope, offset = train.platt(s, y, w)
    if largest_slope is None or slope <= largest_slope:
        return slope, offset
    low, high = -20.0, 20.0
    for _ in range(80):
        offset = (low + high) / 2
        excess = (w * (1 / (1 + np.exp(-(largest_slope * s + offset))) - y)).sum()
        low, high = (low, offset) if excess > 0 else (offset, high)
    return largest_slope, offset


if __name__ == "__main__":
    main()
