// SPDX-License-Identifier: MIT OR Apache-2.0

package checkreality

import (
	"context"
	"fmt"
	"time"
)

// longestPoll is the longest wait between two looks: 12 requests a minute, of the 60 of the smallest plan.
const longestPoll = 5 * time.Second

// PollOptions say how a batch is waited for; the zero value is a good choice.
type PollOptions struct {
	// Interval is the first wait between two looks, a second unless said; it grows to 5 s.
	Interval time.Duration
	// Timeout is until the batch must be done; an hour unless said.
	Timeout time.Duration
	// PageSize is the results of one page, 1..=1000; 100 unless said.
	PageSize int
}

// BatchResults are the results of a batch as they complete:
//
//	results := client.BatchResults(ctx, batch.BatchID, checkreality.PollOptions{})
//	for results.Next() { use(results.Result()) }
//	if err := results.Err(); err != nil { … }
type BatchResults struct {
	client  *CheckRealClient
	ctx     context.Context
	batchID string
	options PollOptions
	end     time.Time

	page   []BatchResult
	result BatchResult
	cursor string
	delay  time.Duration
	isLast bool
	err    error
}

// BatchResults begins to read the results of a batch, page after page, polling slower and slower.
func (c *CheckRealClient) BatchResults(
	ctx context.Context, batchID string, options PollOptions,
) *BatchResults {
	if options.Interval <= 0 {
		options.Interval = time.Second
	}
	if options.Timeout <= 0 {
		options.Timeout = time.Hour
	}
	if options.PageSize <= 0 {
		options.PageSize = 100
	}
	end := time.Now().Add(options.Timeout)
	return &BatchResults{client: c, ctx: ctx, batchID: batchID, options: options, end: end}
}

// Next waits for the next result; false where there is none, or an error.
func (r *BatchResults) Next() bool {
	for len(r.page) == 0 {
		if r.isLast || r.err != nil {
			return false
		}
		if r.err = r.turn(); r.err != nil {
			return false
		}
	}
	r.result, r.page = r.page[0], r.page[1:]
	return true
}

// Result is the one that Next found.
func (r *BatchResults) Result() BatchResult { return r.result }

// Err is why there are no further results; nil where all were read.
func (r *BatchResults) Err() error { return r.err }

// turn reads the next page.
func (r *BatchResults) turn() error {
	if err := r.wait(); err != nil {
		return err
	}
	page, err := r.client.GetBatch(r.ctx, r.batchID, r.options.PageSize, r.cursor)
	if err != nil {
		return err
	}
	r.page, r.cursor, r.isLast = page.Results, page.NextCursor, page.NextCursor == ""
	// A full page has another one behind it, or will soon.
	if len(page.Results) >= r.options.PageSize {
		r.delay = 0
	} else {
		r.delay = r.options.Interval
		r.options.Interval = slower(r.options.Interval)
	}
	return nil
}

func (r *BatchResults) wait() error {
	if r.delay == 0 {
		return nil
	}
	if time.Now().Add(r.delay).After(r.end) {
		message := fmt.Sprintf("the batch was not done within %v", r.options.Timeout)
		return &CheckRealError{Code: "TIMEOUT", Message: message, kind: ErrTimeout}
	}
	return pause(r.ctx, r.delay)
}

func slower(interval time.Duration) time.Duration {
	switch grown := interval + interval/2; {
	case interval >= longestPoll:
		return interval
	case grown > longestPoll:
		return longestPoll
	default:
		return grown
	}
}

// WaitForBatch is all results of a batch, once it is done.
func (c *CheckRealClient) WaitForBatch(
	ctx context.Context, batchID string, options PollOptions,
) ([]BatchResult, error) {
	var all []BatchResult
	results := c.BatchResults(ctx, batchID, options)
	for results.Next() {
		all = append(all, results.Result())
	}
	return all, results.Err()
}
