package console

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"cordboard/engine"
)

// problem is an error answer after RFC 9457.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
}

// fail answers with an error: a page for browsers, problem+json for programs.
func (c *Console) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // whoever asked has gone
	}
	p := problemOf(err)
	if p.Status == http.StatusInternalServerError {
		c.cfg.Log.Error("console", "path", r.URL.Path, "error", err)
	}
	if strings.HasPrefix(r.URL.Path, "/api/") {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(p.Status)
		json.NewEncoder(w).Encode(p)
		return
	}
	w.WriteHeader(p.Status)
	c.render(w, r, "error", page{Title: p.Title, Place: "", Data: p})
}

// problemOf puts an error into words for people.
func problemOf(err error) problem {
	p := problem{Type: "about:blank", Title: "Something went wrong", Status: http.StatusInternalServerError}
	bad, isBad := errors.AsType[badRequest](err)
	switch {
	case isBad:
		p.Title, p.Status, p.Detail = "That cannot be answered", http.StatusBadRequest, string(bad)
	case errors.Is(err, engine.ErrNotFound), errors.Is(err, engine.ErrNoStep):
		p.Title, p.Status, p.Detail = "Not found", http.StatusNotFound, "There is no such thing here. It may have been pruned: see the retention in your configuration."
	case errors.Is(err, engine.ErrBadOrder):
		p.Title, p.Status, p.Detail = "That cannot be answered", http.StatusBadRequest, "The arguments must be a JSON object. Nothing was changed."
	case errors.Is(err, engine.ErrRunning):
		p.Title, p.Status, p.Detail = "It is being tried already", http.StatusConflict, "The step is being performed right now. Look again in a moment."
	case errors.Is(err, engine.ErrFinal):
		p.Title, p.Status, p.Detail = "It is over", http.StatusConflict, "The step is done, or its workflow only watches: there is nothing to try again."
	case errors.Is(err, engine.ErrStopped):
		p.Title, p.Status, p.Detail = "The server is stopping", http.StatusServiceUnavailable, "Nothing was changed. Try again when it is back."
	default:
		p.Detail = "The server could not read its journal. Its log has the cause."
	}
	return p
}

// badRequest is a request that cannot be answered; it is the sentence that says why.
type badRequest string

func (b badRequest) Error() string { return string(b) }

func (c *Console) notFound(w http.ResponseWriter, r *http.Request) { c.fail(w, r, engine.ErrNotFound) }

// answer writes v as JSON.
func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	json.NewEncoder(w).Encode(v)
}
