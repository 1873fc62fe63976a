# SPDX-License-Identifier: MIT OR Apache-2.0
"""An HTTP/1.1 answer out of the bytes that come (RFC 9112), for blocking sockets and asyncio alike.

One request is sent on a connection, with `Connection: close`, so that nothing follows the answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, Optional

#: Largest head, bytes.
_LARGEST_HEAD = 64 << 10
#: Largest answer, bytes: two PNGs of 100 million pixels fit.
_LARGEST_BODY = 512 << 20
#: Longest line that tells a chunk's length, bytes.
_LONGEST_LINE = 1 << 10


class WireError(Exception):
    """What comes is no HTTP, too large, or broken off."""


@dataclass(frozen=True)
class Reply:
    """A whole answer; names of headers are in lower case."""

    status: int
    headers: Dict[str, str]
    body: bytes


class Parser:
    """Takes bytes until there is an answer."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._body = bytearray()
        self._status: Optional[int] = None
        self._headers: Dict[str, str] = {}
        #: Bytes of the body, or of its chunk, that are still to come; None until the connection ends.
        self._left: Optional[int] = None
        self._is_chunked = False
        self._is_within_chunk = False
        self._is_whole = False

    @property
    def had_begun(self) -> bool:
        """Whether anything has come."""
        return self._status is not None or bool(self._buffer)

    def feed(self, data: bytes) -> Optional[Reply]:
        """Takes the next bytes, or none where the connection ended; the answer once it is whole."""
        self._buffer += data
        while self._status is None and self._read_head():
            pass
        if self._status is not None:
            self._read_body()
        if not data and not self._is_whole:
            self._end()
        if self._is_whole and self._status is not None:
            return Reply(self._status, self._headers, bytes(self._body))
        return None

    def _end(self) -> None:
        if self._status is None or self._is_chunked or self._left is not None:
            raise WireError("the connection ended")
        self._is_whole = True

    def _read_head(self) -> bool:
        """Reads one head; whether there may be another one behind it."""
        end = self._buffer.find(b"\r\n\r\n")
        if end > _LARGEST_HEAD or (end < 0 and len(self._buffer) > _LARGEST_HEAD):
            raise WireError("the head is too large")
        if end < 0:
            return False
        lines = self._buffer[:end].decode("latin-1").split("\r\n")
        del self._buffer[: end + 4]
        start = re.fullmatch(r"HTTP/1\.[01] ([1-5][0-9]{2})(?: .*)?", lines[0])
        if start is None:
            raise WireError("it is no HTTP/1.1")
        status = int(start.group(1))
        if status < 200:
            return True
        self._headers = dict(_field(line) for line in lines[1:])
        self._status = status
        self._measure(status)
        return False

    def _measure(self, status: int) -> None:
        """How the body's end is told (RFC 9112, 6.3)."""
        coding, length = self._headers.get("transfer-encoding"), self._headers.get("content-length")
        if status in (204, 304):
            self._is_whole = True
        elif coding is not None:
            if coding.lower() != "chunked":
                raise WireError("the transfer coding is unknown")
            self._is_chunked = True
        elif length is not None:
            if re.fullmatch(r"[0-9]{1,12}", length) is None or int(length) > _LARGEST_BODY:
                raise WireError("the length is none, or too large")
            self._left = int(length)

    def _read_body(self) -> None:
        while not self._is_whole:
            if self._is_chunked and not self._is_within_chunk:
                if not self._read_chunk_line():
                    return
                continue
            taken = bytes(self._buffer if self._left is None else self._buffer[: self._left])
            del self._buffer[: len(taken)]
            self._body += taken
            if len(self._body) > _LARGEST_BODY:
                raise WireError("the answer is too large")
            if self._left is None:
                return
            self._left -= len(taken)
            if self._left > 0:
                return
            if not self._is_chunked:
                self._is_whole = True
            elif not self._read_chunk_end():
                return

    def _read_chunk_line(self) -> bool:
        end = self._buffer.find(b"\r\n")
        if end > _LONGEST_LINE or (end < 0 and len(self._buffer) > _LONGEST_LINE):
            raise WireError("a chunk's line is too long")
        if end < 0:
            return False
        size = re.match(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;|$)", bytes(self._buffer[:end]))
        if size is None:
            raise WireError("a chunk's length is none")
        self._left = int(size.group(1), 16)
        if self._left > _LARGEST_BODY:
            raise WireError("the answer is too large")
        del self._buffer[: end + 2]
        if self._left == 0:
            # What may follow the last chunk is of no use, and the connection is closed anyway.
            self._is_whole = True
        else:
            self._is_within_chunk = True
        return True

    def _read_chunk_end(self) -> bool:
        if len(self._buffer) < 2:
            return False
        if self._buffer[:2] != b"\r\n":
            raise WireError("a chunk has no end")
        del self._buffer[:2]
        self._is_within_chunk = False
        return True


def _field(line: str) -> "tuple[str, str]":
    name, colon, value = line.partition(":")
    if not colon or name != name.strip() or not name:
        raise WireError("a header is none")
    return name.lower(), value.strip(" \t")
