package salesforce

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// The API versions served. 31 is the oldest the platform still serves; the documents used describe 46 to 68.
const (
	oldestVersion = 31
	newestVersion = 68
)

// request is one call of a REST resource, by HTTP or as a part of a composite call.
type request struct {
	tx      *tx
	method  string
	version int
	root    string   // "/services/data/v68.0"
	parts   []string // of the path below root, unescaped
	query   url.Values
	body    any // decoded JSON with json.Number; nil for none
}

// ServeHTTP serves the org: its API, its record pages and, under /_sim/, the knobs and the eyes of a test.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer s.log.changed()
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/_sim/"):
		s.serveSim(w, r)
	case path == "/services/oauth2/token":
		s.serveToken(w, r)
	case path == authorizePath:
		s.serveAuthorize(w, r)
	case path == discoveryPath:
		s.serveDiscovery(w, r)
	case path == keysPath:
		s.serveKeys(w, r)
	case path == "/services/oauth2/userinfo", strings.HasPrefix(path, "/id/"):
		s.identity(w, r)
	case path == "/services/oauth2/revoke":
		w.WriteHeader(http.StatusOK)
	case path == "/services/data", path == "/services/data/":
		s.calls.count("versions")
		writeJSON(w, http.StatusOK, versions())
	case strings.HasPrefix(path, "/services/data/"):
		s.serveAPI(w, r)
	default:
		s.servePage(w, r)
	}
}

func versions() []map[string]string {
	seasons := []string{"Summer", "Winter", "Spring"}
	list := []map[string]string{}
	for v := oldestVersion; v <= newestVersion; v++ {
		i := v - 31 // Summer '14
		season, year := seasons[i%3], 14+(i+2)/3
		n := strconv.Itoa(v)
		list = append(list, map[string]string{"label": season + " '" + strconv.Itoa(year), "url": "/services/data/v" + n + ".0", "version": n + ".0"})
	}
	return list
}

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	start := s.cfg.Now()
	if len(r.RequestURI) > 16384 {
		writeJSON(w, http.StatusRequestURITooLong, []*apiError{fail("URI_TOO_LONG", "URI Too Long")})
		return
	}
	if s.faultBefore(w, r) {
		return
	}
	user, ok := s.session(r)
	if !ok {
		expired(w)
		return
	}
	usage, within := s.calls.spend(start)
	w.Header().Set("Sforce-Limit-Info", usage+s.perApp())
	if f, hit := s.faults.onRequest(RequestLimit, r); hit || !within {
		s.calls.count("refused")
		writeJSON(w, http.StatusForbidden, []*apiError{fail("REQUEST_LIMIT_EXCEEDED", "%s", or(f.Message, "TotalRequests Limit exceeded."))})
		return
	}
	q, err := parseRequest(r)
	if err != nil {
		s.finish(w, err.answer(""))
		return
	}
	q.tx = &tx{s: s, start: start, user: user, path: r.URL.Path, version: q.root}
	q.tx.readHeaders(r)
	a := s.perform(q)
	if len(q.tx.undo) > 0 {
		if _, hit := s.faults.onRequest(ResetAfterCommit, r); hit {
			reset(w)
		}
	}
	s.cfg.Log.Debug("salesforce simulator", "call", q.tx.kind, "status", a.status, "writes", len(q.tx.undo))
	s.finish(w, a)
}

// perform runs a request under the org's lock and commits what it wrote.
func (s *Server) perform(q *request) answer {
	kind, handle := s.resource(q)
	q.tx.kind = kind
	s.calls.count(kind)
	if q.method == http.MethodGet || kind == "search" {
		s.mu.RLock()
		defer s.mu.RUnlock()
		q.tx.now = s.cfg.Now()
		return handle(q)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q.tx.now = s.cfg.Now()
	a := handle(q)
	s.log.commit(q.tx)
	return a
}

// faultBefore applies the faults that strike before anything is read; it says whether the request is over.
func (s *Server) faultBefore(w http.ResponseWriter, r *http.Request) bool {
	if s.faults.armed.Load() == 0 {
		return false
	}
	if f, hit := s.faults.onRequest(Slow, r); hit {
		timer := time.NewTimer(time.Duration(f.Delay))
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return true
		}
	}
	if _, hit := s.faults.onRequest(ResetBeforeCommit, r); hit {
		reset(w)
	}
	if _, hit := s.faults.onRequest(HTML503, r); hit {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusServiceUnavailable)
		io.WriteString(w, "<html><head><title>Service Unavailable</title></head><body><h1>503 Service Unavailable</h1><p>We are down for maintenance.</p></body></html>\n")
		return true
	}
	if f, hit := s.faults.onRequest(ServerError, r); hit {
		writeJSON(w, http.StatusInternalServerError, []*apiError{fail("UNKNOWN_EXCEPTION", "%s",
			or(f.Message, "An unexpected error occurred. Please include this ErrorId if you contact support: 1234567890-12345 (-1234567)"))})
		return true
	}
	if _, hit := s.faults.onRequest(ExpiredToken, r); hit {
		_, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		s.tokens.mu.Lock()
		delete(s.tokens.live, strings.TrimSpace(value))
		s.tokens.mu.Unlock()
	}
	return false
}

