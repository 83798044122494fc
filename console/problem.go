package console

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"cordboard/engine"
	"cordboard/table"
)

// problem is an error answer after RFC 9457.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	// Lines are the mistakes of a file that was to be taken in.
	Lines []table.LineError `json:"lines,omitempty"`
}

// fail answers with an error: a page for browsers, problem+json for programs.
func (c *Console) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // whoever asked has gone
	}
	p := problemOf(err)
	if p.Status == http.StatusInternalServerError {
		c.cfg.Log.Error("console", "path", r.Pattern, "error", err) // an address may hold a key, which may be a number
	}
	if strings.HasPrefix(r.URL.Path, "/api/") {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(p.Status)
		json.NewEncoder(w).Encode(p)
		return
	}
	c.renderAs(w, r, p.Status, "error", page{Title: p.Title, Place: "", Data: p})
}

// problemOf puts an error into words for people.
func problemOf(err error) problem {
	p := problem{Type: "about:blank", Title: "Something went wrong", Status: http.StatusInternalServerError}
	bad, isBad := errors.AsType[badRequest](err)
	if ofTable(err, &p) {
		return p
	}
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

// ofTable puts an error of a data table into words; it reports false when it is none.
func ofTable(err error, p *problem) bool {
	mistakes, isFile := errors.AsType[*table.ImportError](err)
	switch {
	case isFile:
		p.Title, p.Status, p.Detail, p.Lines = "The file has mistakes", http.StatusUnprocessableEntity, "Nothing of it was taken in.", mistakes.Lines
	case errors.Is(err, table.ErrNoTable):
		p.Title, p.Status, p.Detail = "Not found", http.StatusNotFound, "There is no table of this name."
	case errors.Is(err, table.ErrNoRow):
		p.Title, p.Status, p.Detail = "Not found", http.StatusNotFound, "The table has no row with this key."
	case errors.Is(err, table.ErrValue):
		p.Title, p.Status, p.Detail = "It does not fit", http.StatusUnprocessableEntity, err.Error()+". Nothing was changed."
	case errors.Is(err, table.ErrChanged):
		p.Title, p.Status, p.Detail = "Somebody was quicker", http.StatusPreconditionFailed, "The row is not at the version that was asked for. Nothing was changed: read it again."
	case errors.Is(err, table.ErrOfFile), errors.Is(err, table.ErrKept):
		p.Title, p.Status, p.Detail = "That cannot be changed", http.StatusConflict, err.Error()+". Nothing was changed."
	default:
		return false
	}
	return true
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
