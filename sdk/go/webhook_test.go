// SPDX-License-Identifier: MIT OR Apache-2.0

package checkreality

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestTheGuidesSignatureIsHMACSHA256InHexadecimal(t *testing.T) {
	// RFC 4231, test case 2.
	payload, secret := []byte("what do ya want for nothing?"), "Jefe"
	signature := "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
	equal(t, "signature", VerifyWebhook(payload, signature, secret), true)
	other := strings.Replace(signature, "5", "6", 1)
	for _, wrong := range []string{other, "", "a", "\xff", signature + "0", strings.ToUpper(signature)} {
		equal(t, wrong, VerifyWebhook(payload, wrong, secret), false)
	}
	equal(t, "payload", VerifyWebhook(append(payload, ' '), signature, secret), false)
	equal(t, "secret", VerifyWebhook(payload, signature, "other"), false)
	// HMAC-SHA256 of nothing under an empty key, which anyone can make.
	empty := "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
	equal(t, "empty secret", VerifyWebhook(nil, empty, ""), false)
}

func TestStandardWebhooksOfTheReferenceLibrariesAreAccepted(t *testing.T) {
	secret, body := "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", []byte(`{"test": 2432232314}`)
	const signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	now := time.Unix(1_614_265_330, 0)
	header := func(id, timestamp, signature string) http.Header {
		header := http.Header{}
		header.Set("webhook-id", id)
		header.Set("webhook-timestamp", timestamp)
		header.Set("webhook-signature", signature)
		return header
	}
	const id, timestamp = "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330"
	good := header(id, timestamp, signature)
	rotated := header(id, timestamp, "v1,AAAA v1a,"+strings.Repeat("A", 44)+" "+signature)
	equal(t, "good", verifyStandard(body, good, secret, now), true)
	equal(t, "rotated", verifyStandard(body, rotated, secret, now), true)
	equal(t, "nearly old", verifyStandard(body, good, secret, now.Add(WebhookTolerance)), true)
	equal(t, "old", verifyStandard(body, good, secret, now.Add(301*time.Second)), false)
	equal(t, "ahead", verifyStandard(body, good, secret, now.Add(-301*time.Second)), false)
	equal(t, "body", verifyStandard(append(body, ' '), good, secret, now), false)
	equal(t, "secret", verifyStandard(body, good, "", now), false)
	for _, wrong := range []http.Header{
		header("msg_other", timestamp, signature),
		header(id, "1614265331", signature),
		header(id, "1614265330.0", signature),
		header(id, "+1614265330", signature),
		header(id, "99999999999999999999", signature),
		header(id, timestamp, strings.TrimPrefix(signature, "v1,")),
		header(id, timestamp, strings.Repeat("v1,A ", 50)+signature),
		{},
	} {
		equal(t, wrong.Get("Webhook-Signature"), verifyStandard(body, wrong, secret, now), false)
	}
	_, err := ReadWebhook(body, good, secret)
	equal(t, "kind", errors.Is(err, ErrWebhook), true)
}
