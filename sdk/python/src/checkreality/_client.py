# SPDX-License-Identifier: MIT OR Apache-2.0
"""The API, method by method, waiting for each answer."""

from __future__ import annotations

import ssl
import time
from typing import Iterable, Iterator, List, Optional, Sequence, Union

from . import _calls
from ._calls import Moment
from ._images import BatchImage, ImageBytes, PathLike, source_of
from ._models import (
    Accepted,
    Analysis,
    Batch,
    BatchAccepted,
    BatchResult,
    Detector,
    Policy,
    RateLimit,
    Standing,
    Usage,
)
from ._lists import Detectors, Policies
from ._pages import Pages
from ._settings import settings
from ._transport import Transport
from ._wire import Reply


class CheckRealClient:
    """A client that waits; it may be used by many threads.

    Without `api_key` and `base_url` the environment's `CHECKREAL_API_KEY` and `CHECKREAL_BASE_URL` are
    taken. `timeout` is until an attempt must have been answered, s; `max_attempts` of one request;
    `max_retry_after` is the longest `Retry-After` that is waited for, s.

    Every method raises `CheckRealError` for what the API refuses and for what does not reach it.
    """

    def __init__(
        self,
        api_key: Optional[str] = None,
        *,
        base_url: Optional[str] = None,
        timeout: float = 60.0,
        max_attempts: int = 4,
        max_retry_after: float = 60.0,
        ssl_context: Optional[ssl.SSLContext] = None,
    ) -> None:
        self._transport = Transport(
            settings(api_key, base_url, timeout, max_attempts, max_retry_after, ssl_context)
        )

    @property
    def rate_limit(self) -> Optional[RateLimit]:
        """Where the organisation stood in the minute at the last answer; None before the first."""
        return self._transport.rate_limit

    def analyze(
        self,
        *,
        image_url: Optional[str] = None,
        image_base64: Optional[str] = None,
        image_path: Optional[PathLike] = None,
        image: Optional[ImageBytes] = None,
        reference_id: Optional[str] = None,
        models: Optional[Sequence[str]] = None,
        metadata_analysis: Optional[bool] = None,
        return_heatmap: Optional[bool] = None,
        policy: Optional[str] = None,
        claimed_at: Optional[Moment] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> Analysis:
        """Examines one image, in one of four forms."""
        one = BatchImage(image_url, image_base64, image_path, image, reference_id, claimed_at)
        options = _calls.options(models, metadata_analysis, return_heatmap, policy)
        reply = self._analyze(one, options, idempotency_key, timeout)
        return _calls.read_reply(Analysis, reply)

    def analyze_later(
        self,
        *,
        webhook_url: str,
        image_url: Optional[str] = None,
        image_base64: Optional[str] = None,
        image_path: Optional[PathLike] = None,
        image: Optional[ImageBytes] = None,
        reference_id: Optional[str] = None,
        models: Optional[Sequence[str]] = None,
        metadata_analysis: Optional[bool] = None,
        return_heatmap: Optional[bool] = None,
        policy: Optional[str] = None,
        claimed_at: Optional[Moment] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> Accepted:
        """Has one image examined while nobody waits; the webhook is told."""
        one = BatchImage(image_url, image_base64, image_path, image, reference_id, claimed_at)
        options = _calls.options(models, metadata_analysis, return_heatmap, policy, webhook_url)
        reply = self._analyze(one, options, idempotency_key, timeout)
        return _calls.read_reply(Accepted, reply)

    def analyze_batch(
        self,
        images: Iterable[BatchImage],
        *,
        models: Optional[Sequence[str]] = None,
        metadata_analysis: Optional[bool] = None,
        return_heatmap: Optional[bool] = None,
        policy: Optional[str] = None,
        webhook_url: Optional[str] = None,
        batch_reference_id: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> BatchAccepted:
        """Has many images examined; a batch that is too large for the plan is refused, not split."""
        given = list(images)
        sources = [source_of(image) for image in given]
        options = _calls.options(models, metadata_analysis, return_heatmap, policy)
        call = _calls.analyze_batch(
            given, sources, options, webhook_url, batch_reference_id, idempotency_key
        )
        return _calls.read_reply(BatchAccepted, self._transport.send(call, timeout))

    def get_batch(
        self,
        batch_id: str,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> Batch:
        """How far a batch is, with one page of its results."""
        call = _calls.get(_calls.named("batches", batch_id), limit=limit, cursor=cursor)
        return _calls.read_reply(Batch, self._transport.send(call, timeout))

    def batch_results(
        self,
        batch_id: str,
        *,
        poll_interval: float = 1.0,
        timeout: float = 3_600.0,
        page_size: int = 100,
    ) -> Iterator[BatchResult]:
        """The results of a batch as they complete; `timeout` is until all must have, s."""
        for page in self._pages(Pages(batch_id, poll_interval, timeout, page_size)):
            yield from page.results

    def wait_for_batch(
        self,
        batch_id: str,
        *,
        poll_interval: float = 1.0,
        timeout: float = 3_600.0,
        page_size: int = 100,
    ) -> List[BatchResult]:
        """All results of a batch, once it is done."""
        return list(
            self.batch_results(
                batch_id, poll_interval=poll_interval, timeout=timeout, page_size=page_size
            )
        )

    def get_analysis(
        self, request_id: str, *, timeout: Optional[float] = None
    ) -> Union[Analysis, Standing]:
        """An answer once more, or how far it is."""
        call = _calls.get(_calls.named("analyses", request_id))
        return _calls.read_analysis(self._transport.send(call, timeout))

    def get_heatmap(
        self, request_id: str, *, layer: Optional[str] = None, timeout: Optional[float] = None
    ) -> bytes:
        """Where in the picture, as a PNG: `mask`, or `colour` to lay over it."""
        path = f"{_calls.named('analyses', request_id)}/heatmap.png"
        return self._transport.send(_calls.get(path, layer=layer), timeout).body

    def get_detectors(self, *, timeout: Optional[float] = None) -> Sequence[Detector]:
        """The detectors, in the order of results."""
        reply = self._transport.send(_calls.get("/detectors"), timeout)
        return _calls.read_reply(Detectors, reply).detectors

    def get_policies(self, *, timeout: Optional[float] = None) -> Sequence[Policy]:
        """The policies that a request may name."""
        reply = self._transport.send(_calls.get("/policies"), timeout)
        return _calls.read_reply(Policies, reply).policies

    def get_usage(self, *, timeout: Optional[float] = None) -> Usage:
        """What the organisation may do and has done today."""
        return _calls.read_reply(Usage, self._transport.send(_calls.get("/usage"), timeout))

    def _analyze(
        self,
        image: BatchImage,
        options: "dict[str, object]",
        idempotency_key: Optional[str],
        timeout: Optional[float],
    ) -> Reply:
        call = _calls.analyze(image, source_of(image), options, idempotency_key)
        return self._transport.send(call, timeout)

    def _pages(self, pages: Pages) -> Iterator[Batch]:
        delay: Optional[float] = 0.0
        while delay is not None:
            time.sleep(delay)
            page = _calls.read_reply(Batch, self._transport.send(pages.call(), None))
            yield page
            delay = pages.delay_after(page)
