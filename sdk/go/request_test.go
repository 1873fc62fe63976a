// SPDX-License-Identifier: MIT OR Apache-2.0

package checkreality

import (
	"bytes"
	"encoding/json"
	"mime"
	"mime/multipart"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

var done = reply(200, `{"verdict": {"label": "AUTHENTIC"}}`)

func checkJSON(t *testing.T, found, expected string) {
	t.Helper()
	var one, other any
	if json.Unmarshal([]byte(found), &one) != nil || json.Unmarshal([]byte(expected), &other) != nil {
		t.Fatal(found)
	}
	if !reflect.DeepEqual(one, other) {
		t.Errorf("found %s", found)
	}
}

func TestARequestHasTheAPIsNames(t *testing.T) {
	server := newFake(t, done)
	request := AnalyzeRequest{
		ImageURL:       "https://a.example/a.jpg",
		ReferenceID:    "a",
		ClaimedAt:      "2026-03-16",
		IdempotencyKey: "mine",
		Options: Options{
			Models:           []string{"gan"},
			MetadataAnalysis: Bool(false),
			ReturnHeatmap:    true,
			Policy:           "kyc",
		},
	}
	if _, err := server.client(t, Config{}).Analyze(background, request); err != nil {
		t.Fatal(err)
	}
	found := server.all()[0]
	equal(t, "method", found.method+" "+found.url, "POST /v1/analyze")
	equal(t, "key", found.header.Get("Authorization"), "Bearer a-key")
	equal(t, "idempotency", found.header.Get("Idempotency-Key"), "mine")
	checkJSON(t, found.body, `{
		"image_url": "https://a.example/a.jpg", "reference_id": "a",
		"options": {"models": ["gan"], "metadata_analysis": false, "return_heatmap": true, "policy": "kyc"},
		"context": {"claimed_at": "2026-03-16"}
	}`)
}

func TestBytesGoAsAFormWhateverTheyComeAs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jpg")
	if err := os.WriteFile(path, []byte("picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	requests := []AnalyzeRequest{
		{ImagePath: path},
		{Image: []byte("picture")},
		{ImageReader: strings.NewReader("picture")},
	}
	server := newFake(t, done)
	for _, request := range requests {
		request.ReferenceID, request.ClaimedAt = "ä", "2026-03-16"
		if _, err := server.client(t, Config{}).Analyze(background, request); err != nil {
			t.Fatal(err)
		}
	}
	for _, found := range server.all() {
		_, parameters, err := mime.ParseMediaType(found.header.Get("Content-Type"))
		if err != nil {
			t.Fatal(err)
		}
		reader := multipart.NewReader(bytes.NewReader([]byte(found.body)), parameters["boundary"])
		form, err := reader.ReadForm(1 << 20)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "reference", form.Value["reference_id"][0], "ä")
		equal(t, "options", form.Value["options"][0], "{}")
		equal(t, "context", form.Value["context"][0], `{"claimed_at":"2026-03-16"}`)
		equal(t, "size", form.File["image"][0].Size, 7)
	}
}

func TestABatchIsJSONWhateverItsImagesComeAs(t *testing.T) {
	server := newFake(t, reply(202, `{"batch_id": "batch_1"}`))
	request := BatchRequest{
		Images: []BatchImage{
			{ImageURL: "https://a.example/a.jpg", ReferenceID: "a", ClaimedAt: "2026-03-16"},
			{Image: []byte("b")},
			{Image: []byte{}},
			{ImageBase64: "AA=="},
		},
		WebhookURL:       "https://a.example/hook",
		BatchReferenceID: "claims-1",
	}
	accepted, err := server.client(t, Config{}).AnalyzeBatch(background, request)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "batch", accepted.BatchID, "batch_1")
	checkJSON(t, server.all()[0].body, `{
		"images": [
			{
				"image_url": "https://a.example/a.jpg", "reference_id": "a",
				"context": {"claimed_at": "2026-03-16"}
			},
			{"image_base64": "Yg=="}, {"image_base64": ""}, {"image_base64": "AA=="}
		],
		"options": {},
		"webhook_url": "https://a.example/hook",
		"batch_reference_id": "claims-1"
	}`)
}

func TestAWebhookIsAnOption(t *testing.T) {
	server := newFake(t, reply(202, `{"request_id": "req_1", "status": "processing"}`))
	request := AnalyzeRequest{ImageURL: "https://a.example/a.jpg"}
	client := server.client(t, Config{})
	accepted, err := client.AnalyzeLater(background, request, "https://a.example/hook")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "status", accepted.Status, StatusProcessing)
	checkJSON(t, server.all()[0].body, `{
		"image_url": "https://a.example/a.jpg", "options": {"webhook_url": "https://a.example/hook"}
	}`)
}

func TestNamesInPathsCannotLeadElsewhere(t *testing.T) {
	server := newFake(t, usage)
	_, _ = server.client(t, Config{}).GetAnalysis(background, "../usage?a#b")
	equal(t, "path", server.all()[0].url, "/v1/analyses/..%2Fusage%3Fa%23b")
}

func TestARequestWithoutAnImageOrWithTwoIsNotSent(t *testing.T) {
	server := newFake(t, done)
	two := AnalyzeRequest{ImageURL: "https://a.example/a.jpg", Image: []byte("a")}
	wrongKey := AnalyzeRequest{Image: []byte("a"), IdempotencyKey: "a\nb"}
	for _, request := range []AnalyzeRequest{{}, two, wrongKey} {
		if _, err := server.client(t, Config{}).Analyze(background, request); err == nil {
			t.Error("sent")
		}
	}
	equal(t, "requests", len(server.all()), 0)
}

func TestAClientNeedsAKeyThatCanStandInAHeader(t *testing.T) {
	t.Setenv("CHECKREAL_API_KEY", "")
	for _, key := range []string{"", "a b", "a\nb", "ä"} {
		if _, err := NewCheckRealClient(Config{APIKey: key}); err == nil {
			t.Error(key)
		}
	}
	for _, url := range []string{"ftp://a.example", "a.example", "https://", "%"} {
		if _, err := NewCheckRealClient(Config{APIKey: "a", BaseURL: url}); err == nil {
			t.Error(url)
		}
	}
	t.Setenv("CHECKREAL_API_KEY", " from-outside\n")
	client, err := NewCheckRealClient(Config{})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "key", client.config.APIKey, "from-outside")
}
