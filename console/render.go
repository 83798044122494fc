package console

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"cordboard/config"
)

//go:embed web
var web embed.FS

// page is what every template gets.
type page struct {
	Title   string
	Place   string // the part of the navigation that it belongs to
	Version string
	Data    any
}

// parsePages reads each page together with the frame around it.
func parsePages() (map[string]*template.Template, error) {
	pages := map[string]*template.Template{}
	for _, name := range []string{"calls", "story", "workflows", "workflow", "attention", "connections", "tables", "table", "tablehistory", "calling", "error"} {
		t, err := template.New("frame.html").Funcs(funcs).ParseFS(web, "web/frame.html", "web/parts.html", "web/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("console: page %s: %w", name, err)
		}
		pages[name] = t
	}
	return pages, nil
}

var funcs = template.FuncMap{
	"mask":   mask,
	"phase":  phaseWord,
	"step":   stepWord,
	"length": length,
	"clock":  func(t time.Time) string { return clock(t, time.Now()) },
	"full":   func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) },
	"pretty": pretty,
	"join":   func(words any, sep string) string { return joinWords(words, sep) },
	"pct":    func(f float64) string { return fmt.Sprintf("%.2f%%", f) },
	"path":   func(part any) string { return url.PathEscape(fmt.Sprint(part)) },
	"add":    func(a, b float64) float64 { return a + b },
	"millis": func(ms float64) string { return length(time.Duration(ms * float64(time.Millisecond))) },
	"span":   func(d config.Duration) string { return strings.TrimSuffix(strings.TrimSuffix(d.String(), "0s"), "0m") },
	"hide":   func(text string) string { return anybody.text(text) },
	"mid":    func(x, w float64) string { return fmt.Sprintf("%.2f%%", x+w/2) },
}

// render writes a page, or only its changing part when the query asks for the fragment.
func (c *Console) render(w http.ResponseWriter, r *http.Request, name string, p page) {
	c.renderAs(w, r, http.StatusOK, name, p)
}

// renderAs is render with a status.
func (c *Console) renderAs(w http.ResponseWriter, r *http.Request, status int, name string, p page) {
	p.Version = c.cfg.Version
	block := "frame.html"
	if r.URL.Query().Has("fragment") {
		block = "main"
	}
	var b bytes.Buffer
	if err := c.pages[name].ExecuteTemplate(&b, block, p); err != nil {
		c.cfg.Log.Error("console: a page could not be rendered", "page", name, "error", err)
		http.Error(w, "This page could not be rendered. The server's log has the cause.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	b.WriteTo(w)
}

// static serves the style sheet and the script.
func static() http.Handler {
	files := http.FileServerFS(web)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, ".css") && !strings.HasSuffix(r.URL.Path, ".js") && !strings.HasSuffix(r.URL.Path, ".svg") {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "max-age=300")
		http.StripPrefix("/static/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.URL.Path = "/web/" + r.URL.Path
			files.ServeHTTP(w, r)
		})).ServeHTTP(w, r)
	})
}

// pretty shows JSON over several lines, and anything else as it is.
func pretty(raw any) string {
	var src []byte
	switch v := raw.(type) {
	case json.RawMessage:
		src = v
	case []byte:
		src = v
	case string:
		src = []byte(v)
	default:
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false) // the template does that
		if enc.Encode(v) != nil {
			return ""
		}
		src = bytes.TrimSpace(b.Bytes())
	}
	var b bytes.Buffer
	if json.Indent(&b, src, "", "  ") != nil {
		return string(src)
	}
	return b.String()
}

func joinWords(words any, sep string) string {
	switch v := words.(type) {
	case []string:
		return strings.Join(v, sep)
	default:
		return strings.Join(strings.Fields(strings.Trim(fmt.Sprint(v), "[]")), sep)
	}
}
