# SPDX-License-Identifier: MIT OR Apache-2.0
"""Requests over blocking sockets."""

from __future__ import annotations

import socket
import time
from typing import Optional

from ._calls import Call, rate_limit_of
from ._errors import CheckRealError, ConnectionFailedError, RequestTimeoutError, error_of
from ._models import RateLimit
from ._settings import Settings
from ._wire import Parser, Reply, WireError

_PIECE = 64 << 10


class Transport:
    """Sends until there is an answer, or no sense in trying again."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        #: Where the organisation stood in the minute at the last answer.
        self.rate_limit: Optional[RateLimit] = None

    def send(self, call: Call, timeout: Optional[float]) -> Reply:
        """One answer of success.

        Raises:
            CheckRealError: for anything else.
        """
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._attempt(call, self._settings.timeout if timeout is None else timeout)
            except CheckRealError as error:
                delay = self._settings.retries.delay_after(error, attempt)
                if delay is None:
                    raise
            time.sleep(delay)

    def _attempt(self, call: Call, timeout: float) -> Reply:
        reply = self._exchange(call, timeout)
        self.rate_limit = rate_limit_of(reply) or self.rate_limit
        if 200 <= reply.status < 300:
            return reply
        raise error_of(reply.status, reply.headers, reply.body)

    def _exchange(self, call: Call, timeout: float) -> Reply:
        end = time.monotonic() + timeout
        parser = Parser()
        settings = self._settings
        try:
            with socket.create_connection((settings.host, settings.port), timeout) as plain:
                if settings.tls is None:
                    return self._talk(plain, call, parser, end)
                plain.settimeout(_left(end))
                with settings.tls.wrap_socket(plain, server_hostname=settings.host) as secret:
                    return self._talk(secret, call, parser, end)
        except socket.timeout:
            raise RequestTimeoutError(f"There was no answer within {timeout} s.") from None
        except (OSError, WireError) as error:
            raise failed(error, parser) from error

    def _talk(self, stream: socket.socket, call: Call, parser: Parser, end: float) -> Reply:
        try:
            for part in (self._settings.head_of(call), call.body):
                stream.settimeout(_left(end))
                stream.sendall(part)
        except (BrokenPipeError, ConnectionResetError):
            # A server that refuses a large body early closes its side; its answer may be there.
            pass
        while True:
            stream.settimeout(_left(end))
            reply = parser.feed(stream.recv(_PIECE))
            if reply is not None:
                return reply


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise socket.timeout
    return left


def failed(error: Exception, parser: Parser) -> ConnectionFailedError:
    """What a caller is told of a connection that failed."""
    what = "The answer broke off" if parser.had_begun else "There was no answer"
    return ConnectionFailedError(f"{what}: {error}.", had_begun=parser.had_begun)
