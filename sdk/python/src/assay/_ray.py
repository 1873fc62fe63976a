# SPDX-License-Identifier: MIT OR Apache-2.0
"""Pictures of a Ray dataset."""

from typing import Any, Dict, Optional

from ._columns import table
from ._examiner import Examiner


class _Batches:
    """What Ray keeps on each worker: one process of `assay`."""

    def __init__(self, column: str, name: Optional[str], options: Dict[str, Any]) -> None:
        self._column = column
        self._name = name
        self._examiner = Examiner(**options)

    def __call__(self, batch: Any) -> Any:
        pictures = batch.column(self._column).to_pylist()
        rows = list(self._examiner.rows(pictures))
        if self._name is not None:
            for row, name in zip(rows, batch.column(self._name).to_pylist()):
                row["source"] = name
        return table(rows, self._examiner.columns)


def map_ray(
    dataset: Any,
    column: str = "path",
    *,
    name: Optional[str] = None,
    concurrency: int = 1,
    batch_size: int = 16,
    cpus: float = 1,
    **options: Any,
) -> Any:
    """The rows of a dataset's pictures, as another dataset.

    `column` holds paths, URLs such as s3://BUCKET/KEY, or bytes (`ray.data.read_binary_files` gives those as `bytes`);
    `name` is a column to take `source` from. `concurrency` workers with `cpus` processors each; `batch_size` is what a
    worker that dies does again. The other options are those of `Examiner`.
    """
    options.setdefault("jobs", max(1, int(cpus)))
    return dataset.map_batches(
        _Batches,
        fn_constructor_args=(column, name, options),
        batch_format="pyarrow",
        batch_size=batch_size,
        concurrency=concurrency,
        num_cpus=cpus,
    )
