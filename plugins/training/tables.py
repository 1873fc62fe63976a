# SPDX-License-Identifier: MIT OR Apache-2.0
"""The measured tables of a model card, in Markdown, from the report of `train.py` and `ship.py`.

usage: tables.py FILE.json
"""
import json, sys

import numpy as np

CONDITIONS = {
    "equal": "as collected, equal last save (JPEG 94, 4:4:4)", "q90": "JPEG 90, 4:2:0, grid moved",
    "q75": "JPEG 75, 4:2:0, grid moved", "r75q90": "resized to 0.75, JPEG 90", "r75": "resized to 0.75, lossless",
}


def span(value, interval):
    return f"{value:.2f} ({interval[0]:.2f}–{interval[1]:.2f})"


def mean_auc(sets):
    """Mean AUC over the sets, and its interval by resampling pictures within each class of each set."""
    from sklearn.metrics import roc_auc_score
    rng, means = np.random.default_rng(1), []
    data = [(np.array(r["y"]), np.array(r["scores"])) for r in sets.values()]
    for _ in range(400):
        aucs = []
        for y, s in data:
            take = np.concatenate([rng.choice(np.flatnonzero(y == c), (y == c).sum()) for c in (0, 1)])
            aucs.append(roc_auc_score(y[take], s[take]))
        means.append(np.mean(aucs))
    return np.mean([r["auc"] for r in sets.values()]), np.percentile(means, (2.5, 97.5))


def main():
    r = json.load(open(sys.argv[1]))
    print("| condition | generated / authentic | AUC | TPR at 5 % FPR | TPR at 1 % FPR | AUC against camera originals | AUC, born PNG / JPEG |")
    print("|---|---|---|---|---|---|---|")
    for key, name in [*CONDITIONS.items(), ("lowpass", "**control: crops low-passed 4x, JPEG 90**")]:
        f = r["lowpass"] if key == "lowpass" else r["conditions"][key]
        if not f:
            continue
        born = " / ".join(f"{f[f'auc_born_{k}'][0]:.2f} (n {f[f'auc_born_{k}'][1]})" for k in ("png", "jpeg"))
        print(f"| {name} | {f['ai']} / {f['real']} | {span(f['auc'], f['auc_interval'])} | {span(f['tpr_0.05'], f['tpr_0.05_interval'])}"
              f" | {span(f['tpr_0.01'], f['tpr_0.01_interval'])} | {f['auc_against_cameras']:.2f} | {born} |")
    print("\n| generated against authentic within one source | n | equal | JPEG 90 | JPEG 75 | control: low-passed |\n|---|---|---|---|---|---|")
    m, low = r["matched"], r["matched_lowpass"]
    for s in m["equal"]:
        cells = [span(x[s]["auc"], x[s]["interval"]) if s in x else "–" for x in (m["equal"], m["q90"], m["q75"], low)]
        print(f"| {s} | {m['equal'][s]['ai']} / {m['equal'][s]['real']} | " + " | ".join(cells) + " |")
    print("| **mean** | | " + " | ".join(span(*mean_auc(x)) for x in (m["equal"], m["q90"], m["q75"], low)) + " |")
    print("\n| held-out family | n | AUC / TPR at 5 % FPR: equal | JPEG 90 | JPEG 75 | resized, lossless |\n|---|---|---|---|---|---|")
    for g, f in sorted(r["conditions"]["equal"]["families"].items(), key=lambda item: -item[1]["n"]):
        cells = []
        for key in ("equal", "q90", "q75", "r75"):
            x = (r["conditions"][key] or {"families": {}})["families"].get(g)
            cells.append(f"{x['auc']:.2f} / {x['tpr_0_05']:.2f}" if x else "–")
        print(f"| {g} | {f['n']} | " + " | ".join(cells) + " |")
    print("\n| authentic pictures above the pooled threshold | n | 5 %: equal | JPEG 90 | JPEG 75 | 1 %: equal | JPEG 90 | JPEG 75 |\n|---|---|---|---|---|---|---|---|")
    for kind, f in r["conditions"]["equal"]["fpr"].items():
        if not f["n"]:
            continue
        of = [(r["conditions"][c]["fpr"][kind], p) for p in ("0.05", "0.01") for c in ("equal", "q90", "q75")]
        cells = [f"{x[p]} ({x[p] / x['n']:.0%})" if x["n"] else "–" for x, p in of]
        print(f"| {kind.replace('_', ' ')} | {f['n']} | " + " | ".join(cells) + " |")
    print("\n| state | picture versions | slope | Brier (0.25 = no information) | calibration error | scores of generated, 5/25/50/75/95 % | of authentic |\n|---|---|---|---|---|---|---|")
    for s, c in r.get("calibration", {}).items():
        q = {k: " ".join(f"{v:.2f}" for v in c["score_quantiles"][k]) for k in ("ai", "real")}
        print(f"| {s} | {c['pictures']} | {c['slope']:.2f} | {c['brier']:.3f} | {c['calibration_error']:.3f} | {q['ai']} | {q['real']} |")
    print("\n| files as they are | n | score ≥ 0.6 | score ≥ 0.7 | score ≥ 0.75 |\n|---|---|---|---|---|")
    for k, f in r.get("files", {}).items():
        print(f"| {k.replace('_', ' ')} | {f['n']} | " + " | ".join(f"{f[at]} ({f[at] / f['n']:.1%})" for at in ("weak", "called", "moderate")) + " |")


if __name__ == "__main__":
    main()
