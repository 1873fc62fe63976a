// SPDX-License-Identifier: MIT OR Apache-2.0

package checkreality

import (
	"encoding/json"
	"time"
)

// Words of the API.
const (
	LabelAuthentic    = "AUTHENTIC"
	LabelAIGenerated  = "AI_GENERATED"
	LabelManipulated  = "MANIPULATED"
	LabelInconclusive = "INCONCLUSIVE"

	RiskLow    = "LOW"
	RiskMedium = "MEDIUM"
	RiskHigh   = "HIGH"

	StatusComplete   = "complete"
	StatusFailed     = "failed"
	StatusProcessing = "processing"

	BatchProcessing = "PROCESSING"
	BatchComplete   = "COMPLETE"

	EventAnalysisComplete = "analysis.complete"
	EventAnalysisFailed   = "analysis.failed"
	EventBatchComplete    = "batch.complete"
)

// Verdict is what the policy makes of an image.
type Verdict struct {
	// Label is LabelAuthentic, LabelAIGenerated, LabelManipulated or LabelInconclusive.
	Label string `json:"label"`
	// Confidence is how sure the label is, 0..=1.
	Confidence float64 `json:"confidence"`
	// RiskLevel is RiskLow, RiskMedium or RiskHigh.
	RiskLevel string `json:"risk_level"`
	// Risk is the probability that the image is not authentic, 0..=1.
	Risk         float64 `json:"risk"`
	PAIGenerated float64 `json:"p_ai_generated"`
	PManipulated float64 `json:"p_manipulated"`
	// Reasons say why, the weightiest first.
	Reasons []Reason `json:"reasons"`
}

// Reason is one for a verdict.
type Reason struct {
	Code      string   `json:"code"`
	Text      string   `json:"text"`
	Detectors []string `json:"detectors"`
}

// ModelResult is what one detector answered.
type ModelResult struct {
	// Score is within 0..=1; nil without an answer.
	Score    *float64  `json:"score"`
	Label    string    `json:"label"`
	Detail   string    `json:"detail"`
	Status   string    `json:"status"`
	Findings []Finding `json:"findings"`
	Version  string    `json:"version"`
	Digest   string    `json:"digest"`
	// DurationMS is how long it took, ms.
	DurationMS float64 `json:"duration_ms"`
	// Raw has what the detector tells besides: exif_present, gps_present, …
	Raw json.RawMessage `json:"-"`
}

// UnmarshalJSON keeps the whole object.
func (m *ModelResult) UnmarshalJSON(data []byte) error {
	type plain ModelResult
	if err := json.Unmarshal(data, (*plain)(m)); err != nil {
		return err
	}
	m.Raw = append(json.RawMessage(nil), data...)
	return nil
}

// Finding is one observation of a detector.
type Finding struct {
	Code     string         `json:"code"`
	Severity string         `json:"severity"`
	Text     string         `json:"text"`
	Values   map[string]any `json:"values"`
	Regions  []Region       `json:"regions"`
}

// Region is a box in the stored picture, px.
type Region struct {
	X      int `json:"x"`
	Y      int `json:"y"`
	Width  int `json:"width"`
	Height int `json:"height"`
}

// ImageInfo is a picture's file.
type ImageInfo struct {
	Width         int    `json:"width"`
	Height        int    `json:"height"`
	Format        string `json:"format"`
	FileSizeBytes int64  `json:"file_size_bytes"`
	SHA256        string `json:"sha256"`
}

// AppliedPolicy is the one that a verdict was made by.
type AppliedPolicy struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Digest  string `json:"digest"`
}

// Heatmap is where in the picture, as PNGs in base64.
type Heatmap struct {
	OverlayPNG []byte   `json:"overlay_png_base64"`
	MaskPNG    []byte   `json:"mask_png_base64"`
	Width      int      `json:"width"`
	Height     int      `json:"height"`
	CellPx     int      `json:"cell_px"`
	Regions    []Region `json:"regions"`
}

// Failure is why an image could not be examined.
type Failure struct {
	Code      string `json:"code"`
	Message   string `json:"message"`
	RequestID string `json:"request_id"`
}

