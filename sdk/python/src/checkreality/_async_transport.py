# SPDX-License-Identifier: MIT OR Apache-2.0
"""Requests over asyncio. A task that is cancelled closes its connection."""

from __future__ import annotations

import asyncio
from typing import Optional

from ._calls import Call, rate_limit_of
from ._errors import CheckRealError, RequestTimeoutError, error_of
from ._models import RateLimit
from ._settings import Settings
from ._transport import failed
from ._wire import Parser, Reply, WireError

_PIECE = 64 << 10


class AsyncTransport:
    """Sends until there is an answer, or no sense in trying again."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        #: Where the organisation stood in the minute at the last answer.
        self.rate_limit: Optional[RateLimit] = None

    async def send(self, call: Call, timeout: Optional[float]) -> Reply:
        """One answer of success.

        Raises:
            CheckRealError: for anything else.
        """
        attempt = 0
        while True:
            attempt += 1
            try:
                limit = self._settings.timeout if timeout is None else timeout
                return await self._attempt(call, limit)
            except CheckRealError as error:
                delay = self._settings.retries.delay_after(error, attempt)
                if delay is None:
                    raise
            await asyncio.sleep(delay)

    async def _attempt(self, call: Call, timeout: float) -> Reply:
        parser = Parser()
        try:
            reply = await asyncio.wait_for(self._exchange(call, parser), timeout)
        except asyncio.TimeoutError:
            raise RequestTimeoutError(f"There was no answer within {timeout} s.") from None
        except (OSError, WireError) as error:
            raise failed(error, parser) from error
        self.rate_limit = rate_limit_of(reply) or self.rate_limit
        if 200 <= reply.status < 300:
            return reply
        raise error_of(reply.status, reply.headers, reply.body)

    async def _exchange(self, call: Call, parser: Parser) -> Reply:
        settings = self._settings
        reader, writer = await asyncio.open_connection(
            settings.host, settings.port, ssl=settings.tls
        )
        try:
            try:
                writer.write(settings.head_of(call) + call.body)
                await writer.drain()
            except (BrokenPipeError, ConnectionResetError):
                # A server that refuses a large body early closes its side; its answer may be there.
                pass
            while True:
                reply = parser.feed(await reader.read(_PIECE))
                if reply is not None:
                    return reply
        finally:
            # Nothing is left to be said, and a cancelled task must not wait.
            writer.transport.abort()
