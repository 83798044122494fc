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
	p := problem{Type: "about:blank", Title: "Something went wrong", Status: http.StatusInternalServerError}
	switch {
	case errors.Is(err, engine.ErrNotFound):
		p.Title, p.Status, p.Detail = "Not found", http.StatusNotFound, "There is no such thing here. It may have been pruned: see the retention in your configuration."
	case errors.Is(err, errBadRequest):
		p.Title, p.Status, p.Detail = "That cannot be answered", http.StatusBadRequest, err.Error()
	default:
		p.Detail = "The server could not read its journal. Its log has the cause."
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

var errBadRequest = errors.New("bad request")

func (c *Console) notFound(w http.ResponseWriter, r *http.Request) { c.fail(w, r, engine.ErrNotFound) }

// answer writes v as JSON.
func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	json.NewEncoder(w).Encode(v)
}
