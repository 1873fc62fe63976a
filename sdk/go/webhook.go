// SPDX-License-Identifier: MIT OR Apache-2.0

package checkreality

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	secretPrefix = "whsec_"
	// WebhookTolerance is how old or how far ahead a message may be.
	WebhookTolerance = 5 * time.Minute
	// mostSignatures of one message: one a secret, and two at most during a rotation.
	mostSignatures = 16
)

// VerifyWebhook tells whether X-CheckReal-Signature is that of the body's bytes under the secret's text.
// It compares in constant time, and is false for a signature of another length and without a secret:
// anyone can sign with an empty one.
func VerifyWebhook(payload []byte, signature, secret string) bool {
	if secret == "" {
		return false
	}
	expected := hex.EncodeToString(sign([]byte(secret), payload))
	return hmac.Equal([]byte(signature), []byte(expected))
}

// VerifyStandardWebhook tells whether the headers of Standard Webhooks (webhook-id, webhook-timestamp,
// webhook-signature) are those of the body's bytes, and not older than WebhookTolerance.
func VerifyStandardWebhook(payload []byte, header http.Header, secret string) bool {
	return verifyStandard(payload, header, secret, time.Now())
}

// ReadWebhook is the event of a webhook, after VerifyStandardWebhook; ErrWebhook where that is false.
func ReadWebhook(payload []byte, header http.Header, secret string) (*WebhookEvent, error) {
	if !VerifyStandardWebhook(payload, header, secret) {
		return nil, ErrWebhook
	}
	var event WebhookEvent
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, fmt.Errorf("checkreality: the webhook tells no event: %w", err)
	}
	event.Raw = payload
	return &event, nil
}

func verifyStandard(payload []byte, header http.Header, secret string, now time.Time) bool {
	id, text := header.Get("Webhook-Id"), header.Get("Webhook-Timestamp")
	seconds, err := strconv.ParseUint(text, 10, 40)
	if secret == "" || id == "" || err != nil || strings.HasPrefix(text, "+") {
		return false
	}
	age := now.Sub(time.Unix(int64(seconds), 0))
	if age > WebhookTolerance || age < -WebhookTolerance {
		return false
	}
	signed := append([]byte(id+"."+text+"."), payload...)
	expected := []byte("v1," + base64.StdEncoding.EncodeToString(sign(keyOf(secret), signed)))
	isOurs := false
	for i, given := range strings.Split(header.Get("Webhook-Signature"), " ") {
		isOurs = isOurs || (i < mostSignatures && hmac.Equal([]byte(given), expected))
	}
	return isOurs
}

// keyOf is the bytes in base64 behind whsec_; a secret that has none signs by its text.
func keyOf(secret string) []byte {
	key, err := base64.StdEncoding.Strict().DecodeString(strings.TrimPrefix(secret, secretPrefix))
	if err != nil || len(key) == 0 {
		return []byte(secret)
	}
	return key
}

func sign(key, message []byte) []byte {
	hash := hmac.New(sha256.New, key)
	hash.Write(message)
	return hash.Sum(nil)
}
