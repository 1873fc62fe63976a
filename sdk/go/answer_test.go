// SPDX-License-Identifier: MIT OR Apache-2.0

package checkreality

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestErrorsHaveAKindTheCodeAndTheRequestsName(t *testing.T) {
	cases := []struct {
		status int
		code   string
		kind   error
	}{
		{401, "INVALID_API_KEY", ErrAuthentication},
		{403, "FORBIDDEN", ErrPermissionDenied},
		{400, "INVALID_REQUEST", ErrInvalidRequest},
		{413, "BATCH_TOO_LARGE", ErrInvalidRequest},
		{422, "IDEMPOTENCY_CONFLICT", ErrInvalidRequest},
		{413, "FILE_SIZE_EXCEEDED", ErrUnprocessableImage},
		{422, "IMAGE_TOO_SMALL", ErrUnprocessableImage},
		{422, "URL_UNREACHABLE", ErrUnprocessableImage},
		{404, "NOT_FOUND", ErrNotFound},
		{429, "RATE_LIMIT_EXCEEDED", ErrRateLimit},
		{429, "QUOTA_EXCEEDED", ErrQuotaExceeded},
		{421, "WRONG_REGION", ErrWrongRegion},
		{503, "OVERLOADED", ErrServer},
		{404, "OF_THE_FUTURE", ErrNotFound},
		{418, "OF_THE_FUTURE", ErrInvalidRequest},
	}
	for _, one := range cases {
		headers := []string{"X-Region-Base-Url", "https://eu.example", "Retry-After", "7"}
		server := newFake(t, refusal(one.status, one.code, headers...))
		_, err := server.client(t, Config{MaxAttempts: 1}).GetUsage(background)
		var failed *CheckRealError
		if !errors.Is(err, one.kind) || !errors.As(err, &failed) {
			t.Errorf("%s: %v", one.code, err)
			continue
		}
		equal(t, "code", failed.Code, one.code)
		equal(t, "request", failed.RequestID, "req_1")
		equal(t, "retry after", failed.RetryAfter, 7*time.Second)
		equal(t, "region", failed.RegionBaseURL, "https://eu.example")
		equal(t, "text", err.Error(), "checkreality: "+one.code+": No. (req_1)")
	}
}

func TestAnAnswerThatIsNotTheAPIsIsAnErrorAndNeverAResult(t *testing.T) {
	deep := `{"a": ` + strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000) + "}"
	for _, body := range []string{"", "<html>", "[]", "null", "3", `{"plan": 7}`, deep} {
		server := newFake(t, reply(200, body))
		_, err := server.client(t, Config{}).GetUsage(background)
		equal(t, body[:len(body)%20], errors.Is(err, ErrUnexpectedAnswer), true)
	}
	server := newFake(t, reply(200, "{}"))
	_, err := server.client(t, Config{}).Analyze(background, AnalyzeRequest{Image: []byte("a")})
	equal(t, "no verdict", errors.Is(err, ErrUnexpectedAnswer), true)
}

func TestAnErrorWithoutTheGuidesBodyHasItsStatus(t *testing.T) {
	for _, body := range []string{"<html>", `{"error": 7}`, `{"error": {"code": 7}}`, "[]"} {
		server := newFake(t, reply(400, body, "X-Request-Id", "req_9"))
		_, err := server.client(t, Config{}).GetUsage(background)
		var failed *CheckRealError
		equal(t, body, errors.As(err, &failed) && failed.Code == "HTTP_400", true)
		equal(t, body, failed.RequestID, "req_9")
	}
}

func TestARedirectIsNotFollowedAsTheKeyGoesToNobodyElse(t *testing.T) {
	other := newFake(t, usage)
	server := newFake(t, reply(302, "", "Location", other.URL+"/v1/usage"))
	_, err := server.client(t, Config{}).GetUsage(background)
	equal(t, "kind", errors.Is(err, ErrUnexpectedAnswer), true)
	equal(t, "requests", len(other.all()), 0)
}

func TestWhatIsUnknownIsKept(t *testing.T) {
	body := `{
		"verdict": {"label": "AI_GENERATED", "risk_level": "HIGH"}, "reference_id": null,
		"model_results": {"gan_detection": {"score": null, "exif_present": false}},
		"heatmap": {"mask_png_base64": "UE5H"}, "of_the_future": 1
	}`
	server := newFake(t, reply(200, body))
	result, err := server.client(t, Config{}).GetAnalysis(background, "req_1")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "risk", result.Verdict.RiskLevel, RiskHigh)
	equal(t, "score", result.ModelResults["gan_detection"].Score, nil)
	raw := string(result.ModelResults["gan_detection"].Raw)
	equal(t, "attribute", strings.Contains(raw, "exif_present"), true)
	equal(t, "mask", string(result.Heatmap.MaskPNG), "PNG")
	equal(t, "future", strings.Contains(string(result.Raw), "of_the_future"), true)
}

func TestWhereTheOrganisationStandsInTheMinuteIsKept(t *testing.T) {
	server := newFake(t, reply(200, "{}", "X-RateLimit-Limit", "300", "X-RateLimit-Remaining", "247",
		"X-RateLimit-Reset", "1710598800"), usage)
	client := server.client(t, Config{})
	_, known := client.RateLimit()
	equal(t, "known", known, false)
	for i := 0; i < 2; i++ {
		if _, err := client.GetUsage(background); err != nil {
			t.Fatal(err)
		}
		found, _ := client.RateLimit()
		equal(t, "standing", found, RateLimit{300, 247, time.Unix(1_710_598_800, 0)})
	}
}

func TestAHeatmapIsBytes(t *testing.T) {
	server := newFake(t, reply(200, "PNG"))
	found, err := server.client(t, Config{}).GetHeatmap(background, "req_1", "colour")
	equal(t, "bytes", err == nil && string(found) == "PNG", true)
	equal(t, "path", server.all()[0].url, "/v1/analyses/req_1/heatmap.png?layer=colour")
}
