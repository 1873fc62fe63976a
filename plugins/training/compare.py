# SPDX-License-Identifier: MIT OR Apache-2.0
"""Two reports of `train.py` on the same held-out pictures, with intervals of the difference, in Markdown.

usage: compare.py BEFORE.json AFTER.json

Only pictures that both have scored count. Pooled figures are resampled by families and sources, figures
within sets by pictures, the same draw for both.
"""
import json, sys

import numpy as np

import train

ROUNDS = 1000


def cell(before, after, differences):
    low, high = np.percentile(differences, (2.5, 97.5))
    return f"{before:.3f} → {after:.3f} ({after - before:+.3f}; {low:+.3f} to {high:+.3f})"


def pooled(reports, version, rng):
    data = []
    for held in reports:
        rows = (held["version"] == version) & np.isfinite(held["score"]) & (held["kind"] != "web_size")
        _, first, inverse = np.unique(held["path"][rows], return_index=True, return_inverse=True)
        score = np.bincount(inverse, held["score"][rows]) / np.bincount(inverse)
        at = np.flatnonzero(rows)[first]
        data.append((held["path"][at], held["y"][at], held["group"][at], score))
    (path, y, group, before), (other, _, _, after) = data
    if not np.array_equal(path, other):
        raise SystemExit("the reports are of different pictures")
    members = [[np.flatnonzero((y == c) & (group == g)) for g in sorted(set(group[y == c]))] for c in (0, 1)]
    draws = [np.concatenate([m[i] for m in members for i in rng.integers(len(m), size=len(m))]) for _ in range(ROUNDS // 4)]
    out = [f"{(y == 1).sum()} / {(y == 0).sum()}"]
    for statistic in (train.auc, lambda a, b: train.tpr(a, b, 0.05), lambda a, b: train.tpr(a, b, 0.01)):
        differences = [statistic(y[t], after[t]) - statistic(y[t], before[t]) for t in draws]
        out.append(cell(statistic(y, before), statistic(y, after), differences))
    return out


def within(before, after, rng):
    out, all_differences = {}, []
    for name, b in before.items():
        a, y = after[name], np.array(b["y"])
        if a["path"] != b["path"]:
            raise SystemExit("the reports are of different pictures")
        first, second, differences = np.array(b["scores"]), np.array(a["scores"]), []
        for _ in range(ROUNDS):
            t = np.concatenate([rng.choice(np.flatnonzero(y == c), (y == c).sum()) for c in (0, 1)])
            differences.append(train.auc(y[t], second[t]) - train.auc(y[t], first[t]))
        all_differences.append(differences)
        out[name] = f"{b['ai']} / {b['real']}", cell(b["auc"], a["auc"], differences)
    mean = lambda sets: np.mean([r["auc"] for r in sets.values()])
    out["**mean**"] = "", cell(mean(before), mean(after), np.mean(all_differences, axis=0))
    return out


def main():
    reports = [json.load(open(name)) for name in sys.argv[1:3]]
    held = [np.load(name + ".npz") for name in sys.argv[1:3]]
    held = [{k: h[k] for k in ("version", "score", "path", "y", "group", "kind")} for h in held]
    rng = np.random.default_rng(train.SEED)
    print("| condition | generated / authentic | AUC | TPR at 5 % FPR | TPR at 1 % FPR |\n|---|---|---|---|---|")
    for version in train.CONDITIONS:
        if not (held[0]["version"] == version).any():
            continue
        print("| " + " | ".join([version, *pooled(held, version, rng)]) + " |")
    print("\n| within one set | n | equal | JPEG 90 | JPEG 75 |\n|---|---|---|---|---|")
    sets = [within(reports[0]["matched"][v], reports[1]["matched"][v], rng) for v in ("equal", "q90", "q75")]
    for name in sets[0]:
        cells = [s[name][1] if name in s else "–" for s in sets]
        print("| " + " | ".join([name, sets[0][name][0], *cells]) + " |")


if __name__ == "__main__":
    main()
