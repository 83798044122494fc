package webex

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// FaultKind names what goes wrong with a request.
type FaultKind string

// The faults of requests.
const (
	ExpiredToken   FaultKind = "expired_token"   // 401; the request's token is dead from then on
	TooMany        FaultKind = "too_many"        // 429 with Retry-After: Delay, at least a second
	Unavailable    FaultKind = "unavailable"     // 503
	ServerError    FaultKind = "server_error"    // 500
	Slow           FaultKind = "slow"            // waits Delay before it starts
	Reset          FaultKind = "reset"           // the connection breaks, nothing happens
	ResetAfter     FaultKind = "reset_after"     // it happens, then the connection breaks
	OutboundFailed FaultKind = "outbound_failed" // of POST /v1/tasks: the customer cannot be reached; Message is the reason
)

// Fault is one thing that goes wrong, for the requests that it is narrowed to.
type Fault struct {
	Kind    FaultKind `json:"kind"`
	Count   int       `json:"count,omitempty"`   // how often; 0 = until cleared
	Method  string    `json:"method,omitempty"`  // of the request
	Path    string    `json:"path,omitempty"`    // part of its path
	Delay   Delay     `json:"delay,omitempty"`   // of Slow and TooMany; a number of milliseconds or "1.5s"
	Message string    `json:"message,omitempty"` // what the answer says
	Fired   int       `json:"fired"`             // how often it has struck
}

// Delay is a duration that JSON writes as "1.5s" or as milliseconds.
type Delay time.Duration

// UnmarshalJSON reads "1.5s" or a number of milliseconds.
func (d *Delay) UnmarshalJSON(raw []byte) error {
	var ms float64
	if json.Unmarshal(raw, &ms) == nil {
		*d = Delay(ms * float64(time.Millisecond))
		return nil
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return errors.New("a delay is a number of milliseconds or a text")
	}
	parsed, err := time.ParseDuration(text)
	*d = Delay(parsed)
	return err
}

// MarshalJSON writes the duration as text.
func (d Delay) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

type faults struct {
	mu   sync.Mutex
	list []*Fault
}

// AddFault arms a fault. It fails for an unknown kind.
func (s *Server) AddFault(f Fault) error {
	switch f.Kind {
	case ExpiredToken, TooMany, Unavailable, ServerError, Slow, Reset, ResetAfter, OutboundFailed:
	default:
		return fmt.Errorf("unknown fault kind %q", f.Kind)
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	f.Fired = 0
	s.faults.list = append(s.faults.list, &f)
	return nil
}

// ClearFaults disarms every fault of requests.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = nil
}

// Faults lists what is armed, spent faults included.
func (s *Server) Faults() []Fault {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	out := []Fault{}
	for _, f := range s.faults.list {
		out = append(out, *f)
	}
	return out
}

// hit finds an armed fault of a kind for a request, and counts it.
func (f *faults) hit(kind FaultKind, r *http.Request) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.list {
		if a.Kind != kind || a.Count > 0 && a.Fired >= a.Count || a.Method != "" && !strings.EqualFold(a.Method, r.Method) || !strings.Contains(r.URL.Path, a.Path) {
			continue
		}
		a.Fired++
		return *a, true
	}
	return Fault{}, false
}

// faulty applies the faults to what clients of the vendor send; the control
// API is spared.
func (s *Server) faulty(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, controlPrefix) {
			next.ServeHTTP(w, r)
			return
		}
		if f, ok := s.faults.hit(Slow, r); ok && !s.life.Pause(r.Context(), time.Duration(f.Delay)) {
			return
		}
		if _, ok := s.faults.hit(Reset, r); ok {
			panic(http.ErrAbortHandler)
		}
		if s.refuse(w, r) {
			return
		}
		if _, ok := s.faults.hit(ResetAfter, r); ok {
			next.ServeHTTP(&nowhere{header: http.Header{}}, r)
			panic(http.ErrAbortHandler)
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) refuse(w http.ResponseWriter, r *http.Request) bool {
	if _, ok := s.faults.hit(ExpiredToken, r); ok {
		s.keys.forget(r)
		apiFailure(w, http.StatusUnauthorized, "Unauthorized", "the access token is missing, unknown or expired")
		return true
	}
	if f, ok := s.faults.hit(TooMany, r); ok {
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(time.Duration(f.Delay)/time.Second))))
		apiFailure(w, http.StatusTooManyRequests, "Too Many Requests", "the limit of requests is reached")
		return true
	}
	for kind, status := range map[FaultKind]int{Unavailable: http.StatusServiceUnavailable, ServerError: http.StatusInternalServerError} {
		if f, ok := s.faults.hit(kind, r); ok {
			apiFailure(w, status, http.StatusText(status), f.Message)
			return true
		}
	}
	return false
}

// nowhere is where an answer goes that never arrives.
type nowhere struct{ header http.Header }

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (n *nowhere) WriteHeader(int)             {}

func (d Delay) d() time.Duration { return time.Duration(d) }
