# SPDX-License-Identifier: MIT OR Apache-2.0
"""An archive on a Ray cluster: python3 archive_ray.py LIST OUT, with a path or URL a line in LIST."""

import sys

import ray

from assay.bulk import map_ray

pictures = ray.data.read_text(sys.argv[1])
rows = map_ray(pictures, column="text", concurrency=8, policy="default")
rows.write_parquet(sys.argv[2])
