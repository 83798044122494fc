package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"cordboard/call"
	"cordboard/platform"
	"cordboard/workflow"
)

// ErrStopped means that the engine takes nothing more.
var ErrStopped = errors.New("engine: stopped")

// Config is what an Engine is made of. Journal, Rules and Actions are required.
type Config struct {
	Journal Journal
	// Tenure is for a journal that several nodes use; nil means that this node has it to itself.
	Tenure Tenure
	Rules  Rules
	// Calls tells what events say was tried to reach people; nil when nobody counts that.
	Calls Listener
	// Actions perform steps, by kind.
	Actions map[string]Action
	// Policies say how steps are tried again, by kind; what is not said is DefaultPolicy.
	Policies map[string]Policy
	// Limits say how many steps of a kind are performed at once. Without one it is 256 on the work lane, where a
	// step waits for a CRM, and 16,384 on the screen lane, where it waits for a browser.
	Limits map[string]int
	// Resolve completes a step's arguments; nil is workflow.Resolve.
	Resolve func(workflow.Planned, workflow.Results) (json.RawMessage, error)
	// CallLog is the object whose records are logs of calls, such as Task: what agents write into their logs goes there.
	CallLog string
	Log     *slog.Logger
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Seed makes the jitter of retries differ between nodes.
	Seed uint64
	// Hot is about how many calls with unfinished steps are held in memory; 0 is 10,000. Of calls that go on and have
	// none, five times as many are held: each of their events is to come. Of those that are over, a fifth.
	Hot int
	// Horizon is how early a step comes into memory before it is due; 0 is 30 s.
	Horizon time.Duration
	// Queue is how many calls of Accept and its like may wait for the next group before the caller has to wait with
	// them in hand; 0 is 1,024.
	Queue int
}

// Engine makes workflows durable. Its methods are safe for concurrent use; nothing happens before Run.
type Engine struct {
	rules   atomic.Pointer[Rules]
	actions map[string]Action
	resolve func(workflow.Planned, workflow.Results) (json.RawMessage, error)
	log     *slog.Logger
	now     func() time.Time

	queue   chan *input
	reports chan note // of the work lane
	screens chan note // of the screen lane
	stopped chan struct{}
	why     error // set before stopped is closed

	// Run's alone.
	settler *settler
	storing bool       // a group is on its way into the journal
	stored  chan error // how that has ended
	intake  intake
	pool    *pool
	cancels map[string]context.CancelFunc // of running steps
	waiting waiting
	debts   []*input // reports that could not be stored yet
	repayAt time.Time
	tenure  tenure

	feed  feed
	mu    sync.Mutex
	stats Stats
	quiet quiet
}

// New returns an engine.
func New(cfg Config) *Engine {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Queue <= 0 {
		cfg.Queue = 1024
	}
	if cfg.Resolve == nil {
		cfg.Resolve = workflow.Resolve
	}
	e := &Engine{
		actions: cfg.Actions, resolve: cfg.Resolve, log: cfg.Log, now: cfg.Now,
		queue: make(chan *input, cfg.Queue), reports: make(chan note, 1024), screens: make(chan note, 1024), stopped: make(chan struct{}),
		stored: make(chan error, 1), cancels: map[string]context.CancelFunc{},
	}
	e.tenure.Tenure, e.tenure.now = cfg.Tenure, cfg.Now
	e.SetRules(cfg.Rules)
	e.settler = &settler{core: cfg.core(e.panicked), journal: cfg.Journal, tell: e.tell, trouble: e.trouble}
	return e
}

func (cfg *Config) core(badRule func(any)) *core {
	c := newCore()
	c.seed, c.callLog, c.badRule = cfg.Seed, cfg.CallLog, badRule
	if cfg.Calls != nil {
		c.heard = cfg.Calls
	}
	if cfg.Hot > 0 {
		c.cap = cfg.Hot
	}
	if cfg.Horizon > 0 {
		c.horizon = cfg.Horizon
	}
	c.policy = func(kind string) Policy { return cfg.Policies[kind].over(DefaultPolicy()) }
	c.limit = func(l Lane, kind string) int {
		if n := cfg.Limits[kind]; n > 0 {
			return n
		}
		if l == ScreenLane {
			return 16_384
		}
		return 256
	}
	return c
}

