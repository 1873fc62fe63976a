# SPDX-License-Identifier: MIT OR Apache-2.0
"""What the columns hold, by their names: rows come as JSON, which does not say."""

from typing import Any, Dict, Iterable, List

_WHOLE = {"width", "height", "file_size_bytes", "processing_time_ms"}
_REAL = {"risk", "confidence", "p_ai_generated", "p_manipulated"}
_MOMENT = {"processed_at"}


def kind_of(column: str) -> str:
    """`text`, `real`, `whole` or `moment` (UTC, in whole milliseconds)."""
    if column in _WHOLE:
        return "whole"
    if column in _MOMENT:
        return "moment"
    if column in _REAL or column.endswith("_score"):
        return "real"
    return "text"


def table(rows: List[Dict[str, Any]], columns: Iterable[str]) -> Any:
    """Rows as a table of pyarrow, whose types do not depend on what is null in them."""
    import pyarrow as pa  # type: ignore

    types = {
        "text": pa.string(),
        "real": pa.float64(),
        "whole": pa.int64(),
        "moment": pa.timestamp("ms", tz="UTC"),
    }
    schema = pa.schema([(name, types[kind_of(name)]) for name in columns])
    return pa.Table.from_pylist(rows, schema=schema)
