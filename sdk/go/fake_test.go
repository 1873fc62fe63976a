// SPDX-License-Identifier: MIT OR Apache-2.0

package checkreality

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// asked is a request that came.
type asked struct {
	method, url string
	header      http.Header
	body        string
}

// fake answers with its replies in turn; the last one stays.
type fake struct {
	*httptest.Server
	mutex   sync.Mutex
	replies []http.HandlerFunc
	asked   []asked
}

func newFake(t *testing.T, replies ...http.HandlerFunc) *fake {
	t.Helper()
	f := &fake{replies: replies}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(func() {
		f.CloseClientConnections()
		f.Close()
	})
	return f
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	f.mutex.Lock()
	f.asked = append(f.asked, asked{r.Method, r.URL.RequestURI(), r.Header, string(body)})
	reply := f.replies[0]
	if len(f.replies) > 1 {
		f.replies = f.replies[1:]
	}
	f.mutex.Unlock()
	reply(w, r)
}

func (f *fake) all() []asked {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return append([]asked(nil), f.asked...)
}

func (f *fake) client(t *testing.T, config Config) *CheckRealClient {
	t.Helper()
	config.APIKey, config.BaseURL = "a-key", f.URL+"/v1"
	client, err := NewCheckRealClient(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// reply writes a body after headers, which are names and values in turn.
func reply(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func refusal(status int, code string, headers ...string) http.HandlerFunc {
	body := fmt.Sprintf(`{"error": {"code": %q, "message": "No.", "request_id": "req_1"}}`, code)
	return reply(status, body, headers...)
}

// silent answers nothing until the client is gone.
func silent(_ http.ResponseWriter, r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-time.After(5 * time.Second):
	}
}

var usage = reply(200, `{"organisation": "acme"}`)

func equal[T comparable](t *testing.T, what string, found, expected T) {
	t.Helper()
	if found != expected {
		t.Errorf("%s: found %v, expected %v", what, found, expected)
	}
}
