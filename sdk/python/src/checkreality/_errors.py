# SPDX-License-Identifier: MIT OR Apache-2.0
"""What can go wrong, as classes: one for each thing that a caller does differently."""

from __future__ import annotations

import json
import re
import time
from email.utils import parsedate_to_datetime
from typing import Mapping, Optional, Type


class CheckRealError(Exception):
    """Any failure of a request."""

    def __init__(
        self,
        message: str,
        *,
        code: str = "UNEXPECTED_ANSWER",
        status: Optional[int] = None,
        request_id: Optional[str] = None,
        retry_after: Optional[float] = None,
        region_base_url: Optional[str] = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        #: The API's code, or one of ours where there was no answer of the API.
        self.code = code
        #: HTTP status; None without an answer.
        self.status = status
        #: The request's name, for support and audit; None without an answer.
        self.request_id = request_id
        #: When it may be tried again, s from now; None where the server does not say.
        self.retry_after = retry_after
        #: Base URL of the right region without `/v1`, with `WrongRegionError`.
        self.region_base_url = region_base_url

    def __str__(self) -> str:
        name = f" ({self.request_id})" if self.request_id else ""
        return f"{self.code}: {self.message}{name}"


class AuthenticationError(CheckRealError):
    """401."""


class PermissionDeniedError(CheckRealError):
    """403: scope, path or address of the key."""


class InvalidRequestError(CheckRealError):
    """The request is wrong, not the image."""


class UnprocessableImageError(CheckRealError):
    """The image cannot be examined: its size, format or content, or its URL."""


class NotFoundError(CheckRealError):
    """404."""


class RateLimitError(CheckRealError):
    """429: too many requests in this minute."""


class QuotaExceededError(CheckRealError):
    """429: too many images today."""


class WrongRegionError(CheckRealError):
    """421: the key is at home in another region."""


class ServerError(CheckRealError):
    """5xx."""


class ConnectionFailedError(CheckRealError):
    """There was no answer, or it broke off."""

    def __init__(self, message: str, *, had_begun: bool) -> None:
        super().__init__(message, code="CONNECTION_FAILED")
        #: Whether an answer had begun.
        self.had_begun = had_begun


class RequestTimeoutError(CheckRealError):
    """There was no whole answer in time."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="TIMEOUT")


class WebhookVerificationError(Exception):
    """A webhook is not from the API, or is too old."""


_CLASS_OF_CODE: Mapping[str, Type[CheckRealError]] = {
    "INVALID_API_KEY": AuthenticationError,
    "FORBIDDEN": PermissionDeniedError,
    "NOT_FOUND": NotFoundError,
    "FILE_SIZE_EXCEEDED": UnprocessableImageError,
    "UNSUPPORTED_FORMAT": UnprocessableImageError,
    "IMAGE_TOO_SMALL": UnprocessableImageError,
    "IMAGE_CORRUPT": UnprocessableImageError,
    "URL_UNREACHABLE": UnprocessableImageError,
    "WRONG_REGION": WrongRegionError,
    "RATE_LIMIT_EXCEEDED": RateLimitError,
    "QUOTA_EXCEEDED": QuotaExceededError,
}

_CLASS_OF_STATUS: Mapping[int, Type[CheckRealError]] = {
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    429: RateLimitError,
}


def _class_of(code: str, status: int) -> Type[CheckRealError]:
    """The class of an answer: by its code, or by its status where the code is none that is known."""
    known = _CLASS_OF_CODE.get(code) or _CLASS_OF_STATUS.get(status)
    if known is not None:
        return known
    if status >= 500:
        return ServerError
    return InvalidRequestError if status >= 400 else CheckRealError


def retry_after_of(value: Optional[str], now: Optional[float] = None) -> Optional[float]:
    """Seconds of a `Retry-After`: a number, or a date (RFC 9110, 10.2.3); None for anything else."""
    if value is None:
        return None
    if re.fullmatch(r"[0-9]{1,9}", value):
        return float(value)
    try:
        date = parsedate_to_datetime(value).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return max(0.0, date - (time.time() if now is None else now))


def error_of(status: int, headers: Mapping[str, str], body: bytes) -> CheckRealError:
    """The error of an answer that is none of success; header names are in lower case."""
    try:
        told = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError, RecursionError):
        told = None  # A proxy's page, or nothing: the status has to do.

    def text(name: str) -> Optional[str]:
        value = told.get(name) if isinstance(told, dict) else None
        return value if isinstance(value, str) and value else None

    code = text("code") or f"HTTP_{status}"
    return _class_of(code, status)(
        text("message") or f"The server answered with the status {status}.",
        code=code,
        status=status,
        request_id=text("request_id") or headers.get("x-request-id"),
        retry_after=retry_after_of(headers.get("retry-after")),
        region_base_url=headers.get("x-region-base-url"),
    )
