#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Estimates what each cue of the metadata detector weighs, and measures the result on other sources.

    ratios.py ASSAY JUDGEMENT MANIFEST [MANIFEST ...] [--write]

ASSAY is the executable with its detectors beside it, JUDGEMENT the table (`judgement.toml`). A manifest is a
CSV beside its pictures with the columns `path` and `source` and one of `kind`, `label`, `type` or `expected`.
Half of the sources, drawn by their names' digests, give the ratios; the other half gives the figures that are
printed. `--write` puts what was found into the table; without it the table is compared only.
"""

import argparse
import bisect
import collections
import csv
import hashlib
import json
import math
import pathlib
import random
import re
import subprocess
import sys

# A ratio is compared with the one set by hand, and takes its place where the two disagree, if so many files and
# sources show the cue.
LEAST_FILES = 20
LEAST_SOURCES = 3
# Files for which one source counts at most: no source carries a ratio alone.
MOST_OF_A_SOURCE = 10
# Normal deviate of a two-sided interval of 95 %.
DEVIATE = 1.96
# Rows that stay as they are: what no photograph carries has no ratio; what the collecting itself did to the files
# (crops that keep EXIF, stripped EXIF) tells of the collection; what is left where no other cue speaks would count
# the others twice.
KEPT = {
    "declared_generated", "declared_ai_edited", "declared_unbound", "signed_capture", "size_differs", "exif_absent",
    "camera_consistent", "camera_named",
}
# Rows of cues that only a file with a camera's name can have: they are counted among such files.
BESIDE_CAMERA = {
    "library_tables", "modified_later", "times_contradict", "camera_contradicts", "thumbnail_differs", "shot_contradicts", "place_contradicts", "profile_of_program", "thumbnail_resaved",
}
BINS = 10
# Draws of whole sources for the AUC's interval, and their seed.
RESAMPLES = 1_000
SEED = 1

CAMERA = {"camera_original", "camera"}
# Neither: unknown, or the untouched halves of collections of forgeries, which were resized by their makers.
UNKNOWN = {"unknown", "invalid_signature", "authentic"}

Picture = collections.namedtuple("Picture", "path source kind is_camera has_make score cues codes")


def pictures(executable, manifests):
    """What the detector found in every picture of the manifests."""
    for manifest in manifests:
        folder = pathlib.Path(manifest).parent
        with open(manifest, newline="", encoding="utf-8") as rows:
            rows = {str(folder / row["path"]): row for row in csv.DictReader(rows)}
        command = [executable, "analyze", "--format", "jsonl", "--models", "metadata", str(folder)]
        output = subprocess.run(command, capture_output=True, check=False).stdout
        for line in output.splitlines():
            answer = json.loads(line)
            report = (answer.get("model_results") or {}).get("metadata_analysis") or {}
            row = rows.get(answer["source"])
            if row is None or report.get("status") != "complete":
                continue
            kind = next(row[k] for k in ("kind", "label", "type", "expected") if row.get(k))
            cues = [f["values"]["judged_as"] for f in report["findings"] if "judged_as" in f["values"]]
            codes = {f["code"] for f in report["findings"]}
            # A forgery and its original come from one source, whatever was made of them.
            source = row["source"].split("; base ")[-1].split("@")[0].removeprefix("derived from ")
            yield Picture(answer["source"], source, kind, kind in CAMERA, report["camera_make"] is not None, report["score"], cues, codes)


def is_estimated_on(source):
    """Whether a source belongs to the half that gives the ratios."""
    return hashlib.sha256(source.encode()).digest()[0] % 2 == 0


def counts(all_pictures, row):
    """Weighted files with the cue and all, of pictures that are no camera's and of those that are."""
    of_source = collections.Counter((p.is_camera, p.source) for p in all_pictures)
    result = {True: [0.0, 0.0], False: [0.0, 0.0]}
    for p in all_pictures:
        weight = min(1.0, MOST_OF_A_SOURCE / of_source[p.is_camera, p.source])
        result[p.is_camera][1] += weight
        result[p.is_camera][0] += weight * (row in p.cues)
    return result


