# SPDX-License-Identifier: MIT OR Apache-2.0
"""A server that answers what a test tells it to, and both clients of it."""

import asyncio
import inspect
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import TestCase

from checkreality import AsyncCheckRealClient, CheckRealClient

USAGE = {
    "organisation": "acme",
    "plan": "starter",
    "requests_per_minute": 60,
    "batch_size": 20,
    "day": {"limit": 10_000, "used": 1, "reset": 1_710_598_800},
}


class Waiting:
    """The asyncio client, called like the other one."""

    def __init__(self, *arguments, **options):
        self.client = AsyncCheckRealClient(*arguments, **options)

    def __getattr__(self, name):
        member = getattr(self.client, name)
        if not callable(member):
            return member

        def call(*arguments, **options):
            async def wait():
                given = member(*arguments, **options)
                if inspect.isasyncgen(given):
                    return [one async for one in given]
                return await given

            return asyncio.run(wait())

        return call


KINDS = (CheckRealClient, Waiting)


class Asked:
    """A request that came."""

    def __init__(self, handler):
        self.method, self.path = handler.command, handler.path
        self.headers = {name.lower(): value for name, value in handler.headers.items()}
        self.body = handler.rfile.read(int(self.headers.get("content-length", 0)))


def reply(status=200, body=None, headers=None):
    """One answer; bytes and texts go as they are."""
    data = body if isinstance(body, bytes) else json.dumps(body if body is not None else {}).encode()

    def answer(handler):
        handler.send_response(status)
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def refusal(status, code, headers=None):
    """The guide's error body."""
    return reply(status, {"error": {"code": code, "message": "No.", "request_id": "req_1"}}, headers)


class Fake:
    """Answers with these in turn; the last one stays."""

    def __init__(self, *replies):
        self.asked = asked = []
        left = list(replies)
        lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                with lock:
                    asked.append(Asked(self))
                    answer = left.pop(0) if len(left) > 1 else left[0]
                answer(self)

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # A client that has seen enough may have gone.

        self.server = Server(("127.0.0.1", 0), Handler)
        self.base_url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class BothClients(TestCase):
    """Runs a scenario with either client."""

    def with_both(self, replies, check, **options):
        for kind in KINDS:
            with self.subTest(kind.__name__), Fake(*replies) as server:
                check(kind("a-key", base_url=server.base_url, **options), server)
