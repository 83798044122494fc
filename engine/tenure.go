package engine

import (
	"context"
	"sync"
	"time"
)

// Tenure is what the engine has to know of a journal that several nodes use: for how long this node may perform the steps
// that it holds. Its methods are safe for concurrent use and do not block.
type Tenure interface {
	// Tenure says until when, by this node's clock, it may start steps. Whenever term is another number than before,
	// calls that were handed to this node may be somebody else's: everything that is held in memory must be
	// forgotten and asked for again.
	Tenure() (term int64, until time.Time)
	// Wake tells that [Journal.Due] is worth asking. It is never closed, and many reasons make one.
	Wake() <-chan struct{}
}

// tenure is how the engine stands with the other nodes. The zero tenure has no others.
type tenure struct {
	Tenure
	now func() time.Time

	mu    sync.Mutex
	term  int64 // as Run saw it last
	until time.Time
	steps context.Context // of what is being performed
	end   context.CancelFunc
}

func (t *tenure) wake() <-chan struct{} {
	if t.Tenure == nil {
		return nil
	}
	return t.Tenure.Wake()
}

// mayStart reports whether steps may be started at now.
func (t *tenure) mayStart(now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.Tenure == nil || now.Before(t.until)
}

// pause is how long nothing has to be looked at, at most.
func (t *tenure) pause(now time.Time) time.Duration {
	if t.Tenure == nil {
		return time.Minute
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if left := t.until.Sub(now); left > 0 {
		return left
	}
	return time.Second // or less, when this node is woken
}

// performing is the context of the steps that are started now.
func (t *tenure) performing(ctx context.Context) context.Context {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.steps == nil || t.steps.Err() != nil {
		t.steps, t.end = context.WithCancel(ctx)
	}
	return t.steps
}

// stepContext is the context of a step. Its Err asks the clock: a process that was frozen must not go on with what it was
// about to do only because nobody has told it yet that it was dead.
type stepContext struct {
	context.Context
	t *tenure
}

// Err implements [context.Context].
func (c stepContext) Err() error {
	if c.t.ended(c.t.now()) {
		c.t.interrupt()
	}
	return c.Context.Err()
}

// ended reports whether others may have taken over what this node performs.
func (t *tenure) ended(now time.Time) bool {
	if t.Tenure == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.endedLocked(now)
}

func (t *tenure) endedLocked(now time.Time) bool {
	term, until := t.Tenure.Tenure()
	return !now.Before(t.until) && (term != t.term || !now.Before(until))
}

// interrupt ends what is being performed.
func (t *tenure) interrupt() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.end != nil {
		t.end()
	}
}

// guard interrupts what is being performed the moment that others may perform it, also while the journal does not
// answer. It returns when ctx ends.
func (e *Engine) guard(ctx context.Context) {
	if e.tenure.Tenure == nil {
		return
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		_, until := e.tenure.Tenure.Tenure()
		left := until.Sub(e.now())
		if left <= 0 {
			e.tenure.interrupt()
			left = time.Second
		}
		timer.Reset(left)
	}
}

// look asks how things stand, and interrupts what others may have taken over. lost means that they may have taken over what
// this node holds.
func (t *tenure) look(now time.Time) (lost bool) {
	if t.Tenure == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.endedLocked(now) && t.end != nil {
		t.end()
	}
	term, until := t.Tenure.Tenure()
	lost = term != t.term
	t.term, t.until = term, until
	return lost
}

// keepTenure stops performing what another node may perform by now, and forgets what another node may hold. What is
// interrupted reports all the same; the journal decides whether that still counts.
func (e *Engine) keepTenure(now time.Time) {
	if e.tenure.look(now) {
		e.settler.startOver(now)
		e.mu.Lock()
		e.stats.Terms++
		e.mu.Unlock()
	}
}

// startOver drops every call. Steps that are being performed stay known until they report, so that none of them is
// started a second time should its call be handed out again.
func (c *core) startOver(now time.Time) {
	for id := range c.hot {
		c.drop(id)
	}
	clear(c.ready)
	clear(c.queued)
	c.kinds, c.timers = nil, nil
	c.pollAt = now
}