def ratio(all_pictures, row):
    """Natural logarithm of the likelihood ratio with half a file added to each count, and its interval."""
    found = counts(all_pictures, row)
    (seen, total), (seen_camera, total_camera) = found[False], found[True]
    value = math.log((seen + 0.5) / (total + 1)) - math.log((seen_camera + 0.5) / (total_camera + 1))
    variance = 1 / (seen + 0.5) - 1 / (total + 1) + 1 / (seen_camera + 0.5) - 1 / (total_camera + 1)
    spread = DEVIATE * math.sqrt(max(variance, 0.0))
    return value, value - spread, value + spread


def within(value, low, high):
    """A ratio set by hand, moved to the nearest end of the interval where it lies outside."""
    return value if low <= value <= high else round(low if value < low else high, 1)


def read_table(path):
    """Ratio and group of each row, and whether the ratio was estimated before."""
    table, row = {}, None
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        if found := re.fullmatch(r"\[(\w+)\]", line):
            row = table.setdefault(found[1], {})
        elif line.startswith("# basis: estimated"):
            row["estimated"] = True
        elif found := re.fullmatch(r"ln_ratio = (\S+)", line):
            row["ln_ratio"] = float(found[1])
        elif found := re.fullmatch(r'group = "(.*)"', line):
            row["group"] = found[1]
    return table


def written(path, basis, ratios):
    """The table with each row's basis above its ratio, and the ratios that replace those set by hand."""
    lines, row = [], None
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        if found := re.fullmatch(r"\[(\w+)\]", line):
            row = found[1]
        if line.startswith("# basis: "):
            continue
        if line.startswith("ln_ratio = "):
            lines.append(f"# basis: {basis[row]}")
            line = f"ln_ratio = {ratios[row]}"
        lines.append(line)
    return "\n".join(lines) + "\n"


def score(table, cues):
    """The detector's own sum: the strongest cue of each group, none for a camera beside a declaration."""
    declared = any(cue in ("declared_generated", "declared_ai_edited") for cue in cues)
    strongest = {}
    for cue in cues:
        value, group = table[cue]["ln_ratio"], table[cue]["group"]
        strongest[group] = max(strongest.get(group, -math.inf), value)
    total = sum(value for value in strongest.values() if not declared or value > 0.0)
    return 1.0 / (1.0 + math.exp(-total))


def auc(positive, negative):
    """Probability that a positive scores above a negative, ties half."""
    negative = sorted(negative)
    below = sum(bisect.bisect_left(negative, p) + bisect.bisect_right(negative, p) for p in positive)
    return below / (2 * len(positive) * len(negative))


def auc_interval(table, positive, negative):
    """Interval of 95 % of the AUC, by drawing whole sources anew."""
    random_numbers = random.Random(SEED)
    of_source = []
    for part in (positive, negative):
        by_source = collections.defaultdict(list)
        for picture in part:
            by_source[picture.source].append(score(table, picture.cues))
        of_source.append(list(by_source.values()))
    drawn = []
    for _ in range(RESAMPLES):
        samples = [sum(random_numbers.choices(sources, k=len(sources)), []) for sources in of_source]
        drawn.append(auc(*samples))
    drawn.sort()
    return drawn[int(0.025 * RESAMPLES)], drawn[int(0.975 * RESAMPLES)]


def tpr_at(positive, negative, rate):
    """Share of positives above the threshold that at most `rate` of the negatives exceed."""
    allowed = int(rate * len(negative))
    threshold = sorted(negative, reverse=True)[allowed]
    return sum(p > threshold for p in positive) / len(positive)


def calibration_error(positive, negative):
    """Mean distance of score and share of positives over equal bins, both classes weighing the same."""
    weights = [(p, 1.0, 0.5 / len(positive)) for p in positive] + [(n, 0.0, 0.5 / len(negative)) for n in negative]
    total = 0.0
    for index in range(BINS):
        inside = [w for w in weights if min(int(w[0] * BINS), BINS - 1) == index]
        mass = sum(w[2] for w in inside)
        if mass:
            total += abs(sum((w[0] - w[1]) * w[2] for w in inside))
    return total


