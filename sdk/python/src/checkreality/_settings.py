# SPDX-License-Identifier: MIT OR Apache-2.0
"""What a client is told: key, address, limits; and the head of its requests."""

from __future__ import annotations

import os
import re
import ssl
from dataclasses import dataclass, field
from typing import Optional
from urllib.parse import urlsplit

from ._calls import Call
from ._retry import Retries
from ._version import VERSION

#: The API of the region us-east-1.
_BASE_URL = "https://api.checkreality.ai/v1"


@dataclass(frozen=True)
class Settings:
    """All of it, checked."""

    api_key: str = field(repr=False)
    host: str
    port: int
    authority: str
    path: str
    tls: Optional[ssl.SSLContext]
    timeout: float
    retries: Retries

    def head_of(self, call: Call) -> bytes:
        """The head of a request."""
        lines = [
            f"{call.method} {self.path}{call.path} HTTP/1.1",
            f"Host: {self.authority}",
            f"Authorization: Bearer {self.api_key}",
            "Accept: application/json",
            f"User-Agent: checkreality-sdk-python/{VERSION}",
            "Connection: close",
        ]
        lines += [f"{name}: {value}" for name, value in call.headers.items()]
        if call.method == "POST":
            lines.append(f"Content-Length: {len(call.body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def settings(
    api_key: Optional[str],
    base_url: Optional[str],
    timeout: float,
    max_attempts: int,
    max_retry_after: float,
    ssl_context: Optional[ssl.SSLContext],
) -> Settings:
    """Checks what a client is told.

    Raises:
        ValueError: for a key that is missing or cannot stand in a header, and an address that is none.
    """
    key = (os.environ.get("CHECKREAL_API_KEY", "") if api_key is None else api_key).strip()
    if re.fullmatch(r"[\x21-\x7e]+", key) is None:
        raise ValueError("api_key is needed: pass it, or set CHECKREAL_API_KEY")
    text = base_url or os.environ.get("CHECKREAL_BASE_URL") or _BASE_URL
    url = urlsplit(text)
    if url.scheme not in ("http", "https") or not url.hostname or url.query or url.fragment:
        raise ValueError(f"base_url must be https://HOST/v1, found {text!r}")
    if not timeout > 0 or max_attempts < 1:
        raise ValueError("timeout and max_attempts must be positive")
    is_tls = url.scheme == "https"
    context = (ssl_context or ssl.create_default_context()) if is_tls else None
    host = url.hostname.encode("idna").decode("ascii") if ":" not in url.hostname else url.hostname
    name = f"[{host}]" if ":" in host else host
    return Settings(
        api_key=key,
        host=host,
        port=url.port or (443 if is_tls else 80),
        authority=name if url.port is None else f"{name}:{url.port}",
        path=re.sub(r"[^\x21-\x7e]", "", url.path).rstrip("/"),
        tls=context,
        timeout=timeout,
        retries=Retries(max_attempts, max_retry_after),
    )
