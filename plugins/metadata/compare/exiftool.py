#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Compares what the metadata detector reads with what exiftool reads.

    exiftool.py ASSAY FOLDER [FOLDER ...]

ASSAY is the executable with its detectors beside it; `exiftool` must be on the path. Every file of the
folders that both can read is compared in the fields that the detector's cues use. Prints each difference
and the counts by field; exit status 1 where any field of any file differs.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

# Attribute of the detector: the fields of exiftool that it is read from, the first that is there.
TEXTS = {
    "camera_make": ["IFD0:Make"],
    "camera_model": ["IFD0:Model"],
    "software": ["IFD0:Software", "XMP-xmp:CreatorTool", "PNG:Software"],
    "lens_model": ["ExifIFD:LensModel"],
    "time_offset": ["ExifIFD:OffsetTimeOriginal"],
    "body_serial_number": ["ExifIFD:SerialNumber"],
    "lens_serial_number": ["ExifIFD:LensSerialNumber"],
    "icc_profile": ["ICC_Profile:ProfileDescription"],
}
TIMES = {
    "taken_at": "ExifIFD:DateTimeOriginal",
    "digitised_at": "ExifIFD:CreateDate",
    "changed_at": "IFD0:ModifyDate",
}
NUMBERS = {
    "exposure_time_s": "ExifIFD:ExposureTime",
    "f_number": "ExifIFD:FNumber",
    "iso": "ExifIFD:ISO",
    "focal_length_mm": "ExifIFD:FocalLength",
    "focal_length_35mm_mm": "ExifIFD:FocalLengthIn35mmFormat",
    "exif_width": "ExifIFD:ExifImageWidth",
    "exif_height": "ExifIFD:ExifImageHeight",
}
PLACE = {"gps_latitude": "Composite:GPSLatitude", "gps_longitude": "Composite:GPSLongitude"}
SOURCE_TYPE = "XMP-iptcExt:DigitalSourceType"
FLASH = "ExifIFD:Flash"
PICTURES = "MPF0:NumberOfImages"
# By how much a number may differ: fractions are divided, and degrees rounded to a millionth.
RELATIVE, DEGREES = 1e-6, 2e-6
# The policy lets the detector say what it otherwise keeps.
POLICY = """name = "compared"
version = "1"
extends = "default"
detectors.metadata.params.disclose = "all"
"""
# Longest part of a text that the detector shows.
SHOWN = 60


def exiftool(folders):
    """What exiftool says, by path."""
    wanted = {field for fields in TEXTS.values() for field in fields}
    wanted |= {*TIMES.values(), *NUMBERS.values(), *PLACE.values(), SOURCE_TYPE, FLASH, PICTURES}
    wanted |= {"GPS:GPSLatitude", "GPS:GPSLongitude"}
    command = ["exiftool", "-json", "-G1", "-n", "-r", "-q", "-charset", "EXIF=Latin", *(f"-{field}" for field in wanted)]
    output = subprocess.run([*command, *folders], capture_output=True, check=False).stdout
    return {entry["SourceFile"]: entry for entry in json.loads(output or b"[]")}


def assay(executable, folders):
    """What the detector says, by path; files that it cannot read are left out."""
    with tempfile.TemporaryDirectory() as folder:
        policy = pathlib.Path(folder) / "compared.toml"
        policy.write_text(POLICY, encoding="utf-8")
        command = [executable, "analyze", "--format", "jsonl", "--models", "metadata", "--policy", str(policy), *folders]
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


def positive(value):
    """A number above 0; None for what is none, as the detector has it."""
    try:
        number = float(str(value).split()[0])
    except (ValueError, IndexError):
        return None
    return number if 0 < number < float("inf") else None


def close(ours, theirs, most):
    """Whether two numbers, either of which may be absent, are the same."""
    if ours is None or theirs is None:
        return ours is None and theirs is None
    return abs(ours - theirs) <= most


def moment(text):
    """EXIF's form of a time as ISO 8601 without a zone; None where it is blank or no time."""
    digits = str(text or "")[:19].replace(":", " ").replace("-", " ").replace("T", " ").split()
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
    for name, field in TIMES.items():
        time = moment(theirs.get(field))
        if time and ours.get(name) != time:
            yield name, f"{ours.get(name)!r}, exiftool {theirs.get(field)!r}"
    for name, field in NUMBERS.items():
        value = positive(theirs.get(field))
        if not close(ours.get(name), value, abs(value or 0) * RELATIVE):
            yield name, f"{ours.get(name)!r}, exiftool {theirs.get(field)!r}"
    for name, field in PLACE.items():
        value = theirs.get(field)
        # Zero by zero is what receivers without a fix write.
        if isinstance(value, (int, float)) and value != 0 and not close(ours.get(name), value, DEGREES):
            yield name, f"differs by more than {DEGREES} degrees"
    flash = theirs.get(FLASH)
    if isinstance(flash, int) and ours.get("flash_fired") != bool(flash & 1):
        yield "flash_fired", f"{ours.get('flash_fired')!r}, exiftool {flash!r}"
    kind = str(theirs.get(SOURCE_TYPE, "")).rstrip("/").replace(":", "/").split("/")[-1] or None
    if kind and ours.get("digital_source_type") != kind:
        yield "digital_source_type", f"{ours.get('digital_source_type')!r}, exiftool {kind!r}"
    images = theirs.get(PICTURES)
    if images and not ours.get("jpeg_pictures"):
        yield "jpeg_pictures", f"{ours.get('jpeg_pictures')!r}, exiftool {images!r} images"
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
