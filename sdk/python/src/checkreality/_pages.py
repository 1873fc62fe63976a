# SPDX-License-Identifier: MIT OR Apache-2.0
"""Batches: polled slower and slower, page after page."""

from __future__ import annotations

import time
from typing import Optional

from . import _calls
from ._calls import Call
from ._errors import RequestTimeoutError
from ._models import Batch

#: How much longer each wait is than the one before.
_GROWTH = 1.5
#: Longest wait between two looks, s: 12 requests a minute, of the 60 of the smallest plan.
_LONGEST_POLL = 5.0


class Pages:
    """Which page is asked for next, and after how long."""

    def __init__(self, batch_id: str, poll_interval: float, timeout: float, page_size: int) -> None:
        self._path = _calls.named("batches", batch_id)
        self._page_size = page_size
        self._delay = poll_interval
        self._longest = max(poll_interval, _LONGEST_POLL)
        self._timeout = timeout
        self._end = time.monotonic() + timeout
        self._cursor: Optional[str] = None

    def call(self) -> Call:
        """Asks for the next page."""
        return _calls.get(self._path, limit=self._page_size, cursor=self._cursor)

    def delay_after(self, page: Batch) -> Optional[float]:
        """How long to wait after a page, s; None where all images are done.

        Raises:
            RequestTimeoutError: where the batch was not done in time.
        """
        if page.next_cursor is None:
            return None
        self._cursor = page.next_cursor
        # A full page has another one behind it, or will soon.
        if len(page.results) >= self._page_size:
            return 0.0
        delay = self._delay
        if time.monotonic() + delay > self._end:
            raise RequestTimeoutError(f"The batch was not done within {self._timeout} s.")
        self._delay = min(delay * _GROWTH, self._longest)
        return delay
