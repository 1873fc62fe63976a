# SPDX-License-Identifier: MIT OR Apache-2.0
"""Whether a webhook is from the API. The body must be the bytes that came: parsed and written again it
has another signature."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import time
from email.message import Message
from typing import Mapping, Optional, Union

from ._errors import WebhookVerificationError
from ._models import WebhookEvent
from ._reading import ReadingError, read_json

_PREFIX = "whsec_"
#: How old or how far ahead a message may be, s.
_TOLERANCE = 300.0
#: More signatures than this are none of ours: one a secret, and two at most during a rotation.
_MOST_SIGNATURES = 16

Payload = Union[bytes, str]
#: Names in any case: a mapping, or what the standard library and frameworks have.
Headers = Union[Mapping[str, str], Message]


def verify_webhook(payload: Payload, signature: Optional[str], secret: str) -> bool:
    """Whether `X-CheckReal-Signature` is that of the body under the secret's text.

    Raises:
        ValueError: where the secret is empty: anyone could sign with it.
    """
    key = _checked(secret).encode()
    expected = hmac.new(key, _bytes(payload), hashlib.sha256).hexdigest()
    return _is_same(signature, expected)


def verify_standard_webhook(
    payload: Payload,
    headers: Headers,
    secret: str,
    *,
    tolerance: float = _TOLERANCE,
    now: Optional[float] = None,
) -> bool:
    """Whether the headers of Standard Webhooks (`webhook-id`, `webhook-timestamp`,
    `webhook-signature`) are those of the body, and not older than `tolerance`, s.

    Raises:
        ValueError: where the secret is empty: anyone could sign with it.
    """
    key = _key_of(_checked(secret))
    known = {str(name).lower(): value for name, value in headers.items()}
    identity, timestamp, signatures = (
        known.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature")
    )
    if not identity or not signatures or re.fullmatch(r"[0-9]{1,15}", timestamp) is None:
        return False
    if abs((time.time() if now is None else now) - int(timestamp)) > tolerance:
        return False
    signed = f"{identity}.{timestamp}.".encode("utf-8", "surrogateescape") + _bytes(payload)
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    expected = "v1," + base64.b64encode(digest).decode("ascii")
    given = signatures.split(" ")[:_MOST_SIGNATURES]
    return any([_is_same(signature, expected) for signature in given])


def read_webhook(
    payload: Payload,
    headers: Headers,
    secret: str,
    *,
    tolerance: float = _TOLERANCE,
    now: Optional[float] = None,
) -> WebhookEvent:
    """The event of a webhook, after `verify_standard_webhook`.

    Raises:
        WebhookVerificationError: where it is not from the API, or too old.
        ValueError: where the secret is empty.
    """
    if not verify_standard_webhook(payload, headers, secret, tolerance=tolerance, now=now):
        raise WebhookVerificationError("The webhook is not from the API, or is too old.")
    try:
        return read_json(WebhookEvent, payload)
    except ReadingError as error:
        raise WebhookVerificationError(f"The webhook tells no event: {error}.") from None


def _checked(secret: str) -> str:
    if not secret:
        raise ValueError("the secret is empty")
    return secret


def _key_of(secret: str) -> bytes:
    """The bytes in base64 behind `whsec_`; a secret that has none signs by its text."""
    coded = secret[len(_PREFIX) :] if secret.startswith(_PREFIX) else secret
    try:
        return base64.b64decode(coded, validate=True) or secret.encode()
    except (binascii.Error, ValueError):
        return secret.encode()


def _is_same(given: Optional[str], expected: str) -> bool:
    """In a time that does not depend on where they differ."""
    if not isinstance(given, str):
        return False
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())


def _bytes(payload: Payload) -> bytes:
    return payload.encode() if isinstance(payload, str) else bytes(payload)
