package genesys

import (
	"cordboard/sim/stage"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const correlationHeader = "ININ-Correlation-Id"

// A request is one authenticated request of the platform API.
type request struct {
	*http.Request
	token *token
}

// A resource answers a request: with a status and a body (nil for none), or with an error. It runs under Server.mu.
type resource func(r request) (int, any, *apiError)

// show is a resource that answers with a view of what it is about.
func show[T, V any](view func(T) V) func(T, request) (int, any, *apiError) {
	return func(about T, _ request) (int, any, *apiError) { return http.StatusOK, view(about), nil }
}

// routes is everything that the org answers to. The resources of calls and of callbacks have muxes of their own: next to
// those of whole conversations their patterns would be ambiguous, were "calls" a conversation's id.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	media := map[string]*http.ServeMux{callsPath + "/": http.NewServeMux(), callbacksPath + "/": http.NewServeMux()}
	of := func(path string) *http.ServeMux {
		for prefix, m := range media {
			if strings.HasPrefix(path, prefix) {
				return m
			}
		}
		return mux
	}
	api := func(pattern string, f resource) {
		_, path, _ := strings.Cut(pattern, " ")
		of(path).HandleFunc(pattern, s.api(f))
	}
	mux.HandleFunc("POST /oauth/token", s.login)
	mux.HandleFunc("GET /channels/{id}", s.serveSocket)
	s.notificationRoutes(api)
	s.userRoutes(api)
	s.routingRoutes(api)
	s.conversationRoutes(api)
	s.outboundRoutes(api)
	s.automationRoutes(api)
	s.control(mux)
	nothing := s.api(func(request) (int, any, *apiError) { return 0, nil, notFound("that resource") })
	mux.HandleFunc("/api/v2/", nothing)
	for _, m := range media {
		m.HandleFunc("/", nothing)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { of(r.URL.Path).ServeHTTP(w, r) })
}

// api puts around a resource what all have in common: faults, the token, the rate limit and its headers, the
// correlation id, the log.
func (s *Server) api(f resource) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(correlationHeader, newID())
		if s.struck(w, r) {
			return
		}
		t, refused := s.tokens.check(r)
		if refused == nil {
			refused = s.limit(w, t)
		}
		if refused != nil {
			s.log.note(r, refused.status)
			refuse(w, refused)
			return
		}
		body, refused := bufferBody(r)
		if refused != nil {
			refuse(w, refused)
			return
		}
		status, v, refused := s.locked(f, request{r, t})
		if refused != nil {
			status = refused.status
		}
		s.log.note(r, status, body...)
		switch {
		case refused != nil:
			refuse(w, refused)
		case v == nil:
			w.WriteHeader(status)
		default:
			stage.Answer(w, status, v)
		}
	}
}

func (s *Server) locked(f resource, r request) (int, any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock() // also when a resource panics: the HTTP server goes on
	return f(r)
}

// limit counts the request and refuses it beyond the limit. The headers are on every answer.
func (s *Server) limit(w http.ResponseWriter, t *token) *apiError {
	used, reset := s.tokens.spend(t)
	allowed := s.cfg.RateLimit
	if allowed < 0 {
		allowed = math.MaxInt32
	}
	setLimitHeaders(w, allowed, used, reset)
	if used <= allowed {
		return nil
	}
	return tooMany(w, reset)
}

func setLimitHeaders(w http.ResponseWriter, allowed, used int, reset time.Duration) {
	w.Header().Set("inin-ratelimit-allowed", strconv.Itoa(allowed))
	w.Header().Set("inin-ratelimit-count", strconv.Itoa(used))
	w.Header().Set("inin-ratelimit-reset", strconv.Itoa(seconds(reset)))
}

func tooMany(w http.ResponseWriter, reset time.Duration) *apiError {
	n := strconv.Itoa(seconds(reset))
	w.Header().Set("Retry-After", n)
	return &apiError{status: http.StatusTooManyRequests, code: "too.many.requests",
		message: "Rate limit exceeded the maximum. Retry the request in [" + n + "] seconds"}
}

func seconds(d time.Duration) int { return max(1, int(math.Ceil(d.Seconds()))) }

// paging is what the list resources have in common.
type paging struct{ size, number int }

// page reads pageSize and pageNumber; max is the largest page of the resource.
func page(r request, max int) (paging, *apiError) {
	p := paging{25, 1}
	for name, into := range map[string]*int{"pageSize": &p.size, "pageNumber": &p.number} {
		text := r.URL.Query().Get(name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return p, badRequest("%s must be a positive number.", name)
		}
		*into = n
	}
	if p.size > max {
		return p, badRequest("The page size may be %d at most.", max)
	}
	return p, nil
}

// listing is one page of entities, with the members that all listings have.
func listing[T any](r request, p paging, all []T, view func(T) any) map[string]any {
	total := len(all)
	pages := (total + p.size - 1) / p.size
	from := min((p.number-1)*p.size, total)
	to := min(from+p.size, total)
	entities := make([]any, 0, to-from)
	for _, one := range all[from:to] {
		entities = append(entities, view(one))
	}
	out := map[string]any{"entities": entities, "pageSize": p.size, "pageNumber": p.number, "total": total, "pageCount": pages,
		"selfUri": pageURI(r, p.size, p.number), "firstUri": pageURI(r, p.size, 1), "lastUri": pageURI(r, p.size, max(pages, 1))}
	if p.number < pages {
		out["nextUri"] = pageURI(r, p.size, p.number+1)
	}
	if p.number > 1 {
		out["previousUri"] = pageURI(r, p.size, p.number-1)
	}
	return out
}

func pageURI(r request, size, number int) string {
	q := r.URL.Query()
	q.Set("pageSize", strconv.Itoa(size))
	q.Set("pageNumber", strconv.Itoa(number))
	return r.URL.Path + "?" + q.Encode()
}

// startsWith compares names the way lists are searched: a prefix, without case.
func startsWith(name, prefix string) bool {
	return len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
}
