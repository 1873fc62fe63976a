// SPDX-License-Identifier: MIT OR Apache-2.0

package checkreality

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"time"
)

var background = context.Background()

func TestTransientFailuresAreTriedAgainUnderOneIdempotencyKey(t *testing.T) {
	server := newFake(t,
		refusal(429, "RATE_LIMIT_EXCEEDED", "Retry-After", "0"),
		refusal(503, "OVERLOADED", "Retry-After", "0"),
		reply(502, "<html>", "Retry-After", "0"),
		reply(200, `{"verdict": {"label": "AUTHENTIC"}}`),
	)
	request := AnalyzeRequest{Image: []byte("picture")}
	result, err := server.client(t, Config{}).Analyze(background, request)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "label", result.Verdict.Label, LabelAuthentic)
	all := server.all()
	equal(t, "requests", len(all), 4)
	for _, one := range all {
		key := one.header.Get("Idempotency-Key")
		equal(t, "key", key, all[0].header.Get("Idempotency-Key"))
		equal(t, "length of the key", len(key), 32)
		equal(t, "body", one.body, all[0].body)
	}
}

func TestOtherRefusalsAreNotTriedAgain(t *testing.T) {
	for _, status := range []int{400, 401, 403, 404, 408, 413, 421, 422} {
		server := newFake(t, refusal(status, "SOMETHING", "Retry-After", "0"))
		_, err := server.client(t, Config{}).GetUsage(background)
		var failed *CheckRealError
		if !errors.As(err, &failed) {
			t.Fatal(err)
		}
		equal(t, "status", failed.Status, status)
		equal(t, "requests", len(server.all()), 1)
	}
}

func TestAttemptsEnd(t *testing.T) {
	server := newFake(t, refusal(500, "INTERNAL_ERROR", "Retry-After", "0"))
	_, err := server.client(t, Config{MaxAttempts: 3}).GetUsage(background)
	equal(t, "kind", errors.Is(err, ErrServer), true)
	equal(t, "requests", len(server.all()), 3)
}

func TestRetryAfterIsWaitedForAndOneThatIsTooLongIsNot(t *testing.T) {
	slow := newFake(t, refusal(429, "RATE_LIMIT_EXCEEDED", "Retry-After", "1"), usage)
	start := time.Now()
	if _, err := slow.client(t, Config{}).GetUsage(background); err != nil {
		t.Fatal(err)
	}
	equal(t, "waited", time.Since(start) >= time.Second, true)
	day := newFake(t, refusal(429, "QUOTA_EXCEEDED", "Retry-After", "40000"))
	_, err := day.client(t, Config{}).GetUsage(background)
	var failed *CheckRealError
	equal(t, "kind", errors.Is(err, ErrQuotaExceeded) && errors.As(err, &failed), true)
	equal(t, "retry after", failed.RetryAfter, 40_000*time.Second)
	equal(t, "requests", len(day.all()), 1)
}

func TestDelaysGrowAndHaveACeiling(t *testing.T) {
	client := newFake(t, usage).client(t, Config{MaxAttempts: 1_000})
	ceilings := []time.Duration{500, 1_000, 2_000, 4_000, 8_000, 8_000}
	for i, ceiling := range ceilings {
		longest := time.Duration(0)
		for try := 0; try < 200; try++ {
			delay, again := client.delayAfter(&CheckRealError{Status: 500}, i+1)
			equal(t, "again", again, true)
			if delay > longest {
				longest = delay
			}
		}
		ceiling *= time.Millisecond
		equal(t, "drawn below the ceiling", longest <= ceiling && longest > ceiling/2, true)
	}
	_, again := client.delayAfter(&CheckRealError{Status: 500}, 1_000)
	equal(t, "again", again, false)
}

func TestRetryAfterMayBeADateAndNonsenseIsNone(t *testing.T) {
	date := time.Date(2015, 10, 21, 7, 28, 0, 0, time.UTC)
	text := date.Format(http.TimeFormat)
	delay, ok := retryAfter(text, date.Add(-2*time.Second))
	equal(t, "date", ok && delay == 2*time.Second, true)
	delay, ok = retryAfter(text, date.Add(time.Second))
	equal(t, "past", ok && delay == 0, true)
	for _, text := range []string{"soon", "1e9", "", "99999999999", "-1"} {
		_, ok := retryAfter(text, date)
		equal(t, text, ok, false)
	}
}

func TestAConnectionThatFailsBeforeAnAnswerIsTriedAgain(t *testing.T) {
	hangUp := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	server := newFake(t, hangUp, usage)
	found, err := server.client(t, Config{}).GetUsage(background)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "organisation", found.Organisation, "acme")
	equal(t, "requests", len(server.all()), 2)
}

func TestAnAnswerThatBreaksOffIsNotTriedAgain(t *testing.T) {
	server := newFake(t, reply(200, "{", "Content-Length", "100"))
	_, err := server.client(t, Config{}).GetUsage(background)
	equal(t, "kind", errors.Is(err, ErrConnectionFailed), true)
	equal(t, "requests", len(server.all()), 1)
}

func TestAServerThatIsNotThereIsAnErrorOfItsOwn(t *testing.T) {
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	url := "http://" + gone.Addr().String() + "/v1"
	client, err := NewCheckRealClient(Config{APIKey: "a-key", BaseURL: url, MaxAttempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.GetUsage(background)
	equal(t, "kind", errors.Is(err, ErrConnectionFailed), true)
}

func TestATimeLimitHoldsForHeadAndBody(t *testing.T) {
	dripping := func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("{"))
		w.(http.Flusher).Flush()
		silent(w, r)
	}
	for _, answer := range []http.HandlerFunc{silent, dripping} {
		server := newFake(t, answer)
		_, err := server.client(t, Config{Timeout: 100 * time.Millisecond}).GetUsage(background)
		equal(t, "kind", errors.Is(err, ErrTimeout), true)
		equal(t, "requests", len(server.all()), 1)
	}
}

func TestAContextEndsARequestAndAWaitBetweenAttempts(t *testing.T) {
	waiting := refusal(429, "RATE_LIMIT_EXCEEDED", "Retry-After", "30")
	for _, answer := range []http.HandlerFunc{silent, waiting} {
		server := newFake(t, answer)
		ctx, cancel := context.WithTimeout(background, 100*time.Millisecond)
		start := time.Now()
		_, err := server.client(t, Config{}).GetUsage(ctx)
		cancel()
		equal(t, "error", errors.Is(err, context.DeadlineExceeded), true)
		equal(t, "soon", time.Since(start) < 4*time.Second, true)
	}
}
