// SPDX-License-Identifier: MIT OR Apache-2.0

package checkreality

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// DefaultBaseURL is the API of the region us-east-1.
const DefaultBaseURL = "https://api.checkreality.ai/v1"

// Config is what a client is told; the zero value takes everything from the environment.
type Config struct {
	// APIKey; without it the environment's CHECKREAL_API_KEY.
	APIKey string
	// BaseURL with /v1; without it the environment's CHECKREAL_BASE_URL, or DefaultBaseURL.
	BaseURL string
	// Timeout is until an attempt must have been answered; a minute unless said.
	Timeout time.Duration
	// MaxAttempts of one request; 4 unless said, 1 tries nothing again.
	MaxAttempts int
	// MaxRetryAfter is the longest Retry-After that is waited for; a minute unless said.
	MaxRetryAfter time.Duration
	// Transport takes the place of http.DefaultTransport.
	Transport http.RoundTripper
}

// CheckRealClient asks the API. It may be used by many goroutines.
type CheckRealClient struct {
	config Config
	http   *http.Client

	mutex     sync.Mutex
	rateLimit *RateLimit
}

// NewCheckRealClient checks the configuration. It fails without a key, or with an address that is none.
func NewCheckRealClient(config Config) (*CheckRealClient, error) {
	or := func(given *string, choices ...string) {
		for _, choice := range choices {
			if *given == "" {
				*given = choice
			}
		}
	}
	or(&config.APIKey, os.Getenv("CHECKREAL_API_KEY"))
	or(&config.BaseURL, os.Getenv("CHECKREAL_BASE_URL"), DefaultBaseURL)
	config.APIKey = strings.TrimSpace(config.APIKey)
	if config.APIKey == "" || !isPlain(config.APIKey) || strings.Contains(config.APIKey, " ") {
		return nil, errors.New("checkreality: APIKey is needed: pass it, or set CHECKREAL_API_KEY")
	}
	base, err := url.Parse(config.BaseURL)
	if err != nil || (base.Scheme != "https" && base.Scheme != "http") || base.Host == "" {
		return nil, errors.New("checkreality: BaseURL must be https://HOST/v1")
	}
	config.BaseURL = strings.TrimRight(config.BaseURL, "/")
	if config.Timeout <= 0 {
		config.Timeout = time.Minute
	}
	if config.MaxAttempts <= 0 {
		config.MaxAttempts = 4
	}
	if config.MaxRetryAfter <= 0 {
		config.MaxRetryAfter = time.Minute
	}
	// The key goes to nobody else.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client := &http.Client{Transport: config.Transport, CheckRedirect: stay}
	return &CheckRealClient{config: config, http: client}, nil
}

// RateLimit is where the organisation stood in the minute at the last answer; false before the first.
func (c *CheckRealClient) RateLimit() (RateLimit, bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.rateLimit == nil {
		return RateLimit{}, false
	}
	return *c.rateLimit, true
}

// Analyze examines one image.
func (c *CheckRealClient) Analyze(ctx context.Context, request AnalyzeRequest) (*Analysis, error) {
	asked, err := request.call("")
	if err != nil {
		return nil, err
	}
	var result Analysis
	if err := c.ask(ctx, asked, &result, &result.Raw); err != nil {
		return nil, err
	}
	if result.Verdict.Label == "" {
		return nil, unexpected(http.StatusOK, http.Header{}, errors.New("it has no verdict"))
	}
	return &result, nil
}

// AnalyzeLater has one image examined while nobody waits; the webhook is told.
func (c *CheckRealClient) AnalyzeLater(
	ctx context.Context, request AnalyzeRequest, webhookURL string,
) (*Accepted, error) {
	asked, err := request.call(webhookURL)
	if err != nil {
		return nil, err
	}
	var result Accepted
	if err := c.ask(ctx, asked, &result, &result.Raw); err != nil {
		return nil, err
	}
	return &result, nil
}

// AnalyzeBatch has many images examined; a batch that is too large for the plan is refused, not split.
func (c *CheckRealClient) AnalyzeBatch(ctx context.Context, request BatchRequest) (*BatchAccepted, error) {
	asked, err := request.call()
	if err != nil {
		return nil, err
	}
	var result BatchAccepted
	if err := c.ask(ctx, asked, &result, &result.Raw); err != nil {
		return nil, err
	}
	return &result, nil
}

// GetBatch is how far a batch is, with a page of at most limit results behind cursor; 0 and "" leave
// both to the API.
func (c *CheckRealClient) GetBatch(
	ctx context.Context, batchID string, limit int, cursor string,
) (*Batch, error) {
	query := url.Values{}
	if limit > 0 {
		query.Set("limit", strconv.Itoa(limit))
	}
	if cursor != "" {
		query.Set("cursor", cursor)
	}
	var result Batch
	path := "/batches/" + url.PathEscape(batchID) + "?" + query.Encode()
	if err := c.ask(ctx, get(path), &result, &result.Raw); err != nil {
		return nil, err
	}
	return &result, nil
}

// GetAnalysis is an answer once more, or how far it is: Status tells.
func (c *CheckRealClient) GetAnalysis(ctx context.Context, requestID string) (*Analysis, error) {
	var result Analysis
	path := "/analyses/" + url.PathEscape(requestID)
	if err := c.ask(ctx, get(path), &result, &result.Raw); err != nil {
		return nil, err
	}
	return &result, nil
}

// GetHeatmap is where in the picture, as a PNG: layer is "mask", or "colour" to lay over it.
func (c *CheckRealClient) GetHeatmap(ctx context.Context, requestID, layer string) ([]byte, error) {
	path := "/analyses/" + url.PathEscape(requestID) + "/heatmap.png"
	if layer != "" {
		path += "?layer=" + url.QueryEscape(layer)
	}
	found, err := c.send(ctx, get(path))
	if err != nil {
		return nil, err
	}
	return found.body, nil
}

// GetDetectors lists the detectors, in the order of results.
func (c *CheckRealClient) GetDetectors(ctx context.Context) ([]Detector, error) {
	var list struct {
		Detectors []Detector `json:"detectors"`
	}
	err := c.ask(ctx, get("/detectors"), &list, nil)
	return list.Detectors, err
}

// GetPolicies lists the policies that a request may name.
func (c *CheckRealClient) GetPolicies(ctx context.Context) ([]Policy, error) {
	var list struct {
		Policies []Policy `json:"policies"`
	}
	err := c.ask(ctx, get("/policies"), &list, nil)
	return list.Policies, err
}

// GetUsage is what the organisation may do and has done today.
func (c *CheckRealClient) GetUsage(ctx context.Context) (*Usage, error) {
	var result Usage
	if err := c.ask(ctx, get("/usage"), &result, &result.Raw); err != nil {
		return nil, err
	}
	return &result, nil
}

func get(path string) call {
	return call{method: http.MethodGet, path: strings.TrimSuffix(path, "?")}
}

func post(path string, body any, idempotencyKey string) (call, error) {
	text, err := json.Marshal(body)
	return call{http.MethodPost, path, "application/json", text, idempotencyKey}, err
}
