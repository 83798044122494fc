package server

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"cordboard/platform"
)

// told is a connector that answers with the path it was asked for.
type told struct{}

func (told) Run(ctx context.Context, _ platform.Sink) error { <-ctx.Done(); return nil }
func (told) Receive(w http.ResponseWriter, r *http.Request) {
	fmt.Fprint(w, r.Method, " ", r.URL.Path, "?", r.URL.RawQuery)
}

// deaf is a connector that nobody can send to.
type deaf struct{}

func (deaf) Run(ctx context.Context, _ platform.Sink) error { <-ctx.Done(); return nil }

func TestReceive(t *testing.T) {
	s := &Server{receivers: receiversOf([]platform.Managed{{Name: "aws east", Connector: told{}}, {Name: "finesse", Connector: deaf{}}})}
	mux := http.NewServeMux()
	mux.HandleFunc(receivePath, s.receive)
	for _, c := range []struct {
		path, body string
		status     int
	}{
		{"/in/aws%20east/events/contact?x=1", "POST /events/contact?x=1", 200},
		{"/in/aws%20east/", "POST /?", 200},
		{"/in/finesse/events", "", 404},
		{"/in/nobody/", "", 404},
	} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodPost, c.path, nil))
		if w.Code != c.status || (c.body != "" && w.Body.String() != c.body) {
			t.Errorf("%s: %d %q, want %d %q", c.path, w.Code, w.Body, c.status, c.body)
		}
	}
}
