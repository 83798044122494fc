package platform

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// The pauses of the supervisor. A pause is drawn between half of the named time and all of it, so that many
// connections that were lost together do not come back together.
const (
	firstPause   = time.Second
	longestPause = time.Minute
	refusedPause = 5 * time.Minute
	// steady is how long a connection has to run before its next loss counts as the first again.
	steady = time.Minute
	// handOver is how many failures make a node leave the connection to another one.
	handOver = 3
	// quiet is the least time between two log lines about one connection.
	quiet = 30 * time.Second
)

// Managed is one connection that a [Supervisor] keeps running.
type Managed struct {
	// Name is the connection's configured name, unique within the supervisor.
	Name      string
	Platform  string
	Connector Connector
	Sink      Sink
	// Leases, where several nodes share the connection, lets the connector run only while this node owns it; nil runs
	// it always.
	Leases Leases
}

// Supervisor keeps connectors running. Make one with NewSupervisor; its methods are safe for concurrent use, and Run
// is called once.
type Supervisor struct {
	log     *slog.Logger
	all     []*watched
	mu      sync.Mutex // guards the statuses, the log state of all and changed
	changed chan struct{}
}

type watched struct {
	Managed
	status Status
	logged State // the last state that was logged
	saidAt time.Time
	later  *time.Timer
	// failures counts attempts that failed since the last steady run; it belongs to the goroutine that makes them.
	failures int
}

// NewSupervisor returns a supervisor of the given connections. Nothing runs before Run.
func NewSupervisor(log *slog.Logger, all ...Managed) *Supervisor {
	s := &Supervisor{log: log, changed: make(chan struct{})}
	for _, m := range all {
		w := &watched{Managed: m, logged: Stopped}
		w.status = Status{Connection: m.Name, Platform: m.Platform, State: Stopped}
		s.all = append(s.all, w)
	}
	return s
}

// Status returns the state of every connection in the order of their names, and a channel that is closed at the next
// change of any of them.
func (s *Supervisor) Status() ([]Status, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Status, 0, len(s.all))
	for _, w := range s.all {
		out = append(out, w.status)
	}
	slices.SortFunc(out, func(a, b Status) int { return cmp.Compare(a.Connection, b.Connection) })
	return out, s.changed
}

// Run runs all connectors until ctx ends and returns when every one of them has returned. A connector that returns
// earlier runs again after a pause that grows with each failure; one that was refused waits long.
func (s *Supervisor) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	for _, w := range s.all {
		wg.Go(func() { s.keep(ctx, w) })
	}
	wg.Wait()
	<-ctx.Done() // without connections there is nothing to wait for but the end
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.all {
		if w.later != nil {
			w.later.Stop()
		}
	}
	return nil
}

func (s *Supervisor) keep(ctx context.Context, w *watched) {
	if w.Leases == nil {
		s.attempt(ctx, w)
	} else {
		s.own(ctx, w)
	}
	s.report(w, Status{State: Stopped})
}

// attempt runs the connector again and again until ctx ends. Where there are other nodes it gives up after some failures,
// so that one of them may try; the error is what failed last.
func (s *Supervisor) attempt(ctx context.Context, w *watched) error {
	for {
		s.report(w, Status{State: Connecting})
		began := time.Now()
		err := w.Connector.Run(ctx, watchedSink{w.Sink, s, w})
		if ctx.Err() != nil {
			return nil
		}
		if time.Since(began) >= steady {
			w.failures = 0
		}
		w.failures++
		if w.Leases != nil && w.failures%handOver == 0 && !errors.Is(err, ErrRefused) {
			return err
		}
		if !s.pause(ctx, w, err) {
			return nil
		}
	}
}

// pause waits before the next attempt; false means that ctx ended.
func (s *Supervisor) pause(ctx context.Context, w *watched, err error) bool {
	st := Status{State: Waiting, Detail: "ended without an error"}
	if err != nil {
		st.Detail = err.Error()
	}
	wait := min(firstPause<<min(w.failures-1, 10), longestPause)
	if errors.Is(err, ErrRefused) {
		st.State, wait = Refused, refusedPause
	}
	wait = wait/2 + rand.N(wait/2)
	st.RetryAt = time.Now().Add(wait)
	s.report(w, st)
	return Pause(ctx, wait)
}

// report takes a connection's new state and tells whoever waits for a change.
func (s *Supervisor) report(w *watched, st Status) {
	s.mu.Lock()
	st.Connection, st.Platform = w.Name, w.Platform
	if st.Since.IsZero() {
		st.Since = time.Now()
		if st.State == w.status.State {
			st.Since = w.status.Since
		}
	}
	if st == w.status {
		s.mu.Unlock()
		return
	}
	w.status = st
	close(s.changed)
	s.changed = make(chan struct{})
	s.say(w)
	s.mu.Unlock()
	w.Sink.Report(st)
}

// say logs a state once it differs from the one logged last, and never twice within the quiet time: a connection that
// comes and goes gives one line with the state it then has. The caller holds the lock.
func (s *Supervisor) say(w *watched) {
	st := w.status
	passing := st.State == Connecting || st.State == Resyncing
	if passing || st.State == w.logged || w.later != nil {
		return
	}
	if wait := quiet - time.Since(w.saidAt); !w.saidAt.IsZero() && wait > 0 && st.State != Stopped {
		w.later = time.AfterFunc(wait, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			w.later = nil
			s.say(w)
		})
		return
	}
	w.logged, w.saidAt = st.State, time.Now()
	level := slog.LevelInfo
	if st.State == Refused || st.State == Waiting || st.State == Degraded {
		level = slog.LevelWarn
	}
	s.log.Log(context.Background(), level, "connection "+string(st.State), "connection", w.Name, "platform", w.Platform,
		"detail", st.Detail)
}

// watchedSink is the connector's sink with its reports passing through the supervisor.
type watchedSink struct {
	Sink
	s *Supervisor
	w *watched
}

func (k watchedSink) Report(st Status) { k.s.report(k.w, st) }
