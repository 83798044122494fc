package platform_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cordboard/call"
	"cordboard/platform"
)

// shelf is a sink whose Accept waits for leave, and can fail.
type shelf struct {
	leave  chan struct{} // nil: at once
	fail   error
	mu     sync.Mutex
	got    [][]string
	kept   []platform.Message
	noKeep error
}

// deliveries are the ids of the events of each Accept.
func (s *shelf) deliveries() [][]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.got
}

func (s *shelf) Accept(ctx context.Context, events []call.Event) error {
	if s.leave != nil {
		select {
		case <-s.leave:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if s.fail != nil {
		return s.fail
	}
	var ids []string
	for _, ev := range events {
		ids = append(ids, ev.ID)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, ids)
	return nil
}

func (s *shelf) Keep(_ context.Context, m platform.Message, _ error) error {
	s.kept = append(s.kept, m)
	return s.noKeep
}
func (s *shelf) Open(context.Context) ([]platform.OpenLeg, error) { return nil, nil }
func (s *shelf) Report(platform.Status)                           {}

// echo decodes a message into an event of its name; "bad" cannot be understood, and "later" comes a second afterwards.
type echo struct {
	late   []call.Event
	due    time.Time
	stored atomic.Int64
}

func (e *echo) decoding() platform.Decoding {
	return platform.Decoding{
		Decode: func(h *platform.Heard) ([]call.Event, error) {
			switch text := string(h.Raw); text {
			case "bad":
				return nil, errors.New("bad")
			case "later":
				e.late, e.due = append(e.late, call.Event{ID: text}), time.Now().Add(time.Second)
				return nil, nil
			default:
				return []call.Event{{ID: text}}, nil
			}
		},
		Due: func() time.Time { return e.due },
		Flush: func(time.Time) []call.Event {
			told := e.late
			e.late, e.due = nil, time.Time{}
			return told
		},
		Stored: func([]call.Event) { e.stored.Add(1) },
	}
}

// pumping runs a pump until the returned func stops it and returns what Run did.
func pumping(t *testing.T, s *shelf, e *echo, size int) (*platform.Pump, context.CancelCauseFunc, func() error) {
	t.Helper()
	p := platform.NewPump("lab", s, size, nil, e.decoding())
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	return p, cancel, func() error { return <-ended }
}

func heard(text string) platform.Heard { return platform.Heard{Raw: []byte(text)} }

// What waits while the sink is busy is delivered together, in the order of hearing, and settles when it is durable.
func TestPumpGathers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, e := &shelf{leave: make(chan struct{})}, &echo{}
		p, cancel, ended := pumping(t, s, e, 300)
		settled := 0
		for i := range 150 {
			h := heard(fmt.Sprint(i))
			h.Settled = func(err error) {
				if err != nil {
					t.Error(err)
				}
				settled++
			}
			if !p.Take(t.Context(), h) {
				t.Fatal("not taken")
			}
			if i == 0 {
				synctest.Wait()
			}
		}
		synctest.Wait()
		if settled != 0 {
			t.Errorf("%d settled before anything was durable", settled)
		}
		close(s.leave)
		synctest.Wait()
		var all []string
		for _, batch := range s.got {
			all = append(all, batch...)
		}
		var want []string
		for i := range 150 {
			want = append(want, fmt.Sprint(i))
		}
		if settled != 150 || len(s.got) != 3 || len(s.got[1]) != 128 || !slices.Equal(all, want) {
			t.Errorf("%d settled in %d deliveries: %v", settled, len(s.got), s.got)
		}
		cancel(nil)
		if err := ended(); err != nil {
			t.Error(err)
		}
	})
}

// A source waits while there is no room; the others do, too.
func TestPumpHoldsSourcesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{leave: make(chan struct{})}
		p, cancel, ended := pumping(t, s, &echo{}, 1)
		p.Take(t.Context(), heard("delivered"))
		synctest.Wait()
		var taken atomic.Int64
		go func() {
			for range 5 {
				if p.Take(t.Context(), heard("x")) {
					taken.Add(1)
				}
			}
		}()
		synctest.Wait()
		if n := taken.Load(); n != 1 {
			t.Errorf("%d were taken where there is room for one", n)
		}
		close(s.leave)
		synctest.Wait()
		if n := taken.Load(); n != 5 {
			t.Errorf("%d were taken in the end", n)
		}
		cancel(nil)
		if err := ended(); err != nil {
			t.Error(err)
		}
	})
}

// What the decoder holds back comes when it is due, and the connector hears of what is durable.
func TestPumpFlushes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, e := &shelf{}, &echo{}
		p, cancel, ended := pumping(t, s, e, 1)
		began := time.Now()
		p.Take(t.Context(), heard("later"))
		time.Sleep(time.Second - time.Millisecond)
		synctest.Wait()
		if got := s.deliveries(); len(got) != 0 || e.stored.Load() != 1 {
			t.Errorf("after %v: %v, %d stored", time.Since(began), got, e.stored.Load())
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if got := s.deliveries(); len(got) != 1 || got[0][0] != "later" || e.stored.Load() != 2 {
			t.Errorf("after %v: %v, %d stored", time.Since(began), got, e.stored.Load())
		}
		cancel(nil)
		if err := ended(); err != nil {
			t.Error(err)
		}
	})
}

