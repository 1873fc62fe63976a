# SPDX-License-Identifier: MIT OR Apache-2.0
"""Against a real server: CHECKREAL_BASE_URL, CHECKREAL_API_KEY, CHECKREAL_WEBHOOK_SECRET, and a
picture's path in CHECKREAL_TEST_PICTURE. It must be allowed to dial the loopback."""

import asyncio
import base64
import hashlib
import os
import queue
import time
import unittest
import uuid

import checkreality as sdk

from .fake import KINDS, Fake, Waiting


@unittest.skipUnless(os.environ.get("CHECKREAL_BASE_URL"), "CHECKREAL_BASE_URL is not set")
class ServerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.path = os.environ["CHECKREAL_TEST_PICTURE"]
        with open(cls.path, "rb") as file:
            cls.picture = file.read()

    def test_an_image_is_analysed_by_path_bytes_and_url(self):
        def picture(handler):
            handler.send_response(200)
            handler.end_headers()
            handler.wfile.write(self.picture)

        with Fake(picture) as server:
            for kind in KINDS:
                client = kind()
                url = f"{server.base_url}/a.jpg"
                for form in ({"image_path": self.path}, {"image": self.picture}, {"image_url": url}):
                    result = client.analyze(
                        **form,
                        reference_id="a",
                        models=["all"],
                        metadata_analysis=True,
                        policy="kyc",
                        claimed_at="2026-03-16",
                    )
                    sha256 = hashlib.sha256(self.picture).hexdigest()
                    self.assertEqual((result.status, result.reference_id), ("complete", "a"))
                    self.assertEqual(result.image_info.sha256, sha256)
                    self.assertIn(result.verdict.risk_level, ("LOW", "MEDIUM", "HIGH"))
                    self.assertEqual((result.policy.name, len(result.model_results)), ("kyc", 6))
                    self.assertLess(client.rate_limit.remaining, client.rate_limit.limit)
                    again = client.get_analysis(result.request_id)
                    self.assertEqual(again.verdict, result.verdict)

    def test_where_in_the_picture_is_told_and_drawn(self):
        for kind in KINDS:
            client = kind()
            result = client.analyze(image=self.picture, return_heatmap=True)
            size = (result.image_info.width, result.image_info.height)
            self.assertEqual((result.heatmap.width, result.heatmap.height), size)
            in_answer = base64.b64decode(result.heatmap.mask_png_base64)
            later = [client.get_heatmap(result.request_id, layer=x) for x in (None, "colour")]
            for png in (in_answer, *later):
                self.assertEqual(png[1:4], b"PNG")
            with self.assertRaises(sdk.InvalidRequestError):
                client.get_heatmap(result.request_id, layer="x")

    def test_a_request_that_is_sent_again_under_its_key_has_the_first_answer(self):
        client = sdk.CheckRealClient()
        key = f"python-{uuid.uuid4()}"
        image = self.picture + key.encode()
        first = client.analyze(image=image, idempotency_key=key)
        second = client.analyze(image=image, idempotency_key=key)
        self.assertEqual(first.request_id, second.request_id)
        with self.assertRaises(sdk.InvalidRequestError) as raised:
            client.analyze(image=image, idempotency_key=key, reference_id="other")
        self.assertEqual(raised.exception.code, "IDEMPOTENCY_CONFLICT")

    def test_a_batch_is_submitted_and_its_results_come(self):
        for kind in KINDS:
            client = kind()
            images = [
                sdk.BatchImage(image=self.picture, reference_id="good"),
                sdk.BatchImage(image=b"GIF89a", reference_id="bad"),
            ]
            accepted = client.analyze_batch(images, batch_reference_id="python")
            self.assertEqual((accepted.image_count, accepted.batch_reference_id), (2, "python"))
            results = client.batch_results(accepted.batch_id, poll_interval=0.1, page_size=1)
            seen = {one.reference_id: one for one in results}
            self.assertEqual(seen["bad"].error.code, "UNSUPPORTED_FORMAT")
            self.assertIsNotNone(seen["good"].verdict)
            batch = client.get_batch(accepted.batch_id)
            self.assertEqual((batch.status, batch.completed, batch.failed), ("COMPLETE", 1, 1))

    def test_many_tasks_ask_at_once(self):
        async def ask():
            client = sdk.AsyncCheckRealClient()
            return await asyncio.gather(*(client.analyze(image=self.picture) for _ in range(8)))

        results = asyncio.run(ask())
        self.assertEqual(len({one.request_id for one in results}), 8)

    def test_errors_are_those_of_the_guide(self):
        for kind in KINDS:
            with self.assertRaises(sdk.AuthenticationError):
                kind("nobody").get_usage()
            client = kind()
            with self.assertRaises(sdk.UnprocessableImageError) as raised:
                client.analyze(image=b"GIF89a")
            self.assertEqual(raised.exception.code, "UNSUPPORTED_FORMAT")
            self.assertRegex(raised.exception.request_id, "^req_")
            with self.assertRaises(sdk.InvalidRequestError):
                client.analyze(image=self.picture, models=["gans"])
            self.assertRaises(sdk.NotFoundError, client.get_analysis, "req_none")
            self.assertRaises(sdk.NotFoundError, client.get_heatmap, "req_none")
            self.assertRaises(sdk.NotFoundError, client.get_batch, "batch_none")

    def test_an_image_that_is_refused_before_all_of_it_was_sent_has_the_guides_error(self):
        for kind in KINDS:
            with self.assertRaises(sdk.UnprocessableImageError) as raised:
                kind().analyze(image=bytes(22_000_000))
            self.assertEqual(raised.exception.code, "FILE_SIZE_EXCEEDED")

    def test_what_can_be_asked_for_is_listed(self):
        for client in (sdk.CheckRealClient(), Waiting()):
            keys = [one.result_key for one in client.get_detectors()]
            self.assertIn("splicing_detection", keys)
            self.assertEqual(sum(one.is_default for one in client.get_policies()), 1)
            self.assertGreaterEqual(client.get_usage().day.limit, 1)

    def test_a_webhook_is_verified_in_the_guides_way_and_in_the_standard_one(self):
        arrived = queue.Queue()

        def receive(handler):
            handler.send_response(204)
            handler.end_headers()
            arrived.put(server.asked[-1])

        secret = os.environ["CHECKREAL_WEBHOOK_SECRET"]
        with Fake(receive) as server:
            client = sdk.CheckRealClient()
            image = self.picture + str(time.time()).encode()
            accepted = client.analyze_later(image=image, webhook_url=server.base_url)
            self.assertEqual(accepted.status, "processing")
            message = arrived.get(timeout=60)
            signature = message.headers["x-checkreal-signature"]
            self.assertTrue(sdk.verify_webhook(message.body, signature, secret))
            self.assertFalse(sdk.verify_webhook(message.body + b" ", signature, secret))
            event = sdk.read_webhook(message.body, message.headers, secret)
            self.assertEqual(event.event, "analysis.complete")
            self.assertEqual(event.request_id, accepted.request_id)
            self.assertEqual(client.get_analysis(event.request_id).verdict, event.verdict)
