// SPDX-License-Identifier: MIT OR Apache-2.0

package checkreality

import (
	"context"
	"errors"
	"math/rand"
	"time"
)

const (
	// firstDelay is the first ceiling of the delay; it doubles with each attempt.
	firstDelay = 500 * time.Millisecond
	// longestDelay is the longest of our own choice.
	longestDelay = 8 * time.Second
)

// delayAfter is how long to wait after a failed attempt; false where it is not to be tried again: only
// 429, 5xx and connections that failed before there was an answer are. A delay of ours is drawn evenly
// from zero to its ceiling, so that clients that failed together do not come back together.
//
// Every POST has an idempotency key, so that what is sent twice is done and charged once.
func (c *CheckRealClient) delayAfter(err error, attempt int) (time.Duration, bool) {
	var failed *CheckRealError
	if !errors.As(err, &failed) || !failed.isTransient() || attempt >= c.config.MaxAttempts {
		return 0, false
	}
	if failed.hasRetryAfter {
		return failed.RetryAfter, failed.RetryAfter <= c.config.MaxRetryAfter
	}
	ceiling := longestDelay
	if attempt < 5 {
		ceiling = firstDelay << (attempt - 1)
	}
	return time.Duration(rand.Int63n(int64(ceiling) + 1)), true
}

func (e *CheckRealError) isTransient() bool {
	if e.kind == ErrConnectionFailed {
		return !e.hadBegun
	}
	return e.Status == 429 || (e.Status >= 500 && e.Status < 600)
}

// pause waits, or returns the context's error.
func pause(ctx context.Context, delay time.Duration) error {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}