// SetRules makes other rules count from the next group of events on.
func (e *Engine) SetRules(r Rules) { e.rules.Store(&r) }

// maxTogether is how many events of one Accept go into one group.
const maxTogether = 256

// Accept stores events and starts what the rules want of them. It returns nil when every event is durable; until then
// it blocks, also while too many others wait. Events of one leg are passed in order. When it fails some of them may be
// stored: passing them again changes nothing. An event that lacks what every event has is kept as undecodable.
func (e *Engine) Accept(ctx context.Context, events []call.Event) error {
	return e.accept(ctx, events, nil)
}

func (e *Engine) accept(ctx context.Context, events []call.Event, waits []*platform.Wait) error {
	now := e.now().UTC()
	for len(events) > 0 {
		n := min(len(events), maxTogether)
		in := &input{events: make([]call.Event, 0, n)}
		for i := range events[:n] {
			ev := events[i]
			if lack := lacks(&ev); lack != "" {
				if err := e.Keep(ctx, misfit(&ev), fmt.Errorf("an event without %s", lack)); err != nil {
					return err
				}
				if waits != nil && waits[i] != nil {
					waits[i].End(platform.Ends{})
				}
				continue
			}
			if ev.Received.IsZero() {
				ev.Received = now
			}
			in.events = append(in.events, ev)
			if waits != nil {
				in.waits = append(in.waits, waits[i])
			}
		}
		if len(in.events) > 0 {
			if err := e.ask(ctx, in); err != nil {
				return err
			}
		}
		events = events[n:]
		if waits != nil {
			waits = waits[n:]
		}
	}
	return nil
}

// lacks names what an event cannot be without.
func lacks(ev *call.Event) string {
	switch {
	case ev.Connection == "":
		return "a connection"
	case ev.ID == "":
		return "an id"
	case ev.Ref == "":
		return "a ref"
	case ev.Leg == "":
		return "a leg"
	case ev.At.IsZero():
		return "a time"
	}
	return ""
}

// misfit is the message of an event that cannot be folded.
func misfit(ev *call.Event) platform.Message {
	m := platform.Message{Connection: ev.Connection, Source: "event", Agent: ev.Agent, Extension: ev.Extension, At: ev.At}
	m.Message, _ = json.Marshal(ev) // plain data always marshals
	if len(ev.Raw) > 0 {
		m.SetText(ev.Raw)
	}
	return m
}

// Keep stores a message that could not be decoded, with the reason. It returns nil when it is durable.
func (e *Engine) Keep(ctx context.Context, m platform.Message, reason error) error {
	return e.ask(ctx, &input{kept: &Kept{Message: m, Reason: reason.Error()}})
}

// Redrive makes a step due now, with new arguments if args is not nil: a JSON object in place of the whole arguments.
// A step that is done, being performed or of a workflow in shadow is refused.
func (e *Engine) Redrive(ctx context.Context, step StepRef, args json.RawMessage) error {
	if args != nil && !json.Valid(args) {
		return ErrBadOrder
	}
	return e.ask(ctx, &input{order: &order{step: step, args: args}})
}

// Cancel ends a step that is not over yet as skipped. If it is being performed, it is interrupted; should its effect
// have happened all the same, the step is shown as done.
func (e *Engine) Cancel(ctx context.Context, step StepRef, who string) error {
	return e.ask(ctx, &input{order: &order{step: step, cancel: true, who: who}})
}

// ask passes in to Run and waits for the answer.
func (e *Engine) ask(ctx context.Context, in *input) error {
	in.answer = make(chan error, 1)
	select {
	case <-e.stopped:
		return e.why
	default:
	}
	select {
	case e.queue <- in:
	case <-ctx.Done():
		return ctx.Err()
	case <-e.stopped:
		return e.why
	}
	select {
	case err := <-in.answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-e.stopped:
		select { // it may have been settled in the last group
		case err := <-in.answer:
			return err
		default:
			return e.why
		}
	}
}

// Watch returns a feed of what is committed from now on. A reader that falls behind misses changes (Change.Missed
// counts them) and never holds the engine up. The caller ends it with stop, which closes the channel.
func (e *Engine) Watch() (changes <-chan Change, stop func()) { return e.feed.watch() }

// interface check: a compiled set of workflows is what the engine asks.
var _ Rules = (*workflow.Set)(nil)
