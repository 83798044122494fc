package console

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"cordboard/table"
)

const (
	maxImport = 64 << 20 // bytes of a CSV file
	maxBody   = 64 << 10 // bytes of a row or a definition
)

// rowJSON is a row as programs get it.
type rowJSON struct {
	Key     string       `json:"key"`
	Values  table.Values `json:"values"`
	Version int64        `json:"version"`
	Changed time.Time    `json:"changed"`
	By      string       `json:"by"`
}

func newRowJSON(r table.Row) rowJSON { return rowJSON{r.Key, r.Values, r.Version, r.Changed, r.By} }

// author says in a table's history who it was: the user name that the browser or program gave.
func author(r *http.Request) string {
	if user, _, ok := r.BasicAuth(); ok && user != "" {
		return "console, " + user
	}
	return "console"
}

func (c *Console) tablesJSON(w http.ResponseWriter, r *http.Request) {
	all, err := c.cfg.Tables.List(r.Context())
	if err != nil {
		c.fail(w, r, err)
		return
	}
	answer(w, map[string]any{"tables": all})
}

func (c *Console) tableJSON(w http.ResponseWriter, r *http.Request) {
	d, err := c.cfg.Tables.Table(r.Context(), r.PathValue("table"))
	if err != nil {
		c.fail(w, r, err)
		return
	}
	answer(w, d)
}

