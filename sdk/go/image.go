// SPDX-License-Identifier: MIT OR Apache-2.0

package checkreality

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"os"
)

// Options are what to do with an image; the zero value leaves all to the API.
type Options struct {
	// Models are the detectors to run, as GetDetectors names them, or "all".
	Models []string `json:"models,omitempty"`
	// MetadataAnalysis false leaves the metadata detector out.
	MetadataAnalysis *bool `json:"metadata_analysis,omitempty"`
	// ReturnHeatmap says whether drawings of what was localised are part of the answer.
	ReturnHeatmap bool `json:"return_heatmap,omitempty"`
	// Policy is one of GetPolicies.
	Policy string `json:"policy,omitempty"`

	webhookURL string
}

// Bool is a pointer to a value, for Options.
func Bool(value bool) *bool { return &value }

// AnalyzeRequest is one image, in one of five forms, and what to do with it.
type AnalyzeRequest struct {
	ImageURL    string
	ImageBase64 string
	ImagePath   string
	Image       []byte
	// ImageReader is read to its end, so that a request can be sent again.
	ImageReader io.Reader
	// ReferenceID is your own name for it, at most 256 bytes.
	ReferenceID string
	// ClaimedAt is when it is said to have been taken: an RFC 3339 date or time.
	ClaimedAt string
	Options   Options
	// IdempotencyKey is random unless said: a request that is sent again under it within a day gets the
	// first answer.
	IdempotencyKey string
}

// BatchImage is one image of a batch, in one of five forms.
type BatchImage struct {
	ImageURL    string
	ImageBase64 string
	ImagePath   string
	Image       []byte
	ImageReader io.Reader
	ReferenceID string
	ClaimedAt   string
}

// BatchRequest is many images, and what to do with them.
type BatchRequest struct {
	Images  []BatchImage
	Options Options
	// WebhookURL is told that all are done.
	WebhookURL       string
	BatchReferenceID string
	IdempotencyKey   string
}

type contextBody struct {
	ClaimedAt string `json:"claimed_at"`
}

type imageBody struct {
	ImageURL string `json:"image_url,omitempty"`
	// Either a text, or bytes, which encoding/json writes in base64.
	ImageBase64 any           `json:"image_base64,omitempty"`
	ReferenceID string        `json:"reference_id,omitempty"`
	Options     *wiredOptions `json:"options,omitempty"`
	Context     *contextBody  `json:"context,omitempty"`
}

type wiredOptions struct {
	Options
	WebhookURL string `json:"webhook_url,omitempty"`
}

func (o Options) wired() *wiredOptions { return &wiredOptions{o, o.webhookURL} }

// bytes are those of an image that is not named by a text; nil where it is.
func (i BatchImage) bytes() ([]byte, error) {
	given := 0
	for _, is := range []bool{
		i.ImageURL != "", i.ImageBase64 != "", i.ImagePath != "", i.Image != nil, i.ImageReader != nil,
	} {
		if is {
			given++
		}
	}
	switch {
	case given != 1:
		return nil, errors.New("checkreality: expected one of ImageURL, ImageBase64, ImagePath, Image, ImageReader")
	case i.ImagePath != "":
		return notNil(os.ReadFile(i.ImagePath))
	case i.ImageReader != nil:
		return notNil(io.ReadAll(i.ImageReader))
	}
	return i.Image, nil
}

// notNil tells an empty image from none.
func notNil(data []byte, err error) ([]byte, error) {
	if data == nil && err == nil {
		data = []byte{}
	}
	return data, err
}

func (i BatchImage) body(data []byte) imageBody {
	body := imageBody{ImageURL: i.ImageURL, ReferenceID: i.ReferenceID}
	if data != nil {
		body.ImageBase64 = data
	} else if i.ImageBase64 != "" {
		body.ImageBase64 = i.ImageBase64
	}
	if i.ClaimedAt != "" {
		body.Context = &contextBody{i.ClaimedAt}
	}
	return body
}

func (r AnalyzeRequest) call(webhookURL string) (call, error) {
	image := BatchImage{
		r.ImageURL, r.ImageBase64, r.ImagePath, r.Image, r.ImageReader, r.ReferenceID, r.ClaimedAt,
	}
	data, err := image.bytes()
	if err != nil {
		return call{}, err
	}
	r.Options.webhookURL = webhookURL
	if data != nil {
		return form(image, data, r.Options, r.IdempotencyKey)
	}
	body := image.body(nil)
	body.Options = r.Options.wired()
	return post("/analyze", body, r.IdempotencyKey)
}

// form is a request whose bytes go as they are, a third smaller than in base64.
func form(image BatchImage, data []byte, options Options, idempotencyKey string) (call, error) {
	var body bytes.Buffer
	writer := multipart.NewWriter(&body)
	fields := map[string]any{"options": options.wired()}
	if image.ClaimedAt != "" {
		fields["context"] = contextBody{image.ClaimedAt}
	}
	for name, value := range fields {
		text, err := json.Marshal(value)
		if err != nil {
			return call{}, err
		}
		// A buffer takes everything.
		_ = writer.WriteField(name, string(text))
	}
	if image.ReferenceID != "" {
		_ = writer.WriteField("reference_id", image.ReferenceID)
	}
	part, err := writer.CreateFormFile("image", "image")
	if err != nil {
		return call{}, err
	}
	_, _ = part.Write(data)
	_ = writer.Close()
	kind := writer.FormDataContentType()
	return call{http.MethodPost, "/analyze", kind, body.Bytes(), idempotencyKey}, nil
}

func (r BatchRequest) call() (call, error) {
	images := make([]imageBody, 0, len(r.Images))
	for _, image := range r.Images {
		data, err := image.bytes()
		if err != nil {
			return call{}, err
		}
		images = append(images, image.body(data))
	}
	body := struct {
		Images           []imageBody `json:"images"`
		Options          Options     `json:"options"`
		WebhookURL       string      `json:"webhook_url,omitempty"`
		BatchReferenceID string      `json:"batch_reference_id,omitempty"`
	}{images, r.Options, r.WebhookURL, r.BatchReferenceID}
	return post("/analyze/batch", body, r.IdempotencyKey)
}
