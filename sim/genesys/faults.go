package genesys

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// FaultKind names what goes wrong.
type FaultKind string

// The faults of a request of the API …
const (
	RateLimited  FaultKind = "rate_limited"  // 429 with Retry-After, of Delay or 1 s
	ExpiredToken FaultKind = "expired_token" // 401; the token is dead from then on
	Unavailable  FaultKind = "unavailable"   // 503
	ServerError  FaultKind = "server_error"  // 500
	Slow         FaultKind = "slow"          // waits Delay before it starts
	Reset        FaultKind = "reset"         // the connection breaks and nothing is done
)

// … and those of a notification, or of an event on its way to a target.
const (
	Drop      FaultKind = "drop"      // it never comes
	Duplicate FaultKind = "duplicate" // it comes twice, the very same message
	Swap      FaultKind = "swap"      // it comes after the next one, or after half a second when there is none
	Shuffle   FaultKind = "shuffle"   // it comes after a random part of Delay
)

// Fault is one thing that goes wrong, for the requests and messages it is narrowed to.
type Fault struct {
	Kind        FaultKind `json:"kind"`
	Count       int       `json:"count,omitempty"`       // how often; 0 = until cleared
	Probability float64   `json:"probability,omitempty"` // 0 = always
	Method      string    `json:"method,omitempty"`      // of the HTTP request
	Path        string    `json:"path,omitempty"`        // part of the request's path
	Topic       string    `json:"topic,omitempty"`       // part of the message's topic
	Via         string    `json:"via,omitempty"`         // "socket" or "target"; both by default
	Delay       Delay     `json:"delay,omitempty"`
}

// Delay is a duration that JSON writes as "1.5s".
type Delay time.Duration

// MarshalText writes it as "1.5s".
func (d Delay) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads what time.ParseDuration reads.
func (d *Delay) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = Delay(v)
	return err
}

var (
	requestFaults = []FaultKind{RateLimited, ExpiredToken, Unavailable, ServerError, Slow, Reset}
	messageFaults = []FaultKind{Drop, Duplicate, Swap, Shuffle}
)

type faults struct {
	mu     sync.Mutex
	list   []*Fault
	random *rand.Rand
}

// AddFault arms a fault. It fails when its kind is unknown.
func (s *Server) AddFault(f Fault) error {
	if !slices.Contains(requestFaults, f.Kind) && !slices.Contains(messageFaults, f.Kind) {
		return fmt.Errorf("unknown fault %q", f.Kind)
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = append(s.faults.list, &f)
	return nil
}

// ClearFaults disarms all faults.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = nil
}

// Faults lists the armed faults; Count is what is left of it.
func (s *Server) Faults() []Fault {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	out := []Fault{}
	for _, f := range s.faults.list {
		out = append(out, *f)
	}
	return out
}

// strike finds the first armed fault that fits, and counts it.
func (f *faults) strike(fits func(*Fault) bool) *Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, one := range f.list {
		if !fits(one) || one.Probability > 0 && f.random.Float64() >= one.Probability {
			continue
		}
		out := *one
		if one.Count == 1 {
			f.list = slices.Delete(f.list, i, i+1)
		} else if one.Count > 1 {
			one.Count--
		}
		return &out
	}
	return nil
}

// part is a random part of a delay.
func (f *faults) part(d Delay) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return time.Duration(f.random.Int64N(max(int64(d), 1)))
}

// struck does to a request what a fault says; it is true when the request ends there.
func (s *Server) struck(w http.ResponseWriter, r *http.Request) bool {
	f := s.faults.strike(func(f *Fault) bool {
		return slices.Contains(requestFaults, f.Kind) && (f.Method == "" || f.Method == r.Method) && strings.Contains(r.URL.Path, f.Path)
	})
	if f == nil {
		return false
	}
	end := func(e *apiError) bool {
		s.log.note(r, e.status)
		refuse(w, e)
		return true
	}
	switch f.Kind {
	case RateLimited:
		reset := or(time.Duration(f.Delay), time.Second)
		setLimitHeaders(w, max(s.cfg.RateLimit, 1), max(s.cfg.RateLimit, 1)+1, reset)
		return end(tooMany(w, reset))
	case ExpiredToken:
		s.tokens.expire(r)
		return false // the check says the rest
	case Unavailable:
		return end(&apiError{status: http.StatusServiceUnavailable, code: "service.unavailable",
			message: "Service Unavailable - The server is currently unavailable (because it is overloaded or down for maintenance)."})
	case ServerError:
		return end(&apiError{status: http.StatusInternalServerError, code: "internal.server.error",
			message: "The server encountered an unexpected condition which prevented it from fulfilling the request."})
	case Reset:
		s.log.note(r, 0)
		panic(http.ErrAbortHandler)
	}
	select {
	case <-time.After(time.Duration(f.Delay)):
	case <-r.Context().Done():
	case <-s.life.Over():
	}
	return false
}

func (t *tokens) expire(r *http.Request) {
	if found, refused := t.check(r); refused == nil {
		t.mu.Lock()
		found.expires = time.Now()
		t.mu.Unlock()
	}
}

// A feed is what faults do to one reader's messages: one that waits for the next, and the last one of each topic.
type feed struct {
	waiting []byte
	last    map[string][]byte
}

// swapped is how long a message waits for the next one when none comes.
const swapped = 500 * time.Millisecond

// distort hands a message on as often, and as late, as the armed faults say. It is called under Server.mu.
func (s *Server) distort(f *feed, topic, via string, m []byte, write func([]byte)) {
	fault := s.faults.strike(func(f *Fault) bool {
		return slices.Contains(messageFaults, f.Kind) && strings.Contains(topic, f.Topic) && (f.Via == "" || f.Via == via)
	})
	if fault == nil {
		write(m)
		s.flush(f, write)
		return
	}
	switch fault.Kind {
	case Duplicate:
		write(m)
		write(m)
	case Swap:
		f.waiting = m
		s.life.Later(swapped, func() {
			if bytes.Equal(f.waiting, m) {
				s.flush(f, write)
			}
		})
		return
	case Shuffle:
		s.life.Later(s.faults.part(fault.Delay), func() { write(m) })
	}
	s.flush(f, write)
}

func (s *Server) flush(f *feed, write func([]byte)) {
	if m := f.waiting; m != nil {
		f.waiting = nil
		write(m)
	}
}

// deliver puts a notification into a channel, or what the faults make of it.
func (s *Server) deliver(c *channel, topic string, m []byte) {
	if strings.HasSuffix(topic, ".conversations") {
		if c.feed.last == nil {
			c.feed.last = map[string][]byte{}
		}
		c.feed.last[topic] = m
	}
	s.distort(&c.feed, topic, "socket", m, func(m []byte) { s.write(c, m) })
}

// readFaults reads one fault or a list of them, and refuses unknown names, so that a misspelt one does not strike
// everything.
func readFaults(data []byte) ([]Fault, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")) {
		var list []Fault
		return list, d.Decode(&list)
	}
	var one Fault
	err := d.Decode(&one)
	return []Fault{one}, err
}
