#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Compares what the metadata detector reads with what exiftool reads.

    exiftool.py ASSAY FOLDER [FOLDER ...]

ASSAY is the executable with its detectors beside it; `exiftool` must be on the path. Every file of the
folders that both can read is compared in the fields that the detector's cues use. Prints each difference
and the counts by field; exit status 1 where any field of any file differs.
"""

import json
import subprocess
import sys

# Attribute of the detector: the fields of exiftool that it is read from, the first that is there.
TEXTS = {
    "camera_make": ["IFD0:Make"],
    "camera_model": ["IFD0:Model"],
    "software": ["IFD0:Software", "XMP-xmp:CreatorTool", "PNG:Software"],
}
# Longest part of a text that the detector shows.
SHOWN = 60


def exiftool(folders):
    """What exiftool says, by path."""
    wanted = {field for fields in TEXTS.values() for field in fields}
    wanted |= {"ExifIFD:DateTimeOriginal", "GPS:GPSLatitude", "GPS:GPSLongitude"}
    command = ["exiftool", "-json", "-G1", "-n", "-r", "-q", "-charset", "EXIF=Latin", *(f"-{field}" for field in wanted)]
    output = subprocess.run([*command, *folders], capture_output=True, check=False).stdout
    return {entry["SourceFile"]: entry for entry in json.loads(output or b"[]")}


def assay(executable, folders):
    """What the detector says, by path; files that it cannot read are left out."""
    command = [executable, "analyze", "--format", "jsonl", "--models", "metadata", *folders]
    output = subprocess.run(command, capture_output=True, check=False).stdout
    results = {}
    for line in output.splitlines():
        answer = json.loads(line)
        report = (answer.get("model_results") or {}).get("metadata_analysis")
        if report and report.get("status") == "complete":
            results[answer["source"]] = report
    return results


def cleaned(text):
    """White space as the detector shows it; exiftool gives numbers where a text looks like one."""
    return " ".join(str(text).replace("\0", " ").split())


def agrees(ours, theirs):
    """Whether two texts are the same, one of them perhaps cut or shown with replaced characters."""
    if ours is None or theirs is None:
        return ours is None and not (theirs or "").strip()
    ours, theirs = cleaned(ours).rstrip("…"), cleaned(theirs)
    try:
        return float(ours) == float(theirs)
    except ValueError:
        return ours == theirs or (len(ours) >= SHOWN and theirs.startswith(ours))


def moment(text):
    """EXIF's form of a time as ISO 8601 without a zone; None where it is blank or no time."""
    digits = [part for part in str(text or "").replace(":", " ").replace("-", " ").split()]
    if len(digits) < 6 or not all(part[:2].isdigit() for part in digits[:6]) or set("".join(digits)) <= {"0"}:
        return None
    year, month, day, hour, minute, second = digits[:6]
    return f"{year}-{month}-{day}T{hour}:{minute}:{second[:2]}"


def differences(ours, theirs):
    """Pairs of field and description where the two differ."""
    for name, fields in TEXTS.items():
        value = next((str(theirs[f]) for f in fields if str(theirs.get(f, "")).strip()), None)
        if not agrees(ours.get(name), value):
            yield name, f"{ours.get(name)!r}, exiftool {value!r}"
    taken = moment(theirs.get("ExifIFD:DateTimeOriginal"))
    if taken and ours.get("taken_at") != taken:
        yield "taken_at", f"{ours.get('taken_at')!r}, exiftool {taken!r}"
    place = all(f"GPS:{field}" in theirs for field in ("GPSLatitude", "GPSLongitude"))
    if ours.get("gps_present") != place:
        yield "gps_present", f"{ours.get('gps_present')!r}, exiftool {place!r}"


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    executable, folders = sys.argv[1], sys.argv[2:]
    theirs, ours = exiftool(folders), assay(executable, folders)
    both = sorted(set(ours) & set(theirs))
    counts = {}
    for path in both:
        for field, text in differences(ours[path], theirs[path]):
            counts[field] = counts.get(field, 0) + 1
            print(f"{path}: {field}: {text}")
    print(f"{len(both)} files compared; differences by field: {counts or 'none'}")
    sys.exit(1 if counts else 0)


if __name__ == "__main__":
    main()
