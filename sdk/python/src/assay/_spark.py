# SPDX-License-Identifier: MIT OR Apache-2.0
"""Pictures of a Spark frame, by `mapInPandas`."""

from typing import Any, Callable, Iterable, Iterator

from ._columns import kind_of, table
from ._examiner import Examiner

_SPARK = {"text": "string", "real": "double", "whole": "bigint", "moment": "timestamp"}


def map_frames(
    column: str = "path", **options: Any
) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """A function for `frame.mapInPandas(map_frames(...), schema=spark_schema(columns))`.

    `column` holds paths, URLs such as s3://BUCKET/KEY, or bytes; the options are those of `Examiner`.
    """

    def examine(frames: Iterator[Any]) -> Iterator[Any]:
        with Examiner(**options) as examiner:
            for frame in frames:
                pictures = (bytes(p) if isinstance(p, bytearray) else p for p in frame[column])
                rows = list(examiner.rows(pictures))
                if rows:
                    yield table(rows, examiner.columns).to_pandas()

    return examine


def spark_schema(columns: Iterable[str]) -> str:
    """The columns as Spark writes a schema: `source string, ...`."""
    return ", ".join(f"`{name}` {_SPARK[kind_of(name)]}" for name in columns)