func (c *Console) defineJSON(w http.ResponseWriter, r *http.Request) {
	var d table.Definition
	if err := readJSON(w, r, &d); err != nil {
		c.fail(w, r, err)
		return
	}
	if d.Name == "" {
		d.Name = r.PathValue("table")
	}
	if d.Name != r.PathValue("table") {
		c.fail(w, r, badRequest("The name in the body is not that of the address. Nothing was changed."))
		return
	}
	fresh, err := c.cfg.Tables.Define(r.Context(), d, author(r))
	if err != nil {
		c.fail(w, r, err)
		return
	}
	if fresh {
		w.WriteHeader(http.StatusCreated)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (c *Console) dropJSON(w http.ResponseWriter, r *http.Request) {
	if err := c.cfg.Tables.Drop(r.Context(), r.PathValue("table"), author(r)); err != nil {
		c.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (c *Console) rowsJSON(w http.ResponseWriter, r *http.Request) {
	d, err := c.cfg.Tables.Table(r.Context(), r.PathValue("table"))
	if err != nil {
		c.fail(w, r, err)
		return
	}
	q, err := tableQuery(r.URL.Query(), 100)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	p, err := c.cfg.Tables.Page(r.Context(), d, q)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	rows := make([]rowJSON, len(p.Rows))
	for i := range p.Rows {
		rows[i] = newRowJSON(p.Rows[i])
	}
	answer(w, map[string]any{"rows": rows, "earlier": p.Earlier, "later": p.Later, "total": p.Total})
}

// tableQuery reads which rows are wanted.
func tableQuery(v url.Values, limit int) (table.Query, error) {
	q := table.Query{Search: v.Get("q"), After: v.Get("after"), Before: v.Get("before"), Limit: limit, Count: true}
	if q.After != "" && q.Before != "" {
		return q, badRequest("\"after\" and \"before\" exclude each other.")
	}
	if s := v.Get("limit"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > 1000 {
			return q, badRequest("\"limit\" must be a number from 1 to 1000.")
		}
		q.Limit = n
	}
	return q, nil
}

func (c *Console) rowJSON(w http.ResponseWriter, r *http.Request) {
	f, err := c.cfg.Tables.Get(r.Context(), r.PathValue("table"), r.PathValue("key"))
	if err == nil && !f.There {
		err = table.ErrNoRow
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	w.Header().Set("ETag", etag(f.Version))
	answer(w, newRowJSON(f.Row))
}

// putRowJSON puts a whole row with PUT, and changes some of its columns with PATCH, where null empties one (RFC 7396).
func (c *Console) putRowJSON(w http.ResponseWriter, r *http.Request) {
	change := table.Change{Key: r.PathValue("key"), Whole: r.Method == http.MethodPut}
	err := readJSON(w, r, &change.Set)
	if err == nil {
		change.If, err = condition(r)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	f, err := c.cfg.Tables.Change(r.Context(), r.PathValue("table"), author(r), change)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	w.Header().Set("ETag", etag(f.Version))
	answer(w, newRowJSON(f.Row))
}

func (c *Console) deleteRowJSON(w http.ResponseWriter, r *http.Request) {
	change := table.Change{Key: r.PathValue("key"), Delete: true}
	var err error
	if change.If, err = condition(r); err == nil {
		_, err = c.cfg.Tables.Change(r.Context(), r.PathValue("table"), author(r), change)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// condition is the version that If-Match or If-None-Match (RFC 9110) wants; nil when neither is there.
func condition(r *http.Request) (*int64, error) {
	if none := r.Header.Get("If-None-Match"); none != "" {
		if none != "*" || r.Header.Get("If-Match") != "" {
			return nil, badRequest("If-None-Match may be *, for a row that is not there yet, and stands alone. Nothing was changed.")
		}
		return new(int64), nil
	}
	match := r.Header.Get("If-Match")
	if match == "" {
		return nil, nil
	}
	version, err := strconv.ParseInt(strings.Trim(match, `"`), 10, 64)
	if err != nil || version < 1 || etag(version) != match {
		return nil, badRequest("If-Match must be one ETag of the row. Nothing was changed.")
	}
	return &version, nil
}

func (c *Console) historyJSON(w http.ResponseWriter, r *http.Request) {
	d, entries, err := c.history(r, 100)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	answer(w, map[string]any{"table": d.Name, "changes": entries})
}

// history reads a part of a table's history, as the query asks for it.
func (c *Console) history(r *http.Request, limit int) (d table.Definition, entries []table.Entry, err error) {
	if d, err = c.cfg.Tables.Table(r.Context(), r.PathValue("table")); err != nil {
		return d, nil, err
	}
	before := int64(0)
	if s := r.URL.Query().Get("before"); s != "" {
		if before, err = strconv.ParseInt(s, 10, 64); err != nil || before < 1 {
			return d, nil, badRequest("\"before\" must be the number of a change.")
		}
	}
	entries, err = c.cfg.Tables.History(r.Context(), d, r.URL.Query().Get("key"), before, limit)
	if entries == nil {
		entries = []table.Entry{}
	}
	return d, entries, err
}

func (c *Console) importJSON(w http.ResponseWriter, r *http.Request) {
	n, err := c.cfg.Tables.Import(r.Context(), r.PathValue("table"), author(r), http.MaxBytesReader(w, r.Body, maxImport))
	if err != nil {
		c.fail(w, r, err)
		return
	}
	answer(w, map[string]any{"rows": n})
}

// exportCSV writes a table as a CSV file, row by row. What breaks it off breaks the connection, so that nobody takes a part for
// the whole.
func (c *Console) exportCSV(w http.ResponseWriter, r *http.Request) {
	d, err := c.cfg.Tables.Table(r.Context(), r.PathValue("table"))
	if err != nil {
		c.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", d.Name+".csv"))
	w.Header().Set("Cache-Control", "no-store")
	out := csv.NewWriter(w)
	out.UseCRLF = true
	row, err := d.WriteCSV(out)
	if err == nil {
		err = c.cfg.Tables.Each(r.Context(), d, row)
	}
	if err == nil {
		out.Flush()
		err = out.Error()
	}
	if err != nil {
		if r.Context().Err() == nil {
			c.cfg.Log.Error("console: an export broke off", "table", d.Name, "error", err)
		}
		panic(http.ErrAbortHandler)
	}
}

// readJSON reads a request's body, strictly.
func readJSON(w http.ResponseWriter, r *http.Request, v any) error {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	dec.UseNumber()
	dec.DisallowUnknownFields()
	err := dec.Decode(v)
	if err == nil {
		_, err = dec.Token()
	}
	if err != io.EOF {
		return badRequest("The body must be one JSON object of known fields, of at most 64 KiB. Nothing was changed.")
	}
	return nil
}
