package platformtest

import (
	"context"
	"errors"
	"maps"
	"sync"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/platform"
)

// patience bounds the wait for something that a right connector does at once.
const patience = time.Minute

// Kept is a message that was kept with the reason.
type Kept struct {
	Message platform.Message
	Reason  error
}

// Sink is a journal in memory: it keeps every event once, as the real one does, and remembers what came twice. Make one
// with NewSink. Its methods are safe for concurrent use.
type Sink struct {
	mu       sync.Mutex
	events   []call.Event
	seen     map[string]bool
	repeated int
	kept     []Kept
	states   []platform.Status
	openLegs []platform.OpenLeg
	places   map[string]string
	changed  chan struct{}
	gate     chan struct{} // not nil: Accept waits until it is closed
	waiting  int           // Accepts that wait at the gate
	failure  error         // what Accept returns
}

// NewSink returns a sink that takes everything.
func NewSink() *Sink {
	return &Sink{seen: map[string]bool{}, places: map[string]string{}, changed: make(chan struct{})}
}

var _ interface {
	platform.Sink
	platform.Positions
} = (*Sink)(nil)

func (s *Sink) touch() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Accept implements platform.Sink.
func (s *Sink) Accept(ctx context.Context, events []call.Event) error {
	s.mu.Lock()
	gate := s.gate
	if gate != nil {
		s.waiting++
		s.touch()
	}
	s.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != nil {
		return s.failure
	}
	for _, ev := range events {
		if s.seen[ev.Key()] {
			s.repeated++
			continue
		}
		s.seen[ev.Key()] = true
		s.events = append(s.events, ev)
	}
	s.touch()
	return nil
}

// Keep implements platform.Sink.
func (s *Sink) Keep(_ context.Context, m platform.Message, reason error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(s.kept, Kept{m, reason})
	s.touch()
	return nil
}

// Open implements platform.Sink: it returns what SetOpen set.
func (s *Sink) Open(context.Context) ([]platform.OpenLeg, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.openLegs, nil
}

// SetOpen sets the legs that Open returns.
func (s *Sink) SetOpen(legs ...platform.OpenLeg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.openLegs = legs
}

// OpenLegs folds the events so far into the legs that have not ended, as a journal would return them after a restart.
func (s *Sink) OpenLegs() []platform.OpenLeg {
	calls := map[call.ID]call.State{}
	var order []call.ID
	x := call.NewIndex()
	for _, ev := range s.Events() {
		x.Resolve(&ev)
		if _, known := calls[ev.Call]; !known {
			order = append(order, ev.Call)
		}
		calls[ev.Call] = call.Apply(calls[ev.Call], &ev)
	}
	var legs []platform.OpenLeg
	for _, id := range order {
		st := calls[id]
		for _, o := range platform.OpenLegsOf(&st) {
			if !o.Lost && o.Name != "" {
				legs = append(legs, o)
			}
		}
	}
	return legs
}

// Report implements platform.Sink.
func (s *Sink) Report(st platform.Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.states = append(s.states, st)
	s.touch()
}

// Positions implements platform.Positions.
func (s *Sink) Positions(context.Context) (map[string]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.places), nil
}

// SetPositions implements platform.Positions. It fails when Accept fails.
func (s *Sink) SetPositions(_ context.Context, positions map[string]string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != nil {
		return s.failure
	}
	for name, at := range positions {
		if s.places[name] = at; at == "" {
			delete(s.places, name)
		}
	}
	s.touch()
	return nil
}

// Block lets Accept wait until the returned func is called.
func (s *Sink) Block() (release func()) {
	gate := make(chan struct{})
	s.mu.Lock()
	s.gate = gate
	s.mu.Unlock()
	return sync.OnceFunc(func() {
		s.mu.Lock()
		s.gate = nil
		s.mu.Unlock()
		close(gate)
	})
}

// Waiting is how many Accepts wait because of Block.
func (s *Sink) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waiting
}

// Fail lets Accept return an error from now on.
func (s *Sink) Fail() error {
	err := errors.New("disk full")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure = err
	return err
}

// Events returns the events so far that were not repeated.
func (s *Sink) Events() []call.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]call.Event(nil), s.events...)
}

// Moments returns the events so far that have a name.
func (s *Sink) Moments() []call.Event {
	var out []call.Event
	for _, ev := range s.Events() {
		if !ev.DataOnly() {
			out = append(out, ev)
		}
	}
	return out
}

// Kept returns the messages that were kept.
func (s *Sink) Kept() []Kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Kept(nil), s.kept...)
}

// States returns every status that was reported.
func (s *Sink) States() []platform.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]platform.Status(nil), s.states...)
}

// Await waits until is true of the sink; what names it for the failure.
func (s *Sink) Await(t testing.TB, what string, is func() bool) {
	t.Helper()
	late := time.After(patience)
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if is() {
			return
		}
		select {
		case <-changed:
		case <-late:
			t.Fatalf("waited %s for %s", patience, what)
		}
	}
}

// AwaitState waits until the newest status has the state.
func (s *Sink) AwaitState(t testing.TB, want platform.State) {
	t.Helper()
	s.Await(t, "state "+string(want), func() bool {
		all := s.States()
		return len(all) > 0 && all[len(all)-1].State == want
	})
}

// AwaitEvent waits until an event of that name has come.
func (s *Sink) AwaitEvent(t testing.TB, name string) {
	t.Helper()
	s.AwaitEvents(t, 1, name)
}

// AwaitEvents waits until n events of that name have come.
func (s *Sink) AwaitEvents(t testing.TB, n int, name string) {
	t.Helper()
	s.Await(t, "event "+name, func() bool {
		count := 0
		for _, ev := range s.Events() {
			if call.SameWord(ev.Name, name) {
				count++
			}
		}
		return count >= n
	})
}

// Start runs a connector; the returned func stops it, wants Run to return nil soon, and may be called again.
func Start(t testing.TB, c platform.Connector, sink platform.Sink) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx, sink) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Run returned %v after its context ended", err)
			}
		case <-time.After(patience):
			t.Errorf("Run does not return after its context ended")
		}
	})
	t.Cleanup(stop)
	return stop
}
