#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Scores of the four generator detectors by models that have not seen the picture's group.

usage: held_out.py OUT.csv --traces FILE.npz… --noise FILE.tsv --frequency FILE.tsv --list list.tsv

The features are those of plugins/{diffusion,noise,frequency}/training. One set of five folds serves
all four: whole generator families and whole sources of authentic pictures. A detector's score is
calibrated (Platt) on the held-out scores of the pictures it is for, both classes weighing the same.
Writes a row a picture and compression state (JPEG quality 90, 75), with the target and the group,
for fit_fusion.py. Needs numpy, scikit-learn and lightgbm.
"""
import argparse
import csv
import pathlib
import sys

import numpy
from sklearn.metrics import roc_auc_score

PLUGINS = pathlib.Path(__file__).resolve().parents[2] / "plugins"
sys.path[:0] = [str(PLUGINS / "training"), str(PLUGINS / "noise/training")]
import families  # noqa: E402
import fit as cues  # noqa: E402
import train as traces  # noqa: E402

STATES = {"q90": "J90", "q75": "J75"}


def fold_of(groups_of_label):
    """Groups of each label, largest first, each into the emptiest fold."""
    fold = {}
    for sizes in groups_of_label:
        load = [0] * traces.FOLDS
        for group, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
            fold[group] = int(numpy.argmin(load))
            load[fold[group]] += size
    return fold


def probability(logit, truth, groups):
    slope, offset = traces.platt(logit, truth, traces.row_weights(truth, groups))
    return lambda value: 1 / (1 + numpy.exp(-(slope * value + offset)))


def of_traces(files, hypothesis, fold):
    """Calibrated held-out score by (state, path), over all families."""
    parts = [numpy.load(f) for f in files]
    column = lambda name: numpy.concatenate([p[name] for p in parts])
    x, y, version, path = column("x"), column("y"), column("version"), column("path")
    family = numpy.array([families.FAMILY.get(g, g) for g in column("generator")])
    group = numpy.where(y == 1, family, column("source"))
    own = (y == 0) | numpy.array([families.hypothesis(f) == hypothesis for f in family])
    of_fold = numpy.array([fold.get(g, 0) for g in group])
    tested, raw = numpy.isin(version, list(STATES)), numpy.full((len(y), 2), numpy.nan)
    for k in range(traces.FOLDS):
        rows = numpy.isin(version, traces.TRAINED) & (of_fold != k) & own
        test = tested & (of_fold == k)
        raw[test] = traces.Fit(x[rows], y[rows], group[rows]).logits(x[test])
    logit = raw @ (0.5 / numpy.nanstd(raw[tested & own], axis=0))
    out, state_own = {}, tested & own
    score = probability(logit[state_own], y[state_own], group[state_own])
    for state in STATES:
        rows = tested & (version == state)
        places = {}
        for i in numpy.flatnonzero(rows):
            places.setdefault(path[i], []).append(i)
        out.update({(state, p): float(score(logit[i].mean())) for p, i in places.items()})
    return out


def of_cues(features, listing, fold, where):
    _, table, about = cues.read(features, listing)
    truth = numpy.array([row["class"] == "ai" for row in about]).astype(int)
    group = numpy.array([where(row) for row in about])
    state = numpy.array([row["state"] for row in about])
    of_fold = numpy.array([fold.get(g, 0) for g in group])
    trained, logit = numpy.isin(state, cues.TRAINED), numpy.zeros(len(truth))
    for k in range(traces.FOLDS):
        rows = trained & (of_fold != k)
        weight = cues.weights(numpy.char.add(numpy.where(truth[rows] == 1, "ai:", "real:"), group[rows]), truth[rows])
        logit[of_fold == k] = cues.fit(table[rows], truth[rows], weight)[3](table[of_fold == k])
    score = probability(logit[trained], truth[trained], group[trained])
    names = {v: k for k, v in STATES.items()}
    return {(names[s], row["picture"]): float(score(v)) for s, row, v in zip(state, about, logit) if s in names}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--traces", nargs="+", required=True)
    for name in ("noise", "frequency", "list"):
        parser.add_argument(f"--{name}", required=True)
    arguments = parser.parse_args()

    # The list names a file a state; the first of each picture is the picture itself.
    with open(arguments.list) as file:
        listed = list(csv.DictReader(file, delimiter="\t"))
    picture, about = None, {}
    for row in listed:
        if row["state"] == "U":
            picture = "/".join(row["path"].split("/")[-2:])
            about[picture] = row
        row["picture"] = picture
    pictures = {row["path"]: row["picture"] for row in listed}
    where = lambda row: families.FAMILY.get(row["generator"], row["generator"]) if row["class"] == "ai" else row["source"]
    sizes = ({}, {})
    for row in about.values():
        of = sizes[row["class"] == "ai"]
        of[where(row)] = of.get(where(row), 0) + 1
    fold = fold_of(sizes)

    read = cues.read

    def with_picture(features, listing):
        names, table, rows = read(features, listing)
        for row in rows:
            row["picture"] = pictures[row["path"]]
        return names, table, rows

    cues.read = with_picture
    scores = {h: of_traces(arguments.traces, h, fold) for h in ("gan", "diffusion")}
    for name in ("noise", "frequency"):
        scores[name] = of_cues(getattr(arguments, name), arguments.list, fold, where)
    with open(arguments.out, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "state", "target", "group", "kind", *scores])
        for picture, row in about.items():
            for state in STATES:
                values = [scores[name].get((state, picture)) for name in scores]
                if any(v is not None for v in values):
                    cells = ["" if v is None else f"{v:.6f}" for v in values]
                    writer.writerow([picture, state, int(row["class"] == "ai"), where(row), row["kind"], *cells])
    with open(arguments.out) as file:
        rows = list(csv.DictReader(file))
    for name in scores:
        known = [(int(r["target"]), float(r[name])) for r in rows if r["state"] == "q90" and r[name]]
        truth, score = map(numpy.array, zip(*known))
        print(f"{name:10} q90 AUC {roc_auc_score(truth, score):.3f} n {truth.sum()} + {(1 - truth).sum()}")


if __name__ == "__main__":
    main()