def figures(name, table, positive, negative):
    """One line of the table of results."""
    p, n = ([score(table, x.cues) for x in part] for part in (positive, negative))
    if not p or not n:
        return f"{name}: no files"
    sources = len({x.source for x in positive}), len({x.source for x in negative})
    low, high = auc_interval(table, positive, negative)
    return (
        f"{name}: n {len(p)} of {sources[0]} sources / {len(n)} of {sources[1]}; AUC {auc(p, n):.2f} ({low:.2f} to {high:.2f}); "
        f"TPR at 1 % FPR {tpr_at(p, n, 0.01):.2f}; calibration error {calibration_error(p, n):.2f}"
    )


def declarations(held_out, everything):
    """Declarations found where they are held out, and in authentic pictures."""
    codes = ("provenance.declared.generator", "provenance.declared.ai_edit", "provenance.c2pa.generated",
             "provenance.c2pa.ai_edited")
    declares = lambda p: any(code in p.codes for code in codes) or "declared_generated" in p.cues
    wanted = [p for p in held_out if p.kind == "ai_generated" and "/provenance/" in p.path and "watermark" not in p.path]
    authentic = [p for p in everything if "/real/" in p.path]
    found, false = sum(map(declares, wanted)), sum(map(declares, authentic))
    return (f"declarations found on held-out files: {found} of {len(wanted)}; "
            f"in authentic pictures of all sources: {false} of {len(authentic)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("assay")
    parser.add_argument("judgement")
    parser.add_argument("manifests", nargs="+")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    everything = [p for p in pictures(options.assay, options.manifests) if p.kind not in UNKNOWN]
    table = read_table(options.judgement)
    wrong = [p for p in everything if abs(score(table, p.cues) - p.score) > 2e-3]
    if wrong:
        sys.exit(f"{len(wrong)} scores are not those of {options.judgement}, first {wrong[0].path}")
    half = [p for p in everything if is_estimated_on(p.source)]
    held_out = [p for p in everything if not is_estimated_on(p.source)]
    basis, ratios, estimated = {}, {}, {row: dict(values) for row, values in table.items()}
    for row, values in table.items():
        seen = [p for p in half if row in p.cues]
        sources = len({p.source for p in seen})
        told = f"{len(seen)} files of {sources} sources"
        counted = [p for p in half if p.has_make] if row in BESIDE_CAMERA else half
        value, low, high = ratio(counted, row)
        ratios[row] = values["ln_ratio"]
        if row in KEPT or len(seen) < LEAST_FILES or sources < LEAST_SOURCES:
            basis[row] = f"set by hand; seen in {told}"
        else:
            ratios[row] = within(values["ln_ratio"], low, high)
            moved = ratios[row] != values["ln_ratio"] or values.get("estimated")
            by = "estimated" if moved else "set by hand, as measured"
            basis[row] = f"{by}: {value:.1f} ({low:.1f} to {high:.1f}) from {told}"
        estimated[row]["ln_ratio"] = ratios[row]
        print(f"{row}: {values['ln_ratio']} -> {ratios[row]}: {basis[row]}")
    camera = [p for p in held_out if p.is_camera]
    groups = {
        "all that is no camera original": [p for p in held_out if not p.is_camera],
        "passed through ordinary software": [p for p in held_out if p.kind in ("hard", "edited")],
        "generated": [p for p in held_out if p.kind == "ai_generated"],
    }
    for title, used in (("table as it is", table), ("table as estimated", estimated)):
        for name, positive in groups.items():
            print(f"{title}, {figures(name, used, positive, camera)}")
    print(declarations(held_out, everything))
    if options.write:
        pathlib.Path(options.judgement).write_text(written(options.judgement, basis, ratios), encoding="utf-8")


if __name__ == "__main__":
    main()
