# SPDX-License-Identifier: MIT OR Apache-2.0
"""What the API answers. Every object has the API's own JSON as `raw`, with fields that this version
does not know. What the guide has is there; what is beyond it is None or empty where a server lacks it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Dict, Mapping, Optional, Tuple

Raw = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """What every object has."""

    raw: Raw = field(repr=False, compare=False)


@dataclass(frozen=True)
class Reason(Answer):
    """One reason for a verdict."""

    code: str
    text: str
    detectors: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict(Answer):
    """What the policy makes of an image."""

    #: `AUTHENTIC`, `AI_GENERATED`, `MANIPULATED` or `INCONCLUSIVE`.
    label: str
    #: How sure the label is, 0..=1.
    confidence: float
    #: `LOW`, `MEDIUM` or `HIGH`.
    risk_level: str
    #: The probability that the image is not authentic, 0..=1.
    risk: Optional[float] = None
    p_ai_generated: Optional[float] = None
    p_manipulated: Optional[float] = None
    #: Why, the weightiest first.
    reasons: Tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Region(Answer):
    """A box in the stored picture, px."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Finding(Answer):
    """One observation of a detector."""

    code: str
    severity: str
    text: str
    values: Mapping[str, Any] = field(default_factory=dict)
    regions: Tuple[Region, ...] = ()


@dataclass(frozen=True)
class ModelResult(Answer):
    """What one detector answered."""

    #: 0..=1; None without an answer.
    score: Optional[float]
    #: `SYNTHETIC`, `MANIPULATED`, `SUSPICIOUS`, `AUTHENTIC` or `INCONCLUSIVE`.
    label: str
    detail: Optional[str] = None
    #: `complete`, `not_applicable`, `error` or `timeout`.
    status: Optional[str] = None
    findings: Tuple[Finding, ...] = ()
    version: Optional[str] = None
    digest: Optional[str] = None
    duration_ms: Optional[float] = None

    @property
    def attributes(self) -> Dict[str, Any]:
        """What the detector tells besides: `exif_present`, `gps_present`, …"""
        known = {one.name for one in fields(self)}
        return {name: value for name, value in self.raw.items() if name not in known}


@dataclass(frozen=True)
class ImageInfo(Answer):
    """A picture's file."""

    width: int
    height: int
    format: str
    file_size_bytes: int
    sha256: str


@dataclass(frozen=True)
class AppliedPolicy(Answer):
    """The policy that a verdict was made by."""

    name: str
    version: str
    digest: str


@dataclass(frozen=True)
class Heatmap(Answer):
    """Where in the picture, as PNGs."""

    width: int
    height: int
    overlay_png_base64: Optional[str] = None
    mask_png_base64: Optional[str] = None
    cell_px: Optional[int] = None
    regions: Tuple[Region, ...] = ()


@dataclass(frozen=True)
class Analysis(Answer):
    """An image that was examined."""

    request_id: str
    reference_id: Optional[str]
    status: str
    verdict: Verdict
    #: By result key: `gan_detection`, `metadata_analysis`, …
    model_results: Mapping[str, ModelResult]
    image_info: ImageInfo
    processed_at: str
    processing_time_ms: int
    policy: Optional[AppliedPolicy] = None
    #: Copies that detectors were run on again, where the policy asks for it.
    stability: Optional[Mapping[str, Any]] = None
    heatmap: Optional[Heatmap] = None


@dataclass(frozen=True)
class Failure(Answer):
    """Why an image could not be examined."""

    code: str
    message: str
    request_id: str


@dataclass(frozen=True)
class Accepted(Answer):
    """An image that is examined later."""

    request_id: str
    reference_id: Optional[str]
    status: str
    status_url: str


@dataclass(frozen=True)
class Standing(Answer):
    """How far an image is that was accepted: `processing`, or `failed` with the error."""

    request_id: str
    reference_id: Optional[str]
    status: str
    error: Optional[Failure] = None


@dataclass(frozen=True)
class BatchAccepted(Answer):
    """A batch that is examined later."""

    batch_id: str
    batch_reference_id: Optional[str]
    image_count: int
    estimated_completion_seconds: int
    status_url: str


@dataclass(frozen=True)
class BatchResult(Answer):
    """One image of a batch: `complete` with a verdict, or `failed` with the error."""

    reference_id: Optional[str]
    status: str
    request_id: Optional[str] = None
    verdict: Optional[Verdict] = None
    error: Optional[Failure] = None


@dataclass(frozen=True)
class Batch(Answer):
    """How far a batch is."""

    batch_id: str
    #: `PROCESSING` or `COMPLETE`.
    status: str
    total: int
    completed: int
    failed: int
    #: In the order of completion.
    results: Tuple[BatchResult, ...]
    batch_reference_id: Optional[str] = None
    next_cursor: Optional[str] = None


@dataclass(frozen=True)
class Detector(Answer):
    """One detector."""

    model: str
    result_key: str
    title: str
    kind: str
    version: str
    digest: str


@dataclass(frozen=True)
class Policy(Answer):
    """A policy that a request may name."""

    name: str
    version: str
    description: str
    digest: str
    is_default: bool


@dataclass(frozen=True)
class UsageOfDay(Answer):
    """Images of a day (UTC)."""

    limit: int
    used: int
    #: When the next day begins, Unix seconds.
    reset: int


@dataclass(frozen=True)
class Usage(Answer):
    """What an organisation may do and has done."""

    organisation: str
    plan: str
    requests_per_minute: int
    batch_size: int
    day: UsageOfDay


@dataclass(frozen=True)
class WebhookEvent(Answer):
    """What a webhook tells: `analysis.complete`, `analysis.failed` or `batch.complete`."""

    event: str
    webhook_delivered_at: Optional[str] = None
    request_id: Optional[str] = None
    reference_id: Optional[str] = None
    verdict: Optional[Verdict] = None
    error: Optional[Failure] = None
    batch_id: Optional[str] = None
    batch_reference_id: Optional[str] = None
    total: Optional[int] = None
    completed: Optional[int] = None
    failed: Optional[int] = None
    #: Images by label.
    summary: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class RateLimit:
    """Where the organisation stands in the minute."""

    limit: int
    remaining: int
    #: When the next minute begins, Unix seconds.
    reset: int
