# SPDX-License-Identifier: MIT OR Apache-2.0
import asyncio
import socket
import time
import unittest
from unittest import mock

from checkreality import (
    AsyncCheckRealClient,
    ConnectionFailedError,
    QuotaExceededError,
    RequestTimeoutError,
    ServerError,
)
from checkreality._errors import CheckRealError, retry_after_of
from checkreality._retry import Retries

from .fake import KINDS, USAGE, BothClients, Fake, refusal, reply

NOW = {"Retry-After": "0"}
ACCEPTED = {
    "batch_id": "batch_1",
    "batch_reference_id": None,
    "image_count": 0,
    "estimated_completion_seconds": 1,
    "status_url": "",
}


class RetriesTest(BothClients):
    def test_429_and_5xx_are_tried_again_under_one_idempotency_key(self):
        def check(client, server):
            client.analyze_batch([])
            keys = {one.headers["idempotency-key"] for one in server.asked}
            self.assertEqual((len(server.asked), len(keys)), (4, 1))
            self.assertRegex(keys.pop(), r"^[0-9a-f-]{36}$")

        replies = [
            refusal(429, "RATE_LIMIT_EXCEEDED", NOW),
            refusal(503, "OVERLOADED", NOW),
            reply(502, b"<html>", NOW),
            reply(202, ACCEPTED),
        ]
        self.with_both(replies, check)

    def test_other_refusals_are_not_tried_again(self):
        for status in (400, 401, 403, 404, 408, 413, 421, 422):

            def check(client, server, status=status):
                with self.assertRaises(CheckRealError) as raised:
                    client.get_usage()
                found = raised.exception
                self.assertEqual((found.status, found.code), (status, "SOMETHING"))
                self.assertEqual(len(server.asked), 1)

            self.with_both([refusal(status, "SOMETHING", NOW)], check)

    def test_attempts_end(self):
        def check(client, server):
            self.assertRaises(ServerError, client.get_usage)
            self.assertEqual(len(server.asked), 3)

        self.with_both([refusal(500, "INTERNAL_ERROR", NOW)], check, max_attempts=3)

    def test_retry_after_is_waited_for_and_one_that_is_too_long_is_not(self):
        def waits(client, _):
            start = time.monotonic()
            client.get_usage()
            self.assertGreaterEqual(time.monotonic() - start, 1.0)

        once = refusal(429, "RATE_LIMIT_EXCEEDED", {"Retry-After": "1"})
        self.with_both([once, reply(body=USAGE)], waits)

        def gives_up(client, server):
            with self.assertRaises(QuotaExceededError) as raised:
                client.get_usage()
            self.assertEqual((raised.exception.retry_after, len(server.asked)), (40_000.0, 1))

        self.with_both([refusal(429, "QUOTA_EXCEEDED", {"Retry-After": "40000"})], gives_up)

    def test_delays_grow_have_a_ceiling_and_are_drawn_evenly_below_it(self):
        retries, failed = Retries(99, 60.0), CheckRealError("", status=500)
        with mock.patch("random.uniform", lambda low, high: (low, high)):
            delays = [retries.delay_after(failed, attempt) for attempt in (1, 2, 3, 9)]
        self.assertEqual(delays, [(0.0, 0.5), (0.0, 1.0), (0.0, 2.0), (0.0, 8.0)])
        self.assertIsNone(retries.delay_after(failed, 99))

    def test_retry_after_may_be_a_date_and_nonsense_is_none(self):
        date = "Wed, 21 Oct 2015 07:28:00 GMT"
        self.assertEqual(retry_after_of(date, 1_445_412_477.5), 2.5)
        self.assertEqual(retry_after_of(date, 1_445_412_481.0), 0.0)
        for text in ("soon", "1e9", "", "99999999999", "-1", "٣", None):
            self.assertIsNone(retry_after_of(text), text)

    def test_a_connection_that_fails_before_an_answer_is_tried_again(self):
        def close(handler):
            handler.connection.shutdown(socket.SHUT_RDWR)

        def check(client, server):
            self.assertEqual(client.get_usage().organisation, "acme")
            self.assertEqual(len(server.asked), 2)

        self.with_both([close, reply(body=USAGE)], check)

    def test_an_answer_that_breaks_off_is_not_tried_again(self):
        def cut(handler):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")

        def check(client, server):
            with self.assertRaises(ConnectionFailedError) as raised:
                client.get_usage()
            found = raised.exception
            self.assertEqual((found.had_begun, found.code), (True, "CONNECTION_FAILED"))
            self.assertEqual((found.status, len(server.asked)), (None, 1))

        self.with_both([cut], check)

    def test_a_server_that_is_not_there_is_an_error_of_its_own(self):
        with socket.create_server(("127.0.0.1", 0)) as gone:
            port = gone.getsockname()[1]
        for kind in KINDS:
            client = kind("a-key", base_url=f"http://127.0.0.1:{port}/v1", max_attempts=1)
            with self.assertRaisesRegex(ConnectionFailedError, "There was no answer"):
                client.get_usage()

    def test_a_time_limit_holds_for_a_server_that_says_nothing_and_for_one_that_drips(self):
        def silent(_):
            time.sleep(4.0)

        def dripping(handler):
            for _ in range(80):
                handler.wfile.write(b"H")
                time.sleep(0.05)

        def check(client, server):
            start = time.monotonic()
            with self.assertRaises(RequestTimeoutError) as raised:
                client.get_usage(timeout=0.2)
            self.assertLess(time.monotonic() - start, 3.0)
            self.assertEqual((raised.exception.code, len(server.asked)), ("TIMEOUT", 1))

        self.with_both([silent], check)
        self.with_both([dripping], check)

    def test_a_task_that_is_cancelled_ends_its_request_and_its_wait(self):
        def silent(_):
            time.sleep(4.0)

        async def cancelled(base_url):
            client = AsyncCheckRealClient("a-key", base_url=base_url)
            task = asyncio.ensure_future(client.get_usage())
            await asyncio.sleep(0.1)
            start = time.monotonic()
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            self.assertLess(time.monotonic() - start, 3.0)

        for answer in (silent, refusal(429, "RATE_LIMIT_EXCEEDED", {"Retry-After": "30"})):
            with Fake(answer) as server:
                asyncio.run(cancelled(server.base_url))


if __name__ == "__main__":
    unittest.main()
