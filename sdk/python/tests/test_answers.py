# SPDX-License-Identifier: MIT OR Apache-2.0
import json

import checkreality as sdk

from .fake import USAGE, BothClients, Fake, refusal, reply
from .test_requests import ANALYSIS


class AnswersTest(BothClients):
    def test_an_answer_of_the_guide_is_read_and_what_is_unknown_is_kept(self):
        def check(client, _):
            result = client.get_analysis("req_1")
            verdict = result.verdict
            self.assertEqual((verdict.label, verdict.risk_level), ("AI_GENERATED", "HIGH"))
            self.assertEqual((verdict.confidence, verdict.reasons), (1.0, ()))
            model = result.model_results["gan_detection"]
            self.assertEqual((model.score, model.attributes), (0.9, {"exif_present": False}))
            self.assertEqual(result.raw["of_the_future"], 1)
            self.assertEqual(result.image_info.sha256, "aa")

        self.with_both([reply(body=ANALYSIS)], check)

    def test_an_image_that_failed_or_is_under_way_is_a_standing(self):
        error = {"code": "IMAGE_CORRUPT", "message": "No.", "request_id": "req_1"}
        body = {"request_id": "req_1", "reference_id": None, "status": "failed", "error": error}

        def check(client, _):
            standing = client.get_analysis("req_1")
            self.assertIsInstance(standing, sdk.Standing)
            self.assertEqual((standing.status, standing.error.code), ("failed", "IMAGE_CORRUPT"))

        self.with_both([reply(body=body)], check)

    def test_errors_have_a_class_the_code_and_the_requests_name(self):
        cases = (
            (401, "INVALID_API_KEY", sdk.AuthenticationError),
            (403, "FORBIDDEN", sdk.PermissionDeniedError),
            (400, "INVALID_REQUEST", sdk.InvalidRequestError),
            (413, "BATCH_TOO_LARGE", sdk.InvalidRequestError),
            (422, "IDEMPOTENCY_CONFLICT", sdk.InvalidRequestError),
            (413, "FILE_SIZE_EXCEEDED", sdk.UnprocessableImageError),
            (422, "IMAGE_TOO_SMALL", sdk.UnprocessableImageError),
            (422, "URL_UNREACHABLE", sdk.UnprocessableImageError),
            (404, "NOT_FOUND", sdk.NotFoundError),
            (429, "RATE_LIMIT_EXCEEDED", sdk.RateLimitError),
            (429, "QUOTA_EXCEEDED", sdk.QuotaExceededError),
            (421, "WRONG_REGION", sdk.WrongRegionError),
            (503, "OVERLOADED", sdk.ServerError),
            (404, "OF_THE_FUTURE", sdk.NotFoundError),
            (418, "OF_THE_FUTURE", sdk.InvalidRequestError),
        )
        headers = {"X-Region-Base-Url": "https://eu.example", "Retry-After": "7"}
        for status, code, expected in cases:

            def check(client, _, status=status, code=code, expected=expected):
                with self.assertRaises(sdk.CheckRealError) as raised:
                    client.get_usage()
                found = raised.exception
                self.assertIs(type(found), expected)
                self.assertEqual((found.code, found.status), (code, status))
                self.assertEqual((found.message, found.request_id), ("No.", "req_1"))
                self.assertEqual(found.retry_after, 7.0)
                self.assertEqual(found.region_base_url, "https://eu.example")
                self.assertEqual(str(found), f"{code}: No. (req_1)")

            self.with_both([refusal(status, code, headers)], check, max_attempts=1)

    def test_an_answer_that_is_not_the_apis_is_an_error_and_never_a_result(self):
        deep = b"[" * 200_000 + b"]" * 200_000
        wrong = dict(USAGE, plan=7), dict(USAGE, day=[]), dict(USAGE, batch_size=True), {}
        bodies = [b"", b"<html>", b"[]", b"null", b"3", b"\xff", deep]
        for body in bodies + [json.dumps(one).encode() for one in wrong]:

            def check(client, _):
                with self.assertRaises(sdk.CheckRealError) as raised:
                    client.get_usage()
                found = raised.exception
                self.assertEqual((found.code, found.status), ("UNEXPECTED_ANSWER", 200))

            self.with_both([reply(body=body)], check)

    def test_an_error_without_the_guides_body_has_its_status(self):
        for body in (b"<html>", b'{"error": 7}', b'{"error": {"code": 7}}', b"[]"):

            def check(client, _):
                with self.assertRaises(sdk.InvalidRequestError) as raised:
                    client.get_usage()
                found = raised.exception
                self.assertEqual((found.code, found.request_id), ("HTTP_400", "req_9"))

            self.with_both([reply(400, body, {"X-Request-Id": "req_9"})], check)

    def test_a_redirect_is_not_followed_as_the_key_goes_to_nobody_else(self):
        with Fake(reply(body=USAGE)) as other:

            def check(client, _):
                with self.assertRaises(sdk.CheckRealError) as raised:
                    client.get_usage()
                self.assertEqual(raised.exception.code, "HTTP_302")

            self.with_both([reply(302, headers={"Location": f"{other.base_url}/usage"})], check)
            self.assertEqual(other.asked, [])

    def test_where_the_organisation_stands_in_the_minute_is_kept(self):
        headers = {
            "X-RateLimit-Limit": "300",
            "X-RateLimit-Remaining": "247",
            "X-RateLimit-Reset": "1710598800",
        }

        def check(client, _):
            self.assertIsNone(client.rate_limit)
            for _ in range(2):
                client.get_usage()
                self.assertEqual(client.rate_limit, sdk.RateLimit(300, 247, 1_710_598_800))

        self.with_both([reply(body=USAGE, headers=headers), reply(body=USAGE)], check)

    def test_a_heatmap_is_bytes(self):
        def check(client, server):
            self.assertEqual(client.get_heatmap("req_1", layer="colour"), b"PNG")
            path = "/v1/analyses/req_1/heatmap.png?layer=colour"
            self.assertEqual(server.asked[0].path, path)

        self.with_both([reply(body=b"PNG")], check)
