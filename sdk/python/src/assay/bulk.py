# SPDX-License-Identifier: MIT OR Apache-2.0
"""Archives through Ray and Spark: each worker keeps a process of `assay bulk`, which answers with one row a picture.

Columns and their types are those of docs/BULK.md. A picture that cannot be examined has a row with `status`
`failed` and an `error_code`; no picture is without a row. Needs the `assay` program on every machine; Ray, pyarrow
and pandas are imported where they are used.
"""

from ._columns import kind_of
from ._examiner import Examiner, ExaminerError
from ._ray import map_ray
from ._spark import map_frames, spark_schema

__all__ = [
    "Examiner",
    "ExaminerError",
    "kind_of",
    "map_frames",
    "map_ray",
    "spark_schema",
]
