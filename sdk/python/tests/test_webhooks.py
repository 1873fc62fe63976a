# SPDX-License-Identifier: MIT OR Apache-2.0
import unittest

from checkreality import (
    WebhookVerificationError,
    read_webhook,
    verify_standard_webhook,
    verify_webhook,
)

# RFC 4231, test case 2.
PAYLOAD, KEY = "what do ya want for nothing?", "Jefe"
SIGNATURE = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
# The example of the Standard Webhooks specification's reference libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
NOW = 1_614_265_330
HEADERS = {
    "Webhook-Id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


class WebhooksTest(unittest.TestCase):
    def test_the_guides_signature_is_hmac_sha256_in_hexadecimal(self):
        self.assertTrue(verify_webhook(PAYLOAD, SIGNATURE, KEY))
        self.assertTrue(verify_webhook(PAYLOAD.encode(), SIGNATURE, KEY))

    def test_a_signature_of_any_length_or_kind_is_false_and_never_raises(self):
        other = SIGNATURE.replace("5", "6")
        wide = "é" + SIGNATURE[1:]
        for wrong in (other, wide, "\udc80", "", "a", SIGNATURE + "0", SIGNATURE.upper(), None, 7):
            self.assertIs(verify_webhook(PAYLOAD, wrong, KEY), False, wrong)
        self.assertFalse(verify_webhook(PAYLOAD + " ", SIGNATURE, KEY))
        self.assertFalse(verify_webhook(PAYLOAD, SIGNATURE, "other"))

    def test_an_empty_secret_is_refused_as_anyone_could_sign_with_it(self):
        for secret in ("", None):
            self.assertRaises(ValueError, verify_webhook, b"a", "b", secret)
            self.assertRaises(ValueError, verify_standard_webhook, b"a", HEADERS, secret)

    def test_standard_webhooks_of_the_reference_libraries_are_accepted(self):
        self.assertTrue(verify_standard_webhook(BODY, HEADERS, SECRET, now=NOW))
        rotated = f"v1,AAAA v1a,{'A' * 44} {HEADERS['webhook-signature']}"
        headers = {**HEADERS, "webhook-signature": rotated}
        self.assertTrue(verify_standard_webhook(BODY, headers, SECRET, now=NOW))

    def test_a_message_that_is_old_changed_or_signed_for_another_is_refused(self):
        def check(body=BODY, now=NOW, **headers):
            given = {**HEADERS, **{name.replace("_", "-"): v for name, v in headers.items()}}
            return verify_standard_webhook(body, given, SECRET, now=now)

        self.assertTrue(check(now=NOW + 300))
        self.assertFalse(check(now=NOW + 301))
        self.assertFalse(check(now=NOW - 301))
        self.assertFalse(check(now=None))
        self.assertFalse(check(body=BODY + b" "))
        self.assertFalse(check(webhook_timestamp="1614265331"))
        self.assertFalse(check(webhook_timestamp="1614265330.0"))
        self.assertFalse(check(webhook_timestamp="٣"))
        self.assertFalse(check(webhook_signature=HEADERS["webhook-signature"][3:]))
        self.assertFalse(check(webhook_signature="v1,A " * 50 + HEADERS["webhook-signature"]))
        self.assertFalse(verify_standard_webhook(BODY, {}, SECRET, now=NOW))
        with self.assertRaises(WebhookVerificationError):
            read_webhook(BODY, HEADERS, SECRET)
        # Signed, but no event.
        with self.assertRaises(WebhookVerificationError):
            read_webhook(BODY, HEADERS, SECRET, now=NOW)
