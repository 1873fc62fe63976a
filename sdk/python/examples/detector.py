# SPDX-License-Identifier: MIT OR Apache-2.0
"""Entropy of the green channel: a teaching detector, not a forensic test."""

import math
import pathlib
import sys
from collections import Counter

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "src"))  # not needed once installed

from assay_detector import NotApplicable, serve

SAMPLES = 100_000


def detect(picture):
    pixels = picture.width * picture.height
    if pixels < 4_096:
        raise NotApplicable("The picture has fewer than 4096 px.")
    green = picture.pixels[1::3][::max(1, pixels // SAMPLES)]
    counts = Counter(green.tobytes()).values()
    entropy = -sum(n / len(green) * math.log2(n / len(green)) for n in counts)
    return {
        "score": 1.0 - entropy / 8.0,
        "detail": f"The green channel's histogram has {entropy:.2f} of 8 bits.",
        "attributes": {"entropy_bits": entropy},
    }


serve(detect, id="green-entropy", version="1.0.0", kind="generation", title="Green entropy",
      summary="Flags pictures whose green channel is nearly empty.")
