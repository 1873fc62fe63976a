# SPDX-License-Identifier: MIT OR Apache-2.0
"""What is tried again, and when: 429 and 5xx, and connections that failed before there was an answer.
Every POST has an idempotency key, so that what is sent twice is done and charged once."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Optional

from ._errors import CheckRealError, ConnectionFailedError

#: First ceiling of the delay, s; it doubles with each attempt.
_FIRST_DELAY = 0.5
#: Longest delay of our own choice, s.
_LONGEST_DELAY = 8.0


@dataclass(frozen=True)
class Retries:
    """How often, and how long a `Retry-After` is waited for, s."""

    max_attempts: int
    max_retry_after: float

    def delay_after(self, error: CheckRealError, attempt: int) -> Optional[float]:
        """How long to wait after a failed attempt, s; None where it is not to be tried again.

        A delay of ours is drawn evenly from zero to its ceiling, so that clients that failed together
        do not come back together.
        """
        if not _is_transient(error) or attempt >= self.max_attempts:
            return None
        if error.retry_after is not None:
            return error.retry_after if error.retry_after <= self.max_retry_after else None
        ceiling = min(_LONGEST_DELAY, _FIRST_DELAY * 2.0 ** (attempt - 1))
        return random.uniform(0.0, ceiling)


def _is_transient(error: CheckRealError) -> bool:
    if isinstance(error, ConnectionFailedError):
        return not error.had_begun
    return error.status is not None and (error.status == 429 or 500 <= error.status < 600)
