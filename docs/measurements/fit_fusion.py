#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Weights and bias of one hypothesis of a policy, from held-out scores.

usage: fit_fusion.py SCORES.csv --target COLUMN --group COLUMN --detectors a,b,c

SCORES.csv has a row a picture: a column a detector with its held-out score (empty where it did not
score), the target (1 the hypothesis holds, 0 authentic) and the group (source or generator family)
that is never split between fitting and testing. Missing scores count as log-odds 0, as they do in
fusion. Both classes weigh the same, so that the bias stands for even odds.

Logistic regression on clamped log-odds with non-negative weights and an L2 penalty towards 0,
fitted by L-BFGS-B. Prints weights and bias of all the data, and AUC, Brier score and calibration
error of five folds of held-out groups. Needs numpy, scipy and scikit-learn.
"""
import argparse
import csv

import numpy
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold

CLAMP = 0.01
PENALTY = 0.02
SEED = 20260316
BINS = 10


def log_odds(text):
    if text == "":
        return 0.0
    score = min(max(float(text), CLAMP), 1 - CLAMP)
    return numpy.log(score / (1 - score))


def fit(features, target):
    """Bias and weights; the bias is free, the weights are at least 0."""
    weight = numpy.where(target == 1, 0.5 / (target == 1).mean(), 0.5 / (target == 0).mean())

    def loss(parameters):
        bias, weights = parameters[0], parameters[1:]
        z = bias + features @ weights
        losses = numpy.logaddexp(0, z) - target * z
        slope = weight * (expit(z) - target) / len(target)
        value = (weight * losses).mean() + PENALTY * (weights**2).sum()
        return value, numpy.concatenate([[slope.sum()], slope @ features + 2 * PENALTY * weights])

    bounds = [(None, None)] + [(0, None)] * features.shape[1]
    start = numpy.zeros(features.shape[1] + 1)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return found[0], found[1:]


def calibration_error(probability, target):
    """Expected calibration error over ten equally filled bins."""
    parts = numpy.array_split(numpy.argsort(probability), BINS)
    errors = [abs(probability[p].mean() - target[p].mean()) * len(p) for p in parts if len(p)]
    return sum(errors) / len(target)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("scores")
    parser.add_argument("--target", required=True)
    parser.add_argument("--group", required=True)
    parser.add_argument("--detectors", required=True)
    arguments = parser.parse_args()
    names = arguments.detectors.split(",")
    with open(arguments.scores, newline="") as file:
        rows = list(csv.DictReader(file))
    features = numpy.array([[log_odds(row[name]) for name in names] for row in rows])
    target = numpy.array([int(row[arguments.target]) for row in rows])
    groups = numpy.array([row[arguments.group] for row in rows])

    bias, weights = fit(features, target)
    print(f"n {len(rows)}: {(target == 1).sum()} positive, {(target == 0).sum()} authentic")
    print(f"bias = {bias:.2f}")
    print("weights = { " + ", ".join(f"{n} = {w:.2f}" for n, w in zip(names, weights)) + " }")

    held_out = numpy.zeros(len(rows))
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=SEED)
    for train, test in folds.split(features, target, groups):
        bias, weights = fit(features[train], target[train])
        held_out[test] = expit(bias + features[test] @ weights)
    print(f"held-out AUC {roc_auc_score(target, held_out):.3f}")
    print(f"held-out Brier {((held_out - target) ** 2).mean():.3f}")
    print(f"held-out calibration error {calibration_error(held_out, target):.3f}")


if __name__ == "__main__":
    main()
