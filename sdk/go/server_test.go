// SPDX-License-Identifier: MIT OR Apache-2.0

package checkreality

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"
)

// realServer is a client of a real server, and a picture: CHECKREAL_BASE_URL, CHECKREAL_API_KEY,
// CHECKREAL_WEBHOOK_SECRET, and a picture's path in CHECKREAL_TEST_PICTURE. The server must be allowed
// to dial the loopback.
func realServer(t *testing.T) (*CheckRealClient, []byte) {
	t.Helper()
	if os.Getenv("CHECKREAL_BASE_URL") == "" {
		t.Skip("CHECKREAL_BASE_URL is not set")
	}
	client, err := NewCheckRealClient(Config{})
	if err != nil {
		t.Fatal(err)
	}
	picture, err := os.ReadFile(os.Getenv("CHECKREAL_TEST_PICTURE"))
	if err != nil {
		t.Fatal(err)
	}
	return client, picture
}

func TestAnImageIsAnalysedByPathBytesAndURL(t *testing.T) {
	client, picture := realServer(t)
	server := newFake(t, reply(200, string(picture)))
	for _, request := range []AnalyzeRequest{
		{ImagePath: os.Getenv("CHECKREAL_TEST_PICTURE")},
		{Image: picture},
		{ImageURL: server.URL + "/a.jpg"},
	} {
		request.ReferenceID, request.ClaimedAt = "a", "2026-03-16"
		request.Options = Options{Models: []string{"all"}, MetadataAnalysis: Bool(true), Policy: "kyc"}
		result, err := client.Analyze(background, request)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(picture)
		equal(t, "status", result.Status+result.ReferenceID, StatusComplete+"a")
		equal(t, "digest", result.ImageInfo.SHA256, hex.EncodeToString(sum[:]))
		equal(t, "policy", result.Policy.Name, "kyc")
		equal(t, "detectors", len(result.ModelResults), 6)
		limit, known := client.RateLimit()
		equal(t, "rate", known && limit.Remaining < limit.Limit, true)
		again, err := client.GetAnalysis(background, result.RequestID)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "again", again.Verdict.RiskLevel, result.Verdict.RiskLevel)
	}
}

func TestWhereInThePictureIsToldAndDrawn(t *testing.T) {
	client, picture := realServer(t)
	request := AnalyzeRequest{Image: picture, Options: Options{ReturnHeatmap: true}}
	result, err := client.Analyze(background, request)
	if err != nil || result.Heatmap == nil {
		t.Fatal(err)
	}
	equal(t, "width", result.Heatmap.Width, result.ImageInfo.Width)
	drawings := [][]byte{result.Heatmap.MaskPNG, result.Heatmap.OverlayPNG}
	for _, layer := range []string{"", "mask", "colour"} {
		drawing, err := client.GetHeatmap(background, result.RequestID, layer)
		if err != nil {
			t.Fatal(err)
		}
		drawings = append(drawings, drawing)
	}
	for _, drawing := range drawings {
		equal(t, "format", string(drawing[1:4]), "PNG")
	}
	_, err = client.GetHeatmap(background, result.RequestID, "x")
	equal(t, "kind", errors.Is(err, ErrInvalidRequest), true)
}

func TestARequestThatIsSentAgainUnderItsKeyHasTheFirstAnswer(t *testing.T) {
	client, picture := realServer(t)
	key := fmt.Sprintf("go-%d", time.Now().UnixNano())
	request := AnalyzeRequest{Image: append(picture, key...), IdempotencyKey: key}
	first, err := client.Analyze(background, request)
	if err != nil {
		t.Fatal(err)
	}
	second, err := client.Analyze(background, request)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "request", second.RequestID, first.RequestID)
	request.ReferenceID = "other"
	_, err = client.Analyze(background, request)
	equal(t, "kind", errors.Is(err, ErrInvalidRequest), true)
}

