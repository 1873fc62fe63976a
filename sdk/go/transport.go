// SPDX-License-Identifier: MIT OR Apache-2.0

package checkreality

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// largestAnswer is the most that is read, bytes: two PNGs of 100 million pixels fit.
const largestAnswer = 512 << 20

// call is a request without what all requests have.
type call struct {
	method         string
	path           string
	kind           string
	body           []byte
	idempotencyKey string
}

// answer is a whole one of success.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send tries until there is an answer of success, or no sense in trying again.
func (c *CheckRealClient) send(ctx context.Context, request call) (*answer, error) {
	if request.method == http.MethodPost && request.idempotencyKey == "" {
		key := make([]byte, 16)
		if _, err := rand.Read(key); err != nil {
			return nil, err
		}
		request.idempotencyKey = hex.EncodeToString(key)
	}
	if !isPlain(request.idempotencyKey) || len(request.idempotencyKey) > 255 {
		return nil, errors.New("checkreality: IdempotencyKey must be 1 to 255 ASCII characters")
	}
	for attempt := 1; ; attempt++ {
		found, err := c.attempt(ctx, request)
		if err == nil {
			return found, nil
		}
		delay, again := c.delayAfter(err, attempt)
		if !again {
			return nil, err
		}
		if err := pause(ctx, delay); err != nil {
			return nil, err
		}
	}
}

func (c *CheckRealClient) attempt(ctx context.Context, request call) (*answer, error) {
	limited, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	url := c.config.BaseURL + request.path
	sent, err := http.NewRequestWithContext(limited, request.method, url, bytes.NewReader(request.body))
	if err != nil {
		return nil, err
	}
	sent.Header.Set("Accept", "application/json")
	sent.Header.Set("Authorization", "Bearer "+c.config.APIKey)
	sent.Header.Set("User-Agent", "checkreality-sdk-go/"+Version)
	if request.method == http.MethodPost {
		sent.Header.Set("Content-Type", request.kind)
		sent.Header.Set("Idempotency-Key", request.idempotencyKey)
	}
	response, err := c.http.Do(sent)
	if err != nil {
		return nil, c.lost(ctx, limited, err, false)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, largestAnswer+1))
	if err != nil {
		return nil, c.lost(ctx, limited, err, true)
	}
	if len(body) > largestAnswer {
		tooLarge := errors.New("it is larger than any of the API")
		return nil, unexpected(response.StatusCode, response.Header, tooLarge)
	}
	c.note(response.Header)
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return nil, refused(response.StatusCode, response.Header, body)
	}
	return &answer{response.StatusCode, response.Header, body}, nil
}

// isPlain tells whether a text can stand in a header.
func isPlain(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r < 0x20 || r > 0x7e }) < 0
}

// lost is what a caller is told where there is no answer: the context's error where the caller ended it.
func (c *CheckRealClient) lost(ctx, limited context.Context, cause error, hadBegun bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if errors.Is(limited.Err(), context.DeadlineExceeded) {
		message := fmt.Sprintf("there was no answer within %v", c.config.Timeout)
		return &CheckRealError{Code: "TIMEOUT", Message: message, kind: ErrTimeout}
	}
	message := "there was no answer: " + cause.Error()
	if hadBegun {
		message = "the answer broke off: " + cause.Error()
	}
	return &CheckRealError{
		Code:     "CONNECTION_FAILED",
		Message:  message,
		kind:     ErrConnectionFailed,
		cause:    cause,
		hadBegun: hadBegun,
	}
}

func (c *CheckRealClient) note(header http.Header) {
	number := func(name string) int64 {
		value, err := strconv.ParseInt(header.Get("X-RateLimit-"+name), 10, 64)
		if err != nil {
			return -1
		}
		return value
	}
	limit, remaining, reset := number("Limit"), number("Remaining"), number("Reset")
	if limit < 0 || remaining < 0 || reset < 0 {
		return
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.rateLimit = &RateLimit{Limit: limit, Remaining: remaining, Reset: time.Unix(reset, 0)}
}

// ask sends and reads the answer's object into a model; its JSON goes into raw.
func (c *CheckRealClient) ask(ctx context.Context, request call, into any, raw *json.RawMessage) error {
	found, err := c.send(ctx, request)
	if err != nil {
		return err
	}
	body := bytes.TrimLeft(found.body, " \t\r\n")
	if len(body) == 0 || body[0] != '{' {
		return unexpected(found.status, found.header, errors.New("it is no JSON object"))
	}
	if err := json.Unmarshal(body, into); err != nil {
		return unexpected(found.status, found.header, err)
	}
	if raw != nil {
		*raw = body
	}
	return nil
}
