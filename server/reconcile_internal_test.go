package server

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cordboard/call"
	"cordboard/platform"
)

// lostSite is a connection with its open legs, which notes what is ended.
type lostSite struct {
	platform.Sink
	status platform.Status

	sync.Mutex
	open   []platform.OpenLeg
	refuse int // so many times the journal cannot be asked
	ended  map[string]time.Time
}

func (s *lostSite) legs(context.Context, string) ([]platform.OpenLeg, error) {
	s.Lock()
	defer s.Unlock()
	if s.refuse > 0 {
		s.refuse--
		return nil, errors.New("no database")
	}
	return slices.Clone(s.open), nil
}

func (s *lostSite) Accept(_ context.Context, events []call.Event) error {
	s.Lock()
	defer s.Unlock()
	for _, ev := range events {
		s.ended[ev.Leg] = ev.At
		s.open = slices.DeleteFunc(s.open, func(l platform.OpenLeg) bool { return l.Leg == ev.Leg })
	}
	return nil
}

// pass lets time go by and then hands out what there is.
func (s *lostSite) pass(d time.Duration, now func()) {
	time.Sleep(d)
	synctest.Wait()
	s.Lock()
	defer s.Unlock()
	now()
}

func (s *lostSite) run(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := reconciler{
		status: func() ([]platform.Status, <-chan struct{}) { return []platform.Status{s.status}, nil },
		legs:   s.legs, sink: func(string) platform.Sink { return s }, log: slog.New(slog.DiscardHandler), looks: map[string]look{},
	}
	done := make(chan error, 1)
	go func() { done <- r.run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// Ensure that a leg that was lost before the connection came up ends soon, one that is lost later ends when nothing comes
// of it, and one that goes on after a merge is left alone.
func TestLostLegsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		leg := func(name string, at time.Time, lost bool) platform.OpenLeg {
			return platform.OpenLeg{Leg: name, Ref: "1", Agent: "1001", At: at, Lost: lost}
		}
		s := &lostSite{ended: map[string]time.Time{}, refuse: 1,
			status: platform.Status{Connection: "finesse", Platform: "cisco", State: platform.Up, Since: began},
			open:   []platform.OpenLeg{leg("before", began.Add(-time.Second), true), leg("talks", began.Add(-time.Hour), false)}}
		s.run(t)
		var merged time.Time
		s.pass(10*time.Second, func() {
			if at, ok := s.ended["before"]; !ok || !at.Equal(began) || len(s.ended) != 1 {
				t.Errorf("ten seconds after the connection came up: %v", s.ended)
			}
			merged = time.Now()
			s.open = append(s.open, leg("later", merged, true))
		})
		talks := func() *platform.OpenLeg {
			return &s.open[slices.IndexFunc(s.open, func(l platform.OpenLeg) bool { return l.Leg == "talks" })]
		}
		s.pass(54*time.Second, func() { // the first look at it
			s.open = append(s.open, leg("just now", time.Now(), true))
			talks().Lost = true // merged, although nothing of it is new
		})
		s.pass(30*time.Second, func() {
			if len(s.ended) != 1 {
				t.Errorf("ended half a minute after it was seen: %v", s.ended)
			}
			talks().Lost = false // the talk goes on
		})
		s.pass(31*time.Second, func() {
			if at, ok := s.ended["later"]; !ok || !at.Equal(merged) || len(s.ended) != 2 {
				t.Errorf("a minute after it was seen, of a leg that was lost at %v: %v", merged, s.ended)
			}
		})
		s.pass(3*time.Minute, func() {
			if _, ok := s.ended["talks"]; ok || len(s.ended) != 3 || len(s.open) != 1 {
				t.Errorf("at the end: %v, open %v", s.ended, s.open)
			}
		})
	})
}

// Ensure that nothing is ended while the connection is down: its legs may come back with it.
func TestLostLegsOfAConnectionThatIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &lostSite{ended: map[string]time.Time{}, status: platform.Status{Connection: "finesse", State: platform.Waiting, Since: time.Now()},
			open: []platform.OpenLeg{{Leg: "some", Ref: "1", At: time.Now().Add(-time.Hour), Lost: true}}}
		s.run(t)
		s.pass(time.Hour, func() {
			if len(s.ended) != 0 {
				t.Errorf("ended: %v", s.ended)
			}
		})
	})
}