// A message that cannot be understood is kept as it came, and what is heard with it goes on.
func TestPumpKeeps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		p, cancel, ended := pumping(t, s, &echo{}, 4)
		if err := p.Settle(t.Context(), heard("1"), heard("bad"), heard("2")); err != nil {
			t.Error(err)
		}
		if len(s.kept) != 1 || string(s.kept[0].Text()) != "bad" || !json.Valid(s.kept[0].Message) {
			t.Errorf("kept %v", s.kept)
		}
		s.noKeep = errors.New("disk full")
		if err := p.Settle(t.Context(), heard("bad")); !errors.Is(err, s.noKeep) {
			t.Errorf("what could not be kept settled with %v", err)
		}
		if err := ended(); !errors.Is(err, s.noKeep) || !strings.HasPrefix(err.Error(), "lab: keeping") {
			t.Errorf("Run ended with %v", err)
		}
		cancel(nil)
	})
}

// When the sink takes nothing more Run ends with its error, whoever waits hears it, and nothing is taken afterwards.
func TestPumpEndsWithItsSink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{fail: errors.New("disk full")}
		p, cancel, ended := pumping(t, s, &echo{}, 4)
		defer cancel(nil)
		if err := p.Settle(t.Context(), heard("1")); !errors.Is(err, s.fail) {
			t.Errorf("settled with %v", err)
		}
		if err := ended(); !errors.Is(err, s.fail) || !strings.HasPrefix(err.Error(), "lab: delivering") {
			t.Errorf("Run ended with %v", err)
		}
		for range 5 { // there is room for four
			p.Take(t.Context(), heard("2"))
		}
		if err := p.Settle(t.Context(), heard("3")); !errors.Is(err, platform.ErrEnds) {
			t.Errorf("afterwards: %v", err)
		}
	})
}

// Run ends without an error when it is to, and with the cause when the platform refuses us; who waits does not wait on.
func TestPumpStops(t *testing.T) {
	for cause, want := range map[error]error{errors.New("enough"): nil, fmt.Errorf("all agents: %w", platform.ErrRefused): platform.ErrRefused} {
		synctest.Test(t, func(t *testing.T) {
			p, cancel, ended := pumping(t, &shelf{leave: make(chan struct{})}, &echo{}, 4)
			waited := make(chan error, 2)
			go func() { waited <- p.Settle(t.Context(), heard("1")) }()
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				waited <- p.Settle(ctx, heard("2"))
			}()
			if err := <-waited; !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("waited too long: %v", err)
			}
			cancel(cause)
			if err := ended(); !errors.Is(err, want) {
				t.Errorf("Run ended with %v, want %v", err, want)
			}
			if err := <-waited; err == nil {
				t.Error("what was not delivered settled")
			}
		})
	}
}

// Who entered a Run is waited for, and nobody enters one that ends.
func TestCurrent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c platform.Current[int]
		if run, leave := c.Enter(); run != nil {
			t.Error("there is a Run before there is one")
		} else {
			leave()
		}
		one := 1
		end := c.Begin(&one)
		run, leave := c.Enter()
		if run != &one {
			t.Errorf("entered %v", run)
		}
		ended := false
		go func() { end(); ended = true }()
		synctest.Wait()
		if run, _ := c.Enter(); ended || run != nil {
			t.Errorf("ended %v while somebody is in, and %v can be entered", ended, run)
		}
		leave()
		synctest.Wait()
		if !ended {
			t.Error("it does not end")
		}
	})
}

// What was heard while a snapshot was read is delivered with it, in the order of the moments.
func TestPumpTellsTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		at := map[string]time.Time{"answer": began.Add(5 * time.Second), "ringing": began, "end": began.Add(time.Minute)}
		s := &shelf{}
		p := platform.NewPump("lab", s, 1, nil, platform.Decoding{
			Decode: func(h *platform.Heard) ([]call.Event, error) {
				if string(h.Raw) == "bad" {
					return nil, errors.New("bad")
				}
				return []call.Event{{ID: string(h.Raw), At: at[string(h.Raw)]}}, nil
			},
			Due: func() time.Time { return time.Time{} },
		})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- p.Run(ctx) }()
		h := heard("answer")
		h.With = []platform.Heard{heard("bad"), heard("ringing"), heard("end")}
		if err := p.Settle(t.Context(), h); err != nil {
			t.Fatal(err)
		}
		if got, want := s.deliveries(), [][]string{{"ringing", "answer", "end"}}; !reflect.DeepEqual(got, want) {
			t.Errorf("delivered %v, want %v", got, want)
		}
		if len(s.kept) != 1 {
			t.Errorf("%d messages kept, want 1", len(s.kept))
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
