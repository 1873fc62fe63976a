// SPDX-License-Identifier: MIT OR Apache-2.0

package checkreality

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Kinds of errors: one for each thing that a caller does differently.
var (
	// ErrAuthentication is 401.
	ErrAuthentication = errors.New("authentication")
	// ErrPermissionDenied is 403: scope, path or address of the key.
	ErrPermissionDenied = errors.New("permission denied")
	// ErrInvalidRequest says that the request is wrong, not the image.
	ErrInvalidRequest = errors.New("invalid request")
	// ErrUnprocessableImage says that the image cannot be examined: its size, format or content, or its URL.
	ErrUnprocessableImage = errors.New("unprocessable image")
	// ErrNotFound is 404.
	ErrNotFound = errors.New("not found")
	// ErrRateLimit is 429: too many requests in this minute.
	ErrRateLimit = errors.New("rate limit")
	// ErrQuotaExceeded is 429: too many images today.
	ErrQuotaExceeded = errors.New("quota exceeded")
	// ErrWrongRegion is 421: the key is at home in another region.
	ErrWrongRegion = errors.New("wrong region")
	// ErrServer is 5xx.
	ErrServer = errors.New("server")
	// ErrConnectionFailed says that there was no answer, or that it broke off.
	ErrConnectionFailed = errors.New("connection failed")
	// ErrTimeout says that there was no whole answer within Config.Timeout.
	ErrTimeout = errors.New("timeout")
	// ErrUnexpectedAnswer says that what came is no answer of the API.
	ErrUnexpectedAnswer = errors.New("unexpected answer")
	// ErrWebhook says that a webhook is not from the API, or too old.
	ErrWebhook = errors.New("checkreality: the webhook is not from the API, or is too old")
)

// CheckRealError is any failure of a request.
type CheckRealError struct {
	// Code is the API's, or one of ours where there was no answer of the API.
	Code    string
	Message string
	// Status is HTTP's; 0 without an answer.
	Status int
	// RequestID is for support and audit; empty without an answer.
	RequestID string
	// RetryAfter is when it may be tried again; 0 where the server does not say.
	RetryAfter time.Duration
	// RegionBaseURL is that of the right region without /v1, with ErrWrongRegion.
	RegionBaseURL string

	kind          error
	cause         error
	hasRetryAfter bool
	hadBegun      bool
}

// Error implements error.
func (e *CheckRealError) Error() string {
	text := fmt.Sprintf("checkreality: %s: %s", e.Code, e.Message)
	if e.RequestID != "" {
		text += " (" + e.RequestID + ")"
	}
	return text
}

// Is tells the kind.
func (e *CheckRealError) Is(target error) bool { return target == e.kind }

// Unwrap is what it came from.
func (e *CheckRealError) Unwrap() error { return e.cause }

var kindOfCode = map[string]error{
	"INVALID_API_KEY":     ErrAuthentication,
	"FORBIDDEN":           ErrPermissionDenied,
	"NOT_FOUND":           ErrNotFound,
	"FILE_SIZE_EXCEEDED":  ErrUnprocessableImage,
	"UNSUPPORTED_FORMAT":  ErrUnprocessableImage,
	"IMAGE_TOO_SMALL":     ErrUnprocessableImage,
	"IMAGE_CORRUPT":       ErrUnprocessableImage,
	"URL_UNREACHABLE":     ErrUnprocessableImage,
	"WRONG_REGION":        ErrWrongRegion,
	"RATE_LIMIT_EXCEEDED": ErrRateLimit,
	"QUOTA_EXCEEDED":      ErrQuotaExceeded,
}

// kindOf is by the code, or by the status where the code is none that is known.
func kindOf(code string, status int) error {
	if kind, ok := kindOfCode[code]; ok {
		return kind
	}
	switch {
	case status >= 500:
		return ErrServer
	case status == 401:
		return ErrAuthentication
	case status == 403:
		return ErrPermissionDenied
	case status == 404:
		return ErrNotFound
	case status == 429:
		return ErrRateLimit
	case status >= 400:
		return ErrInvalidRequest
	}
	return ErrUnexpectedAnswer
}

// refused is the error of an answer that is none of success.
func refused(status int, header http.Header, body []byte) *CheckRealError {
	var told struct {
		Error struct {
			Code      string `json:"code"`
			Message   string `json:"message"`
			RequestID string `json:"request_id"`
		} `json:"error"`
	}
	// A proxy's page, or nothing: the status has to do.
	_ = json.Unmarshal(body, &told)
	e := &CheckRealError{
		Code:          told.Error.Code,
		Message:       told.Error.Message,
		Status:        status,
		RequestID:     told.Error.RequestID,
		RegionBaseURL: header.Get("X-Region-Base-Url"),
	}
	if e.Code == "" {
		e.Code = "HTTP_" + strconv.Itoa(status)
	}
	if e.Message == "" {
		e.Message = fmt.Sprintf("the server answered with the status %d", status)
	}
	if e.RequestID == "" {
		e.RequestID = header.Get("X-Request-Id")
	}
	e.kind = kindOf(e.Code, status)
	e.RetryAfter, e.hasRetryAfter = retryAfter(header.Get("Retry-After"), time.Now())
	return e
}

// retryAfter reads a number of seconds, or a date (RFC 9110, 10.2.3).
func retryAfter(value string, now time.Time) (time.Duration, bool) {
	if seconds, err := strconv.ParseUint(value, 10, 30); err == nil {
		return time.Duration(seconds) * time.Second, true
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	if left := date.Sub(now); left > 0 {
		return left, true
	}
	return 0, true
}

func unexpected(status int, header http.Header, cause error) *CheckRealError {
	return &CheckRealError{
		Code:      "UNEXPECTED_ANSWER",
		Message:   "the answer cannot be read: " + cause.Error(),
		Status:    status,
		RequestID: header.Get("X-Request-Id"),
		kind:      ErrUnexpectedAnswer,
		cause:     cause,
	}
}
