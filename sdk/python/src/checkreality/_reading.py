# SPDX-License-Identifier: MIT OR Apache-2.0
"""JSON into the models, by their declared types. What is of another type is no answer of the API."""

from __future__ import annotations

import collections.abc
import dataclasses
import functools
import json
from typing import Any, Dict, Mapping, Tuple, Type, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


class ReadingError(ValueError):
    """A JSON text is not what was expected; the message says where."""


def read_json(kind: Type[T], text: Union[bytes, str]) -> T:
    """Reads a whole JSON text as a model."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReadingError(f"it is no JSON: {error}") from None
    return read(kind, raw)


def read(kind: Type[T], raw: Any) -> T:
    """Reads a JSON value as a model."""
    value: T = _value(kind, raw, kind.__name__)
    return value


@functools.lru_cache(maxsize=None)
def _shape(kind: Type[Any]) -> Tuple[Dict[str, Any], Dict[str, bool]]:
    """The types of a model's fields, and whether each must be there."""
    missing = dataclasses.MISSING
    fields = [one for one in dataclasses.fields(kind) if one.name != "raw"]
    hints = get_type_hints(kind)
    needed = {f.name: f.default is missing and f.default_factory is missing for f in fields}
    return {f.name: hints[f.name] for f in fields}, needed


def _value(kind: Any, raw: Any, where: str) -> Any:
    if kind is Any:
        return raw
    if dataclasses.is_dataclass(kind):
        return _model(kind, raw, where)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Union:  # Optional
        return None if raw is None else _value(inner[0], raw, where)
    if origin is tuple and isinstance(raw, list):
        return tuple(_value(inner[0], one, f"{where}[{i}]") for i, one in enumerate(raw))
    if origin is collections.abc.Mapping and isinstance(raw, dict):
        return {name: _value(inner[1], one, f"{where}.{name}") for name, one in raw.items()}
    if kind is float and isinstance(raw, int) and not isinstance(raw, bool):
        return float(raw)
    if isinstance(kind, type) and isinstance(raw, kind) and isinstance(raw, bool) == (kind is bool):
        return raw
    raise ReadingError(f"{where} is not what it should be: {type(raw).__name__}")


def _model(kind: Any, raw: Any, where: str) -> Any:
    if not isinstance(raw, dict):
        raise ReadingError(f"{where} is no object: {type(raw).__name__}")
    types, needed = _shape(kind)
    values: Dict[str, Any] = {}
    for name, inner in types.items():
        # What is beyond the guide may also be null.
        if raw.get(name) is not None or (name in raw and needed[name]):
            values[name] = _value(inner, raw[name], f"{where}.{name}")
        elif needed[name]:
            if get_origin(inner) is not Union:
                raise ReadingError(f"{where} has no {name}")
            values[name] = None
    frozen: Mapping[str, Any] = raw
    return kind(raw=frozen, **values)
