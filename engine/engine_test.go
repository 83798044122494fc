package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cordboard/call"
	"cordboard/workflow"
)

// rules is a Rules made of a function.
type rules func(workflow.Moment) []workflow.Plan

func (r rules) Match(m workflow.Moment) []workflow.Plan { return r(m) }

// does is an Action made of a function.
type does func(context.Context, Input) Outcome

func (d does) Do(ctx context.Context, in Input) Outcome { return d(ctx, in) }

// on fires one rule with the given steps at events of a name.
func on(name string, steps ...workflow.Planned) rules {
	return func(m workflow.Moment) []workflow.Plan {
		if m.Event.Name != name {
			return nil
		}
		return []workflow.Plan{{Workflow: "w", Rule: "on " + name, Once: true, Steps: steps}}
	}
}

func (r rules) and(o rules) rules {
	return func(m workflow.Moment) []workflow.Plan { return append(r(m), o(m)...) }
}

// work is a planned step of the work lane, screen one of the screen lane.
func work(kind string) workflow.Planned { return workflow.Planned{Kind: kind, Lane: workflow.WorkLane} }
func screen(kind string) workflow.Planned {
	return workflow.Planned{Kind: kind, Lane: workflow.ScreenLane}
}

// plain resolves arguments that need no results, and shows what there was for the others.
func plain(p workflow.Planned, r workflow.Results) (json.RawMessage, error) {
	if len(p.Needs) > 0 {
		return json.Marshal(r)
	}
	return json.Marshal(p.Args)
}

// event is the n-th event of a call of agent a1.
func event(ref string, n int, name string) call.Event {
	return call.Event{
		ID: fmt.Sprint(ref, "/", n), Connection: "c", Platform: call.Cisco, Ref: ref, Leg: "leg1", Role: call.CustomerLeg,
		Agent: "a1", Name: name, CallType: "T", Phase: call.Ringing, At: time.Unix(int64(1000+n), 0).UTC(),
	}
}

// bench runs an engine in a bubble of synthetic time.
type bench struct {
	*testing.T
	*Engine
	journal *memory
	cfg     Config
	cancel  context.CancelFunc
	done    chan error
}

func newBench(t *testing.T, cfg Config) *bench {
	b := &bench{T: t, journal: newMemory(), cfg: cfg}
	b.cfg.Journal = b.journal
	if b.cfg.Resolve == nil {
		b.cfg.Resolve = plain
	}
	b.begin()
	return b
}

func (b *bench) begin() {
	b.Engine = New(b.cfg)
	ctx, cancel := context.WithCancel(context.Background())
	b.cancel, b.done = cancel, make(chan error, 1)
	go func() { b.done <- b.Engine.Run(ctx) }()
}

func (b *bench) end() {
	b.Helper()
	b.cancel()
	if err := <-b.done; err != nil {
		b.Errorf("Run: %v", err)
	}
}

func (b *bench) accept(events ...call.Event) {
	b.Helper()
	if err := b.Accept(b.Context(), events); err != nil {
		b.Fatalf("Accept: %v", err)
	}
}

// states are the states of a call's steps.
func (b *bench) states(ref string) string {
	var out []string
	for _, s := range b.journal.ofCall(call.ID("c:" + ref)) {
		out = append(out, fmt.Sprintf("%s=%s", s.Kind, s.State))
	}
	return fmt.Sprint(out)
}

func (b *bench) want(ref, states string) {
	b.Helper()
	synctest.Wait()
	if got := b.states(ref); got != states {
		b.Errorf("steps: %s, want %s", got, states)
	}
}

// log remembers in which order things happened.
type log struct {
	mu    sync.Mutex
	lines []string
}

func (l *log) add(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Sprint(l.lines)
}

func (l *log) sorted() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Sprint(slices.Sorted(slices.Values(l.lines)))
}

func TestFromEventToOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen log
		b := newBench(t, Config{
			Rules: on("ALERTING", workflow.Planned{Kind: "create", Lane: workflow.WorkLane, Object: "Task", Args: map[string]any{"x": 1}}),
			Actions: map[string]Action{"create": does(func(_ context.Context, in Input) Outcome {
				seen.add("%s %v", in.Args, in.Known)
				return Outcome{State: Done, Result: json.RawMessage(`{"id":"T1"}`), Record: &RecordRef{ID: "T1"}}
			})},
		})
		defer b.end()
		ev := event("1", 1, "ALERTING")
		b.accept(ev)
		b.accept(ev)
		b.want("1", "[create=done]")
		if got := seen.String(); got != `[{"x":1} <nil>]` {
			t.Errorf("performed %s", got)
		}
		c := b.journal.calls["c:1"]
		if ref := c.Records[recordKey("c:1", "leg1", "w", "Task", "")]; ref.ID != "T1" || ref.Object != "Task" || ref.Leg != "leg1" {
			t.Errorf("records: %+v", c.Records)
		}
		if len(b.journal.events) != 1 || len(b.journal.runs) != 1 || !c.Due.IsZero() {
			t.Errorf("%d events, %d runs, due %v", len(b.journal.events), len(b.journal.runs), c.Due)
		}
		if s := b.Stats(); s.Events != 1 || s.Doubles != 1 || s.Planned != 1 || s.Attempts[Done] != 1 {
			t.Errorf("stats: %+v", s)
		}
	})
}

var errDisk = errors.New("no space left on device")
