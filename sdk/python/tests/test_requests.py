# SPDX-License-Identifier: MIT OR Apache-2.0
import asyncio
import datetime
import io
import json
import pathlib
import tempfile

from checkreality import AsyncCheckRealClient, BatchImage, CheckRealClient

from .fake import KINDS, USAGE, BothClients, Fake, reply

ANALYSIS = {
    "request_id": "req_1",
    "reference_id": "a",
    "status": "complete",
    "processed_at": "2026-03-16T14:23:11Z",
    "verdict": {"label": "AI_GENERATED", "confidence": 1, "risk_level": "HIGH"},
    "model_results": {"gan_detection": {"score": 0.9, "label": "SYNTHETIC", "exif_present": False}},
    "image_info": {
        "width": 100,
        "height": 100,
        "format": "JPEG",
        "file_size_bytes": 3,
        "sha256": "aa",
    },
    "processing_time_ms": 847,
    "of_the_future": 1,
}


class RequestsTest(BothClients):
    def test_a_request_has_the_apis_names(self):
        def check(client, server):
            client.analyze(
                image_url="https://a.example/a.jpg",
                reference_id="a",
                models=("gan",),
                metadata_analysis=False,
                return_heatmap=True,
                claimed_at=datetime.date(2026, 3, 16),
                idempotency_key="mine",
            )
            (asked,) = server.asked
            self.assertEqual((asked.method, asked.path), ("POST", "/v1/analyze"))
            self.assertEqual(asked.headers["authorization"], "Bearer a-key")
            self.assertEqual(asked.headers["idempotency-key"], "mine")
            self.assertRegex(asked.headers["user-agent"], r"^checkreality-sdk-python/\d")
            expected = {
                "image_url": "https://a.example/a.jpg",
                "reference_id": "a",
                "options": {"models": ["gan"], "metadata_analysis": False, "return_heatmap": True},
                "context": {"claimed_at": "2026-03-16"},
            }
            self.assertEqual(json.loads(asked.body), expected)

        self.with_both([reply(body=ANALYSIS)], check)

    def test_bytes_go_as_a_form_whatever_they_come_as(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "a.jpg")
            path.write_bytes(b"picture")

            def check(client, server):
                forms = (
                    {"image_path": path},
                    {"image_path": str(path)},
                    {"image": b"picture"},
                    {"image": bytearray(b"picture")},
                    {"image": memoryview(b"picture")},
                    {"image": io.BytesIO(b"picture")},
                )
                for form in forms:
                    client.analyze(**form, reference_id="ä", return_heatmap=True)
                    asked = server.asked.pop()
                    self.check_form(asked)

            self.with_both([reply(body=ANALYSIS)], check)

    def check_form(self, asked):
        kind, _, boundary = asked.headers["content-type"].partition("; boundary=")
        self.assertEqual(kind, "multipart/form-data")
        parts = asked.body.split(f"--{boundary}".encode())
        self.assertEqual((parts[0], parts[-1]), (b"", b"--\r\n"))
        head = b"\r\nContent-Disposition: form-data; name="
        expected = [
            head + '"reference_id"\r\n\r\nä\r\n'.encode(),
            head + b'"options"\r\n\r\n{"return_heatmap": true}\r\n',
            head + b'"image"; filename="image"\r\n\r\npicture\r\n',
        ]
        self.assertEqual(parts[1:-1], expected)

    def test_pieces_that_come_one_by_one_are_an_image_too(self):
        async def pieces():
            yield b"pic"
            yield b"ture"

        with Fake(reply(body=ANALYSIS)) as server:
            client = AsyncCheckRealClient("a-key", base_url=server.base_url)
            asyncio.run(client.analyze(image=pieces()))
            self.assertIn(b"\r\n\r\npicture\r\n", server.asked[0].body)

    def test_a_batch_is_json_whatever_its_images_come_as(self):
        accepted = {
            "batch_id": "batch_1",
            "batch_reference_id": "claims-1",
            "image_count": 2,
            "estimated_completion_seconds": 12,
            "status_url": "",
        }

        def check(client, server):
            images = (
                BatchImage(image_url="https://a.example/a.jpg", reference_id="a"),
                BatchImage(image=b"b", claimed_at="2026-03-16"),
            )
            batch = client.analyze_batch(
                images,
                models=["all"],
                webhook_url="https://a.example/hook",
                batch_reference_id="claims-1",
            )
            self.assertEqual((batch.batch_id, batch.image_count), ("batch_1", 2))
            expected = {
                "images": [
                    {"image_url": "https://a.example/a.jpg", "reference_id": "a"},
                    {"image_base64": "Yg==", "context": {"claimed_at": "2026-03-16"}},
                ],
                "options": {"models": ["all"]},
                "webhook_url": "https://a.example/hook",
                "batch_reference_id": "claims-1",
            }
            self.assertEqual(json.loads(server.asked[0].body), expected)

        self.with_both([reply(202, accepted)], check)

    def test_names_in_paths_cannot_lead_elsewhere(self):
        def check(client, server):
            with self.assertRaises(Exception):
                client.get_analysis("../usage?a#b\r\nX: y")
            self.assertEqual(server.asked[0].path, "/v1/analyses/..%2Fusage%3Fa%23b%0D%0AX%3A%20y")

        self.with_both([reply(body=USAGE)], check)

    def test_a_request_without_an_image_or_with_two_is_not_sent(self):
        def check(client, server):
            for form in ({}, {"image": b"a", "image_url": "b"}, {"image": "a.jpg"}):
                self.assertRaises(TypeError, client.analyze, **form)
            for key in ("", "a\r\nX: y", "ä", "a" * 256):
                self.assertRaises(ValueError, client.analyze, image=b"a", idempotency_key=key)
            self.assertEqual(server.asked, [])

        self.with_both([reply(body=ANALYSIS)], check)

    def test_a_client_needs_a_key_that_can_stand_in_a_header_and_does_not_show_it(self):
        for kind in KINDS:
            for key in ("", "a b", "a\nb", "ä"):
                self.assertRaises(ValueError, kind, key)
            for url in ("ftp://a.example/v1", "a.example", "https://"):
                self.assertRaises(ValueError, kind, "a", base_url=url)
            self.assertRaises(ValueError, kind, "a", timeout=0.0)
        client = CheckRealClient(" secret-key\n")
        self.assertNotIn("secret-key", repr(vars(client._transport)))
