#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Rates of each detector and of the verdict, from `assay analyze --format jsonl` and a manifest.

usage: measure.py SCORES.jsonl MANIFEST.csv FOLDER --positive VALUE --negative VALUE
                  [--column label] [--group COLUMN]

FOLDER is what the manifest's paths are relative to. Prints, for each detector and for both
probabilities of the verdict: n of both classes, AUC with a 95 % bootstrap interval over images,
true positive rate at 5 % and 1 % false positives, Brier score, and how many did not score; then the
verdicts by class and, with --group, by group. Needs numpy.
"""
import argparse
import collections
import csv
import json
import os

import numpy

ROUNDS = 2000
SEED = 20260316


def auc(positive, negative):
    """Probability that a positive scores above a negative, ties counted half."""
    both = numpy.concatenate([positive, negative])
    order = both.argsort(kind="stable")
    ranks = numpy.empty(len(both))
    ranks[order] = numpy.arange(1, len(both) + 1)
    values, inverse, counts = numpy.unique(both, return_inverse=True, return_counts=True)
    ranks = (numpy.bincount(inverse, ranks) / counts)[inverse]
    n = len(positive)
    return (ranks[:n].sum() - n * (n + 1) / 2) / (n * len(negative))


def interval(positive, negative):
    """95 % percentile bootstrap of the AUC, both classes resampled by image."""
    random = numpy.random.default_rng(SEED)
    draws = [
        auc(random.choice(positive, len(positive)), random.choice(negative, len(negative)))
        for _ in range(ROUNDS)
    ]
    return numpy.percentile(draws, [2.5, 97.5])


def rate_at(positive, negative, share):
    """Share of positives above the score that `share` of the negatives reach."""
    threshold = numpy.quantile(negative, 1 - share)
    return (positive > threshold).mean()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("scores")
    parser.add_argument("manifest")
    parser.add_argument("folder")
    parser.add_argument("--column", default="label")
    parser.add_argument("--positive", required=True)
    parser.add_argument("--negative", required=True)
    parser.add_argument("--group")
    arguments = parser.parse_args()

    with open(arguments.manifest, newline="") as file:
        rows = {
            os.path.realpath(os.path.join(arguments.folder, row["path"])): row
            for row in csv.DictReader(file)
        }
    scores = collections.defaultdict(lambda: collections.defaultdict(list))
    silent = collections.Counter()
    verdicts = collections.defaultdict(collections.Counter)
    by_group = collections.defaultdict(collections.Counter)
    wanted = (arguments.positive, arguments.negative)
    with open(arguments.scores) as file:
        for line in file:
            result = json.loads(line)
            row = rows.get(os.path.realpath(result["source"]))
            if row is None or row[arguments.column] not in wanted:
                continue
            label = row[arguments.column]
            if "verdict" not in result:
                verdicts[label][result["error"]["code"]] += 1
                continue
            for name, model in result["model_results"].items():
                if model["score"] is None:
                    silent[name] += 1
                else:
                    scores[name][label].append(model["score"])
            for name in ("p_ai_generated", "p_manipulated"):
                scores[name][label].append(result["verdict"][name])
            verdicts[label][result["verdict"]["label"]] += 1
            if arguments.group:
                by_group[f"{label} {row[arguments.group]}"][result["verdict"]["label"]] += 1

    print("| score | n + | n - | AUC (95 %) | TPR at 5 % | TPR at 1 % | Brier | silent |")
    print("|---|---|---|---|---|---|---|---|")
    for name, of_label in scores.items():
        positive, negative = (numpy.array(of_label[label]) for label in wanted)
        if len(positive) < 2 or len(negative) < 2:
            continue
        low, high = interval(positive, negative)
        brier = (((1 - positive) ** 2).mean() + (negative**2).mean()) / 2
        print(
            f"| {name} | {len(positive)} | {len(negative)} "
            f"| {auc(positive, negative):.3f} ({low:.3f}–{high:.3f}) "
            f"| {rate_at(positive, negative, 0.05):.2f} | {rate_at(positive, negative, 0.01):.2f} "
            f"| {brier:.3f} | {silent[name]} |"
        )
    for title, table in (("class", verdicts), ("group", by_group)):
        columns = sorted({label for counts in table.values() for label in counts})
        if columns:
            print(f"\n| {title} | n | " + " | ".join(columns) + " |")
            print("|---|---|" + "---|" * len(columns))
            for name, counts in sorted(table.items()):
                cells = " | ".join(str(counts[column]) for column in columns)
                print(f"| {name} | {counts.total()} | {cells} |")


if __name__ == "__main__":
    main()
