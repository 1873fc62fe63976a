# SPDX-License-Identifier: MIT OR Apache-2.0
"""An image in any of the forms in which callers have it."""

from __future__ import annotations

import asyncio
import base64
import os
from dataclasses import dataclass
from typing import IO, Any, AsyncIterable, Dict, Optional, Union

PathLike = Union[str, "os.PathLike[str]"]
#: Bytes, or a file that is open for reading bytes.
ImageBytes = Union[bytes, bytearray, memoryview, IO[bytes]]
#: The same, or bytes that come piece by piece.
AsyncImageBytes = Union[ImageBytes, AsyncIterable[bytes]]


@dataclass(frozen=True)
class BatchImage:
    """One image of a batch, in one of four forms."""

    image_url: Optional[str] = None
    image_base64: Optional[str] = None
    image_path: Optional[PathLike] = None
    image: Optional[AsyncImageBytes] = None
    #: Your own name for it, at most 256 bytes.
    reference_id: Optional[str] = None
    #: When it is said to have been taken: RFC 3339 text, a date or a time.
    claimed_at: Optional[Any] = None


@dataclass(frozen=True)
class Source:
    """An image as it is sent: one of the three is there."""

    url: Optional[str] = None
    base64: Optional[str] = None
    data: Optional[bytes] = None

    def document(self) -> Dict[str, Any]:
        """The image as a part of the API's JSON."""
        if self.url is not None:
            return {"image_url": self.url}
        if self.data is not None:
            return {"image_base64": base64.b64encode(self.data).decode("ascii")}
        return {"image_base64": self.base64}


def source_of(image: BatchImage) -> Source:
    """Reads an image; files are read to their end, so that a request can be sent again."""
    _check(image)
    if image.image_path is not None:
        return Source(data=_read(image.image_path))
    if image.image is not None:
        return Source(data=_bytes(image.image))
    return Source(url=image.image_url, base64=image.image_base64)


async def async_source_of(image: BatchImage) -> Source:
    """The same without holding up others."""
    _check(image)
    given = image.image
    if given is not None and hasattr(given, "__aiter__"):
        pieces = bytearray()
        async for piece in given:
            pieces += piece
        return Source(data=bytes(pieces))
    return await asyncio.get_running_loop().run_in_executor(None, source_of, image)


def _check(image: BatchImage) -> None:
    forms = (image.image_url, image.image_base64, image.image_path, image.image)
    given = sum(form is not None for form in forms)
    if given != 1:
        raise TypeError(
            f"expected one of image_url, image_base64, image_path, image; found {given}"
        )


def _read(path: PathLike) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _bytes(image: Any) -> bytes:
    if isinstance(image, (bytes, bytearray, memoryview)):
        return bytes(image)
    data = image.read() if hasattr(image, "read") else None
    if not isinstance(data, bytes):
        raise TypeError("image must be bytes or a file open for bytes; a path is image_path")
    return data
