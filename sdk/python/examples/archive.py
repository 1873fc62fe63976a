# SPDX-License-Identifier: MIT OR Apache-2.0
"""Many pictures by one process that stays: python3 archive.py PICTURE... (ASSAY_PROGRAM names the program)."""

import os
import sys

from assay.bulk import Examiner

program = os.environ.get("ASSAY_PROGRAM", "assay")
with Examiner(program, policy="default", jobs=2) as examiner:
    for row in examiner.rows(sys.argv[1:]):
        print(row["source"], row["label"] or row["error_code"])
