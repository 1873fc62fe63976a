# SPDX-License-Identifier: MIT OR Apache-2.0
"""Answers that are lists with a name around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Tuple

from ._models import Answer, Detector, Policy


@dataclass(frozen=True)
class Detectors(Answer):
    """The detectors, in the order of results."""

    detectors: Tuple[Detector, ...]


@dataclass(frozen=True)
class Policies(Answer):
    """The policies that a request may name."""

    policies: Tuple[Policy, ...]
