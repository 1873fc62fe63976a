# SPDX-License-Identifier: MIT OR Apache-2.0
"""Counts the pictures with periodic traces, by state and by kind.

usage: traces.py TRACES LIST

TRACES is what `frequency_features traces` prints, LIST the list.tsv of states.py.
"""
import csv
import sys
from collections import Counter


def main(traces, listing):
    about = {row["path"]: row for row in csv.DictReader(open(listing), delimiter="\t")}
    rows = list(csv.DictReader(open(traces), delimiter="\t", quoting=csv.QUOTE_NONE))
    groups = {}
    for row in rows:
        of = about[row["path"]]
        kind = "generated" if of["class"] == "ai" else of["kind"].split("_")[0]
        groups.setdefault((of["state"], kind), []).append(row)
        if of["class"] == "real":
            groups.setdefault((of["state"], "all authentic"), []).append(row)
    print("state kind n counted content (why) resampled periods")
    for (state, kind), members in sorted(groups.items()):
        counted = [row for row in members if row["counted"]]
        why = Counter(
            reason
            for row in members
            for reason in {trace.split()[-1] for trace in row["content"].split(";") if trace}
        )
        periods = Counter(float(row["counted"].split()[0]) for row in counted)
        print(
            f"{state:8}{kind:16}{len(members):5} {len(counted):4} "
            f"{sum(bool(row['content']) for row in members):4} {dict(why)} "
            f"{sum(bool(row['resampled']) for row in members):4} {dict(periods)}"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