// Analysis is an image that was examined; of one that was accepted, Status is StatusProcessing, or
// StatusFailed with Error.
type Analysis struct {
	RequestID   string  `json:"request_id"`
	ReferenceID string  `json:"reference_id"`
	Status      string  `json:"status"`
	ProcessedAt string  `json:"processed_at"`
	Verdict     Verdict `json:"verdict"`
	// ModelResults are by result key: gan_detection, metadata_analysis, …
	ModelResults     map[string]ModelResult `json:"model_results"`
	ImageInfo        ImageInfo              `json:"image_info"`
	ProcessingTimeMS int64                  `json:"processing_time_ms"`
	Policy           AppliedPolicy          `json:"policy"`
	// Stability is what came of copies, where the policy asks for it.
	Stability json.RawMessage `json:"stability"`
	Heatmap   *Heatmap        `json:"heatmap"`
	Error     *Failure        `json:"error"`
	// Raw is the API's own JSON, with fields that this version does not know.
	Raw json.RawMessage `json:"-"`
}

// Accepted is an image that is examined later.
type Accepted struct {
	RequestID   string          `json:"request_id"`
	ReferenceID string          `json:"reference_id"`
	Status      string          `json:"status"`
	StatusURL   string          `json:"status_url"`
	Raw         json.RawMessage `json:"-"`
}

// BatchAccepted is a batch that is examined later.
type BatchAccepted struct {
	BatchID                    string          `json:"batch_id"`
	BatchReferenceID           string          `json:"batch_reference_id"`
	ImageCount                 int             `json:"image_count"`
	EstimatedCompletionSeconds int             `json:"estimated_completion_seconds"`
	StatusURL                  string          `json:"status_url"`
	Raw                        json.RawMessage `json:"-"`
}

// BatchResult is one image of a batch: StatusComplete with a verdict, or StatusFailed with the error.
type BatchResult struct {
	RequestID   string   `json:"request_id"`
	ReferenceID string   `json:"reference_id"`
	Status      string   `json:"status"`
	Verdict     *Verdict `json:"verdict"`
	Error       *Failure `json:"error"`
}

// Batch is how far a batch is.
type Batch struct {
	BatchID          string `json:"batch_id"`
	BatchReferenceID string `json:"batch_reference_id"`
	// Status is BatchProcessing or BatchComplete.
	Status    string `json:"status"`
	Total     int    `json:"total"`
	Completed int    `json:"completed"`
	Failed    int    `json:"failed"`
	// Results are in the order of completion.
	Results []BatchResult `json:"results"`
	// NextCursor is empty where no further page will come.
	NextCursor string          `json:"next_cursor"`
	Raw        json.RawMessage `json:"-"`
}

// Detector is one of GetDetectors.
type Detector struct {
	Model     string `json:"model"`
	ResultKey string `json:"result_key"`
	Title     string `json:"title"`
	Kind      string `json:"kind"`
	Version   string `json:"version"`
	Digest    string `json:"digest"`
}

// Policy is one of GetPolicies.
type Policy struct {
	Name        string `json:"name"`
	Version     string `json:"version"`
	Description string `json:"description"`
	Digest      string `json:"digest"`
	IsDefault   bool   `json:"is_default"`
}

// Usage is what an organisation may do and has done.
type Usage struct {
	Organisation      string          `json:"organisation"`
	Plan              string          `json:"plan"`
	RequestsPerMinute int64           `json:"requests_per_minute"`
	BatchSize         int64           `json:"batch_size"`
	Day               UsageOfDay      `json:"day"`
	Raw               json.RawMessage `json:"-"`
}

// UsageOfDay is the images of a day (UTC).
type UsageOfDay struct {
	Limit int64 `json:"limit"`
	Used  int64 `json:"used"`
	// Reset is when the next day begins, Unix seconds.
	Reset int64 `json:"reset"`
}

// RateLimit is where the organisation stands in the minute.
type RateLimit struct {
	Limit     int64
	Remaining int64
	Reset     time.Time
}

// WebhookEvent is what a webhook tells.
type WebhookEvent struct {
	// Event is EventAnalysisComplete, EventAnalysisFailed or EventBatchComplete.
	Event              string   `json:"event"`
	WebhookDeliveredAt string   `json:"webhook_delivered_at"`
	RequestID          string   `json:"request_id"`
	ReferenceID        string   `json:"reference_id"`
	Verdict            *Verdict `json:"verdict"`
	Error              *Failure `json:"error"`
	BatchID            string   `json:"batch_id"`
	BatchReferenceID   string   `json:"batch_reference_id"`
	Total              int      `json:"total"`
	Completed          int      `json:"completed"`
	Failed             int      `json:"failed"`
	// Summary counts images by label.
	Summary map[string]int  `json:"summary"`
	Raw     json.RawMessage `json:"-"`
}
