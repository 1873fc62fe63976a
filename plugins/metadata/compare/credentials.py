#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Compares what the metadata detector makes of Content Credentials with the official library.

    credentials.py ASSAY FOLDER [FOLDER ...] [--trust FILE ...]

ASSAY is the executable with its detectors beside it. `pip install c2pa-python` gives the library of `c2patool`. Every
file of the folders in which the library finds a manifest is compared: state, codes of failed checks, signer and
time of signature. Both trust nobody, or the authorities of FILE. Prints each difference; exit status 1 where there
is one.
"""

import argparse
import contextlib
import json
import pathlib
import subprocess
import sys
import tempfile

import c2pa

# Purposes that a signer's certificate may have: `valid_eku_oids.cfg` of the library, which it takes by itself, and not
# where it is given settings from Python.
PURPOSES = "\n".join(
    [
        "1.3.6.1.5.5.7.3.4",
        "1.3.6.1.5.5.7.3.36",
        "1.3.6.1.5.5.7.3.8",
        "1.3.6.1.5.5.7.3.9",
        "1.3.6.1.4.1.311.76.59.1.9",
        "1.3.6.1.4.1.62558.2.1",
    ]
)
# The library's three words by ours, which say in more detail what is wrong.
STATES = {"trusted": "Trusted", "valid": "Valid"}
# Where a store's cause of failure is the certificate of an intact one, the library's word is the first of these
# whose code it gives.
INTACT = {"expired", "revoked", "signer_invalid", "nonconforming", "ingredient_invalid"}


def official(path, anchors):
    """State, failed checks, signer and time by the library; None where the file has no manifest that it reads."""
    settings = {
        "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_trust": True},
        "trust": {"trust_config": PURPOSES},
    }
    if anchors:
        settings["trust"]["trust_anchors"] = anchors
    try:
        context = c2pa.Context(c2pa.Settings.from_dict(settings))
        with c2pa.Reader(str(path), context=context) as reader:
            store = json.loads(reader.json())
    except c2pa.C2paError as error:
        return None if "ManifestNotFound" in str(error) else str(error)
    results = store.get("validation_results") or {}
    failed = {check["code"] for check in (results.get("activeManifest") or {}).get("failure", [])}
    for delta in results.get("ingredientDeltas") or []:
        failed |= {check["code"] for check in delta["validationDeltas"].get("failure", [])}
    active = store["manifests"][store["active_manifest"]]
    signature = active.get("signature_info") or {}
    return {
        "state": store["validation_state"],
        # Statements of persons are not decoded by the detector.
        "failures": {code for code in failed if not code.startswith("cawg.")},
        "issuer": signature.get("issuer"),
        "signed_at": (signature.get("time") or "")[:19] or None,
    }


@contextlib.contextmanager
def policy(anchors):
    """A policy under which the detector trusts the same authorities."""
    with tempfile.TemporaryDirectory() as folder:
        trust = pathlib.Path(folder) / "trust.pem"
        trust.write_text(anchors, encoding="utf-8")
        path = pathlib.Path(folder) / "compare.toml"
        name = trust if anchors else "none"
        path.write_text(
            'name = "compare"\nversion = "1"\nextends = "default"\n'
            f'detectors.metadata.params.c2pa_trust = "{name}"\n',
            encoding="utf-8",
        )
        yield path


def ours(executable, folders, anchors):
    """The same by the detector, by path; files that it cannot read are left out."""
    with policy(anchors) as path:
        command = [executable, "analyze", "--format", "jsonl", "--models", "metadata", "--policy", path, *folders]
        output = subprocess.run(command, capture_output=True, check=False).stdout
    results = {}
    for line in output.splitlines():
        answer = json.loads(line)
        report = (answer.get("model_results") or {}).get("metadata_analysis") or {}
        if report.get("status") != "complete":
            continue
        values = [f["values"] for f in report["findings"] if f["code"].startswith("provenance.c2pa.")]
        failures = next((v["failures"] for v in values if "failures" in v), "")
        results[answer["source"]] = {
            "state": report["c2pa_state"],
            "failures": set(failures.split()),
            "issuer": report["c2pa_issuer"],
            "signed_at": (report["c2pa_signed_at"] or "")[:19] or None,
        }
    return results


def differences(mine, theirs):
    """Pairs of field and description where the two differ."""
    if isinstance(theirs, str):
        if mine["state"] != "unreadable":
            yield "state", f"{mine['state']}, the library {theirs}"
        return
    word = STATES.get(mine["state"], "Invalid")
    # An intact store is Valid to the library unless one of its checks failed for more than the list.
    if word != theirs["state"] and not (mine["state"] in INTACT and theirs["state"] in ("Valid", "Invalid")):
        yield "state", f"{mine['state']}, the library {theirs['state']}"
    for field in ("failures", "issuer", "signed_at"):
        if mine[field] != theirs[field]:
            yield field, f"{mine[field]!r}, the library {theirs[field]!r}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("assay")
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--trust", action="append", default=[])
    options = parser.parse_args()
    anchors = "".join(pathlib.Path(path).read_text(encoding="utf-8") for path in options.trust)
    counts, compared, states = {}, 0, {}
    for path, mine in sorted(ours(options.assay, options.folders, anchors).items()):
        theirs = official(path, anchors)
        # A file that the library cannot open has no manifest for either unless the detector found one.
        if theirs is None or (isinstance(theirs, str) and mine["state"] in ("none", "remote")):
            if theirs is None and mine["state"] not in ("none", "remote", "unreadable"):
                counts["present"] = counts.get("present", 0) + 1
                print(f"{path}: present: {mine['state']}, the library finds no manifest")
            continue
        compared += 1
        states[mine["state"]] = states.get(mine["state"], 0) + 1
        for field, text in differences(mine, theirs):
            counts[field] = counts.get(field, 0) + 1
            print(f"{path}: {field}: {text}")
    print(f"{compared} files with a manifest compared, c2pa-python with c2pa {c2pa.sdk_version()}: {states}")
    print(f"differences by field: {counts or 'none'}")
    sys.exit(1 if counts else 0)


if __name__ == "__main__":
    main()
