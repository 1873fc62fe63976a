// SPDX-License-Identifier: MIT OR Apache-2.0

package checkreality

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func page(cursor string, names ...string) http.HandlerFunc {
	results := make([]string, 0, len(names))
	for _, name := range names {
		results = append(results, fmt.Sprintf(`{"reference_id": %q, "status": "complete"}`, name))
	}
	next := "null"
	if cursor != "" {
		next = `"` + cursor + `"`
	}
	list := strings.Join(results, ",")
	return reply(200, fmt.Sprintf(`{"results": [%s], "next_cursor": %s}`, list, next))
}

func TestResultsComeAsTheyCompletePageAfterPageEachOnce(t *testing.T) {
	server := newFake(t, page("c0"), page("c2", "a", "b"), page("c2"), page("", "c"))
	options := PollOptions{Interval: time.Millisecond, PageSize: 2}
	all, err := server.client(t, Config{}).WaitForBatch(background, "batch_1", options)
	if err != nil {
		t.Fatal(err)
	}
	names := ""
	for _, one := range all {
		names += one.ReferenceID
	}
	equal(t, "results", names, "abc")
	queries := []string{"limit=2", "cursor=c0&limit=2", "cursor=c2&limit=2", "cursor=c2&limit=2"}
	for i, one := range server.all() {
		equal(t, "query", strings.SplitN(one.url, "?", 2)[1], queries[i])
	}
}

func TestABatchThatIsNeverDoneIsGivenUp(t *testing.T) {
	client := newFake(t, page("c0")).client(t, Config{})
	options := PollOptions{Interval: time.Millisecond, Timeout: 50 * time.Millisecond}
	_, err := client.WaitForBatch(background, "batch_1", options)
	equal(t, "kind", errors.Is(err, ErrTimeout), true)
	ctx, cancel := context.WithTimeout(background, 50*time.Millisecond)
	defer cancel()
	_, err = client.WaitForBatch(ctx, "batch_1", PollOptions{Interval: time.Millisecond})
	equal(t, "error", errors.Is(err, context.DeadlineExceeded), true)
}

func TestWaitsGrowToACeiling(t *testing.T) {
	equal(t, "second", slower(time.Second), 1500*time.Millisecond)
	equal(t, "near", slower(4*time.Second), longestPoll)
	equal(t, "longer than ours", slower(time.Minute), time.Minute)
}
