# SPDX-License-Identifier: MIT OR Apache-2.0
"""What each method asks, and how its answer is read; nothing here waits for anything."""

from __future__ import annotations

import datetime
import json
import re
import uuid
from dataclasses import dataclass, field
from typing import Any, Dict, Optional, Sequence, Type, TypeVar, Union
from urllib.parse import quote, urlencode

from ._errors import CheckRealError
from ._images import BatchImage, Source
from ._models import Analysis, RateLimit, Standing
from ._reading import ReadingError, read_json
from ._wire import Reply

T = TypeVar("T")
#: RFC 3339 text, a date or a time.
Moment = Union[str, datetime.date, datetime.datetime]


@dataclass(frozen=True)
class Call:
    """A request without what all requests have."""

    method: str
    path: str
    headers: Dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def options(
    models: Optional[Sequence[str]],
    metadata_analysis: Optional[bool],
    return_heatmap: Optional[bool],
    policy: Optional[str],
    webhook_url: Optional[str] = None,
) -> Dict[str, Any]:
    """The API's `options`; what is not said is left out."""
    return _said(
        models=None if models is None else list(models),
        metadata_analysis=metadata_analysis,
        return_heatmap=return_heatmap,
        policy=policy,
        webhook_url=webhook_url,
    )


def analyze(
    image: BatchImage, source: Source, options: Dict[str, Any], idempotency_key: Optional[str]
) -> Call:
    """One image: bytes as a form, a third smaller than in base64; anything else as JSON."""
    said = _order(image, options)
    if source.data is None:
        return _post("/analyze", {**source.document(), **said}, idempotency_key)
    boundary = uuid.uuid4().hex
    parts = []
    for name, value in said.items():
        text = value if isinstance(value, str) else json.dumps(value)
        parts.append(f'name="{name}"\r\n\r\n{text}'.encode())
    parts.append(b'name="image"; filename="image"\r\n\r\n' + source.data)
    head = f"--{boundary}\r\nContent-Disposition: form-data; ".encode()
    body = b"".join(head + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()
    kind = f"multipart/form-data; boundary={boundary}"
    return Call("POST", "/analyze", _post_headers(kind, idempotency_key), body)


def analyze_batch(
    images: Sequence[BatchImage],
    sources: Sequence[Source],
    options: Dict[str, Any],
    webhook_url: Optional[str],
    batch_reference_id: Optional[str],
    idempotency_key: Optional[str],
) -> Call:
    """Many images."""
    documents = [{**s.document(), **_order(i, {})} for i, s in zip(images, sources)]
    said = _said(
        options=options or None, webhook_url=webhook_url, batch_reference_id=batch_reference_id
    )
    return _post("/analyze/batch", {"images": documents, **said}, idempotency_key)


def get(path: str, **query: Any) -> Call:
    """Reads something."""
    said = _said(**query)
    return Call("GET", f"{path}?{urlencode(said)}" if said else path)


def named(collection: str, name: str) -> str:
    """The path of one thing of a collection."""
    return f"/{collection}/{quote(name, safe='')}"


def read_reply(kind: Type[T], reply: Reply) -> T:
    """The answer as a model."""
    try:
        return read_json(kind, reply.body)
    except ReadingError as error:
        raise _unexpected(reply, str(error)) from None


def read_analysis(reply: Reply) -> Union[Analysis, Standing]:
    """An answer once more, or how far it is."""
    standing = read_reply(Standing, reply)
    return read_reply(Analysis, reply) if standing.status == "complete" else standing


def rate_limit_of(reply: Reply) -> Optional[RateLimit]:
    """Where the organisation stands in the minute, where the answer says so."""
    texts = [reply.headers.get(f"x-ratelimit-{name}", "") for name in ("limit", "remaining", "reset")]
    if not all(re.fullmatch(r"[0-9]{1,15}", text) for text in texts):
        return None
    limit, remaining, reset = map(int, texts)
    return RateLimit(limit=limit, remaining=remaining, reset=reset)


def _unexpected(reply: Reply, why: str) -> CheckRealError:
    name = reply.headers.get("x-request-id")
    message = f"The answer cannot be read: {why}."
    return CheckRealError(message, status=reply.status, request_id=name)


def _order(image: BatchImage, options: Dict[str, Any]) -> Dict[str, Any]:
    """What is said of an image beside its source."""
    context = _said(claimed_at=_moment(image.claimed_at))
    return _said(
        reference_id=image.reference_id, options=options or None, context=context or None
    )


def _moment(value: Optional[Moment]) -> Optional[str]:
    return value if value is None or isinstance(value, str) else value.isoformat()


def _said(**values: Any) -> Dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _post(path: str, body: Dict[str, Any], idempotency_key: Optional[str]) -> Call:
    headers = _post_headers("application/json", idempotency_key)
    return Call("POST", path, headers, json.dumps(body).encode())


def _post_headers(kind: str, idempotency_key: Optional[str]) -> Dict[str, str]:
    key = str(uuid.uuid4()) if idempotency_key is None else idempotency_key
    # Anything else would end the header, or is no ASCII.
    if re.fullmatch(r"[\x20-\x7e]{1,255}", key) is None:
        raise ValueError("idempotency_key must be 1 to 255 ASCII characters")
    return {"Content-Type": kind, "Idempotency-Key": key}
