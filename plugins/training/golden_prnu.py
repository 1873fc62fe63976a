# SPDX-License-Identifier: MIT OR Apache-2.0
"""Writes plugins/signal/tests/data/golden_prnu.csv: a small picture, its residual and the residual cleaned,
by the public reference in Python.

    git clone https://github.com/polimi-ispl/prnu-python REFERENCE     (MIT; commit 91e1585 was used)
    assay-conformance synth PICTURES
    python3 plugins/training/golden_prnu.py REFERENCE PICTURES/camera.png OUT.csv

Needs numpy, scipy, scikit-learn, tqdm, PyWavelets and Pillow.
"""

import sys

import numpy as np
from PIL import Image

LEFT, TOP, WIDTH, HEIGHT = 120, 90, 47, 39


def main():
    reference, picture, out = sys.argv[1:]
    sys.path.insert(0, reference)
    import prnu

    luma = np.asarray(Image.open(picture).convert("L"))[TOP:TOP + HEIGHT, LEFT:LEFT + WIDTH].copy()
    residual = prnu.noise_extract(luma.copy())
    means = prnu.zero_mean_total(residual.copy())
    cleaned = prnu.wiener_dft(means, means.std(ddof=1))
    with open(out, "w") as file:
        for row in zip(luma.ravel(), residual.ravel(), cleaned.ravel()):
            file.write("%d,%.4f,%.4f\n" % row)


main()
