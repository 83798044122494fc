package engine

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// lease is a Tenure that a test hands out.
type lease struct {
	mu    sync.Mutex
	term  int64
	until time.Time
	woken chan struct{}
}

func newLease(d time.Duration) *lease {
	return &lease{term: 1, until: time.Now().Add(d), woken: make(chan struct{}, 1)}
}

func (l *lease) Tenure() (int64, time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.term, l.until
}

func (l *lease) Wake() <-chan struct{} { return l.woken }

// grant hands out another term.
func (l *lease) grant(term int64, d time.Duration) {
	l.mu.Lock()
	l.term, l.until = term, time.Now().Add(d)
	l.mu.Unlock()
	l.woken <- struct{}{}
}

// interruptible is an action that is interrupted, or done after d.
func interruptible(seen *log, d time.Duration) Action {
	return does(func(ctx context.Context, in Input) Outcome {
		seen.add("begin %s", in.Step.Call)
		select {
		case <-ctx.Done():
			seen.add("interrupted %s", in.Step.Call)
			return Again("stopped", "")
		case <-time.After(d):
			seen.add("done %s", in.Step.Call)
			return Outcome{State: Done}
		}
	})
}

// A node that can no longer be sure of what it holds starts nothing, interrupts what runs, and goes on once it is sure again.
func TestTenureEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen log
		l := newLease(10 * time.Second)
		b := newBench(t, Config{Rules: on("ALERTING", work("create")), Actions: map[string]Action{"create": interruptible(&seen, time.Minute)}, Tenure: l})
		defer b.end()
		b.accept(event("1", 1, "ALERTING"))
		time.Sleep(9 * time.Second)
		b.accept(event("2", 1, "ALERTING"))
		time.Sleep(1100 * time.Millisecond)
		synctest.Wait()
		if got := seen.sorted(); got != "[begin c:1 begin c:2 interrupted c:1 interrupted c:2]" {
			t.Errorf("performed %s", got)
		}
		b.accept(event("3", 1, "ALERTING"))
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := seen.sorted(); got != "[begin c:1 begin c:2 interrupted c:1 interrupted c:2]" {
			t.Errorf("performed without being sure: %s", got)
		}
		l.grant(2, time.Hour)
		time.Sleep(2 * time.Minute)
		for _, ref := range []string{"1", "2", "3"} {
			b.want(ref, "[create=done]")
		}
	})
}

// What runs is interrupted in time also while the journal does not answer.
func TestTenureEndsWhileTheJournalIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen log
		l := newLease(10 * time.Second)
		b := newBench(t, Config{Rules: on("ALERTING", work("create")), Actions: map[string]Action{"create": interruptible(&seen, time.Minute)}, Tenure: l})
		defer b.end()
		b.accept(event("1", 1, "ALERTING"))
		synctest.Wait()
		back := make(chan struct{})
		b.journal.refuse(func(*Group) error { <-back; return nil })
		done := make(chan error, 1)
		go func() { done <- b.Accept(t.Context(), events(event("2", 1, "ALERTING"))) }()
		time.Sleep(10*time.Second - time.Millisecond)
		if got := seen.String(); got != "[begin c:1]" {
			t.Errorf("performed %s", got)
		}
		time.Sleep(2 * time.Millisecond)
		if got := seen.String(); got != "[begin c:1 interrupted c:1]" {
			t.Errorf("performed %s", got)
		}
		close(back)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// A process that was frozen past its lease knows it before anything has fired that would tell it.
func TestStepKnowsThatItsTimeIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var frozen atomic.Int64
		l := newLease(10 * time.Second)
		act, acted := make(chan struct{}), make(chan error, 2)
		b := newBench(t, Config{
			Now: func() time.Time { return time.Now().Add(time.Duration(frozen.Load())) }, Tenure: l, Rules: on("ALERTING", work("create")),
			Actions: map[string]Action{"create": does(func(ctx context.Context, _ Input) Outcome {
				<-act
				acted <- ctx.Err()
				act <- struct{}{}
				acted <- ctx.Err()
				return Outcome{State: Done}
			})},
		})
		defer b.end()
		b.accept(event("1", 1, "ALERTING"))
		act <- struct{}{}
		if err := <-acted; err != nil {
			t.Errorf("interrupted: %v", err)
		}
		frozen.Store(int64(11 * time.Second))
		<-act
		if err := <-acted; err == nil {
			t.Error("it would go on although its time is over")
		}
	})
}

// What is renewed in time goes on undisturbed.
func TestTenureRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen log
		l := newLease(10 * time.Second)
		b := newBench(t, Config{Rules: on("ALERTING", work("create")), Actions: map[string]Action{"create": interruptible(&seen, time.Minute)}, Tenure: l})
		defer b.end()
		b.accept(event("1", 1, "ALERTING"))
		for range 30 {
			time.Sleep(3 * time.Second)
			l.mu.Lock()
			l.until = time.Now().Add(10 * time.Second)
			l.mu.Unlock()
		}
		b.want("1", "[create=done]")
		if got := seen.String(); got != "[begin c:1 done c:1]" {
			t.Errorf("performed %s", got)
		}
	})
}

// In a new term everything is asked for again, and what is still being performed is not started a second time.
func TestNewTerm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen log
		l := newLease(time.Hour)
		b := newBench(t, Config{Rules: on("ALERTING", work("create"), work("create")), Actions: map[string]Action{"create": interruptible(&seen, time.Minute)}, Tenure: l})
		defer b.end()
		b.accept(event("1", 1, "ALERTING"))
		time.Sleep(10 * time.Second)
		l.grant(2, time.Hour)
		synctest.Wait()
		if s := b.Stats(); s.Terms != 2 || s.Hot != 1 { // the first term is one, too
			t.Errorf("%d terms, %d calls in memory", s.Terms, s.Hot)
		}
		time.Sleep(3 * time.Minute)
		b.want("1", "[create=done create=done]")
		if got := seen.String(); got != "[begin c:1 done c:1 begin c:1 done c:1]" {
			t.Errorf("performed %s", got)
		}
	})
}

// What another node took over is its to perform: the report of a step that ran meanwhile is dropped.
func TestTakenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen log
		l := newLease(time.Hour)
		b := newBench(t, Config{Rules: on("ALERTING", work("create"), work("create")), Actions: map[string]Action{"create": interruptible(&seen, time.Minute)}, Tenure: l})
		defer b.end()
		b.accept(event("1", 1, "ALERTING"))
		synctest.Wait()
		b.journal.refuse(func(*Group) error { return ErrFenced })
		b.journal.adopt(newMemory()) // nothing is this node's any more
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if got := seen.String(); got != "[begin c:1 done c:1]" {
			t.Errorf("performed %s", got)
		}
		if s := b.Stats(); s.Fenced == 0 || s.Failed > 0 || len(s.Running) > 0 {
			t.Errorf("stats %+v", s)
		}
	})
}

// Another node left calls that this node may take: it does not wait for its next look.
func TestWake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen log
		l := newLease(time.Hour)
		b := newBench(t, Config{Rules: on("ALERTING", work("create")), Actions: map[string]Action{"create": interruptible(&seen, time.Second)}, Tenure: l})
		defer b.end()
		time.Sleep(time.Second)
		synctest.Wait()
		other := newBench(t, Config{Rules: on("ALERTING", work("create")), Actions: map[string]Action{"create": interruptible(&seen, time.Hour)}})
		other.accept(event("1", 1, "ALERTING"))
		other.end()
		b.journal.adopt(other.journal)
		b.want("1", "[create=pending]")
		l.grant(1, time.Hour)
		time.Sleep(2 * time.Second)
		b.want("1", "[create=done]")
	})
}