func TestABatchIsSubmittedAndItsResultsCome(t *testing.T) {
	client, picture := realServer(t)
	accepted, err := client.AnalyzeBatch(background, BatchRequest{
		Images: []BatchImage{
			{Image: picture, ReferenceID: "good"},
			{Image: []byte("GIF89a"), ReferenceID: "bad"},
		},
		BatchReferenceID: "go",
	})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]BatchResult{}
	options := PollOptions{Interval: 100 * time.Millisecond, PageSize: 1}
	results := client.BatchResults(background, accepted.BatchID, options)
	for results.Next() {
		seen[results.Result().ReferenceID] = results.Result()
	}
	if results.Err() != nil || len(seen) != 2 || seen["bad"].Error == nil {
		t.Fatal(results.Err(), seen)
	}
	equal(t, "bad", seen["bad"].Error.Code, "UNSUPPORTED_FORMAT")
	equal(t, "good", seen["good"].Verdict != nil, true)
	batch, err := client.GetBatch(background, accepted.BatchID, 0, "")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "status", batch.Status, BatchComplete)
	equal(t, "numbers", [2]int{batch.Completed, batch.Failed}, [2]int{1, 1})
}

func TestErrorsAreThoseOfTheGuide(t *testing.T) {
	client, picture := realServer(t)
	stranger, err := NewCheckRealClient(Config{APIKey: "nobody"})
	if err != nil {
		t.Fatal(err)
	}
	is := func(kind error, err error) {
		t.Helper()
		if !errors.Is(err, kind) {
			t.Errorf("expected %v, found %v", kind, err)
		}
	}
	_, err = stranger.GetUsage(background)
	is(ErrAuthentication, err)
	_, err = client.Analyze(background, AnalyzeRequest{Image: []byte("GIF89a")})
	is(ErrUnprocessableImage, err)
	wrong := AnalyzeRequest{Image: picture, Options: Options{Models: []string{"gans"}}}
	_, err = client.Analyze(background, wrong)
	is(ErrInvalidRequest, err)
	_, err = client.GetAnalysis(background, "req_none")
	is(ErrNotFound, err)
	_, err = client.GetHeatmap(background, "req_none", "")
	is(ErrNotFound, err)
	_, err = client.GetBatch(background, "batch_none", 0, "")
	is(ErrNotFound, err)
}

func TestAnImageThatIsRefusedBeforeAllOfItWasSentHasTheGuidesError(t *testing.T) {
	client, _ := realServer(t)
	_, err := client.Analyze(background, AnalyzeRequest{Image: make([]byte, 22_000_000)})
	var failed *CheckRealError
	equal(t, "error", errors.As(err, &failed) && failed.Code == "FILE_SIZE_EXCEEDED", true)
}

func TestWhatCanBeAskedForIsListed(t *testing.T) {
	client, _ := realServer(t)
	detectors, err := client.GetDetectors(background)
	equal(t, "detectors", err == nil && len(detectors) >= 6, true)
	policies, err := client.GetPolicies(background)
	equal(t, "policies", err == nil && len(policies) >= 4, true)
	usage, err := client.GetUsage(background)
	equal(t, "usage", err == nil && usage.Day.Limit > 0, true)
}

func TestAWebhookIsVerifiedInTheGuidesWayAndInTheStandardOne(t *testing.T) {
	client, picture := realServer(t)
	arrived := make(chan struct{}, 8)
	server := newFake(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(204)
		arrived <- struct{}{}
	})
	image := append(picture, fmt.Sprint(time.Now().UnixNano())...)
	accepted, err := client.AnalyzeLater(background, AnalyzeRequest{Image: image}, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-arrived:
	case <-time.After(time.Minute):
		t.Fatal("no webhook")
	}
	message, secret := server.all()[0], os.Getenv("CHECKREAL_WEBHOOK_SECRET")
	signature := message.header.Get("X-CheckReal-Signature")
	equal(t, "guide", VerifyWebhook([]byte(message.body), signature, secret), true)
	equal(t, "changed", VerifyWebhook([]byte(message.body+" "), signature, secret), false)
	event, err := ReadWebhook([]byte(message.body), message.header, secret)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "event", event.Event, EventAnalysisComplete)
	equal(t, "request", event.RequestID, accepted.RequestID)
}