func expired(w http.ResponseWriter) {
	w.Header().Set("WWW-Authenticate", "Token")
	writeJSON(w, http.StatusUnauthorized, []*apiError{fail("INVALID_SESSION_ID", "Session expired or invalid")})
}

// reset breaks the connection without an answer; it does not return.
func reset(w http.ResponseWriter) {
	if h, ok := w.(http.Hijacker); ok {
		if conn, _, err := h.Hijack(); err == nil {
			if tcp, ok := conn.(*net.TCPConn); ok {
				tcp.SetLinger(0) // RST instead of FIN
			}
			conn.Close()
		}
	}
	panic(http.ErrAbortHandler)
}

func parseRequest(r *http.Request) (*request, *apiError) {
	q, err := parsePath(r.Method, r.URL)
	if err != nil {
		return nil, err
	}
	if m := q.query.Get("_HttpMethod"); m != "" { // "Using PATCH where a client cannot": sObject Rows
		q.method = m
	}
	raw, ioErr := io.ReadAll(io.LimitReader(r.Body, 50<<20))
	if len(raw) > 0 && r.Header.Get("Content-Encoding") == "gzip" {
		var unzipped *gzip.Reader
		if unzipped, ioErr = gzip.NewReader(bytes.NewReader(raw)); ioErr == nil {
			raw, ioErr = io.ReadAll(io.LimitReader(unzipped, 50<<20))
		}
	}
	if ioErr != nil {
		return nil, badJSON("The body could not be read")
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return q, nil
	}
	if t := r.Header.Get("Content-Type"); t != "" && !strings.Contains(t, "json") {
		return nil, fail("UNSUPPORTED_MEDIA_TYPE", "Content-Type not supported: %s", t).as(http.StatusUnsupportedMediaType)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&q.body); err != nil {
		return nil, badJSON("Unexpected character or end of input at [line:1, column:%d]", d.InputOffset()+1)
	}
	return q, nil
}

func parsePath(method string, u *url.URL) (*request, *apiError) {
	q := &request{method: method, query: u.Query()}
	rest, ok := strings.CutPrefix(u.EscapedPath(), "/services/data/")
	if !ok {
		return nil, notFound()
	}
	version, rest, _ := strings.Cut(rest, "/")
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(version, "v"), ".0"))
	if err != nil || n < oldestVersion || n > newestVersion || !strings.HasPrefix(version, "v") {
		return nil, notFound()
	}
	q.version, q.root = n, "/services/data/"+version
	for part := range strings.SplitSeq(strings.Trim(rest, "/"), "/") {
		plain, err := url.PathUnescape(part)
		if err != nil {
			return nil, notFound()
		}
		q.parts = append(q.parts, plain)
	}
	return q, nil
}

func (x *tx) readHeaders(r *http.Request) {
	for part := range strings.FieldsFuncSeq(r.Header.Get("Sforce-Duplicate-Rule-Header"), func(c rune) bool { return c == ';' || c == ',' }) {
		name, v, _ := strings.Cut(strings.TrimSpace(part), "=")
		on := strings.EqualFold(strings.TrimSpace(v), "true")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "allowsave":
			x.allowSave = on
		case "includerecorddetails":
			x.details = on
		}
	}
}

type handler func(*request) answer

// resource finds what a path means: the kind of API call it counts as, and who answers.
func (s *Server) resource(q *request) (string, handler) {
	switch q.parts[0] {
	case "sobjects":
		return s.sobjectResource(q)
	case "composite":
		return s.compositeResource(q)
	case "query", "queryAll":
		return "query", s.serveQuery
	case "search":
		return "search", s.serveSOSL
	case "parameterizedSearch":
		return "search", s.serveParameterized
	case "limits":
		return "limits", func(*request) answer { return s.limits() }
	case "":
		return "resources", func(q *request) answer {
			list := map[string]string{}
			for _, name := range []string{"sobjects", "query", "queryAll", "search", "parameterizedSearch", "limits", "composite"} {
				list[name] = q.root + "/" + name
			}
			return answer{status: http.StatusOK, body: list}
		}
	}
	return "unknown", func(*request) answer { return s.refuse(notFound()) }
}

func (s *Server) refuse(e *apiError) answer { return e.answer(s.cfg.DuplicateKey) }

func notAllowed(q *request) *apiError {
	return fail("METHOD_NOT_ALLOWED", "HTTP Method '%s' not allowed.", q.method).as(http.StatusMethodNotAllowed)
}

func (s *Server) finish(w http.ResponseWriter, a answer) {
	if a.location != "" {
		w.Header().Set("Location", a.location)
	}
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	writeJSON(w, a.status, a.body)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(body); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	b.Truncate(b.Len() - 1) // the encoder's newline
	h := w.Header()
	h.Set("Content-Type", "application/json;charset=UTF-8")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	w.Write(b.Bytes())
}
