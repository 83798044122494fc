// Package stage is what all the simulators have in common behind the curtain
// and no vendor has a word for: waiting for a state, timers and goroutines
// that end with the server, the address, and the JSON of the control API.
package stage

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrEnded is what a simulator answers after its end.
var ErrEnded = errors.New("the simulator is closed")

// Life is a simulator from New to its end: it wakes those who wait for a
// state, and nothing that it started outlives it. It shares its simulator's
// lock, so that conditions and timers see the state that the lock guards.
type Life struct {
	name   string
	mu     *sync.Mutex
	change chan struct{} // closed and replaced at each change when somebody waits
	ended  bool
	over   chan struct{} // closed at the end
	work   sync.WaitGroup
	timers map[*time.Timer]struct{}
}

// NewLife makes the life of the named simulator, whose state mu guards.
func NewLife(name string, mu *sync.Mutex) *Life {
	return &Life{name: name, mu: mu, over: make(chan struct{}), timers: map[*time.Timer]struct{}{}}
}

// Err is nil, or says that the simulator is closed. It is called under the
// lock.
func (l *Life) Err() error {
	if l.ended {
		return fmt.Errorf("%s: %w", l.name, ErrEnded)
	}
	return nil
}

// Over is closed when the simulator ends.
func (l *Life) Over() <-chan struct{} { return l.over }

// Changed wakes those who wait for a state. It is called under the lock.
func (l *Life) Changed() {
	if l.change != nil {
		close(l.change)
		l.change = nil
	}
}

// Await waits until cond holds; cond is asked under the lock, at first and
// after each change. It fails when ctx or the simulator ends before.
func (l *Life) Await(ctx context.Context, cond func() bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for !cond() {
		if err := l.Err(); err != nil {
			return err
		}
		if l.change == nil {
			l.change = make(chan struct{})
		}
		change := l.change
		l.mu.Unlock()
		select {
		case <-ctx.Done():
		case <-change:
		}
		l.mu.Lock()
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// Later runs f under the lock after d, unless the simulator ends before. It
// is called under the lock.
func (l *Life) Later(d time.Duration, f func()) {
	if l.ended {
		return
	}
	l.work.Add(1)
	var t *time.Timer
	t = time.AfterFunc(d, func() {
		defer l.work.Done()
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.timers, t)
		if !l.ended {
			f()
		}
	})
	l.timers[t] = struct{}{}
}

// Enter counts something that runs, such as a socket, until its Leave: the
// end waits for it. It is false when the simulator has ended. It is called
// under the lock.
func (l *Life) Enter() bool {
	if l.ended {
		return false
	}
	l.work.Add(1)
	return true
}

// Go runs f on its own, and the end waits for it. It is called by what is
// itself counted, or under the lock before the end is over.
func (l *Life) Go(f func()) { l.work.Go(f) }

// Leave ends what Enter began.
func (l *Life) Leave() { l.work.Done() }

// Spawn runs f on its own; its context ends with the simulator, and the end
// waits for it. It is called under the lock and does nothing, and is false,
// when the simulator has ended.
func (l *Life) Spawn(f func(context.Context)) bool {
	if !l.Enter() {
		return false
	}
	ctx, cancel := context.WithCancel(context.Background())
	l.work.Go(func() {
		select {
		case <-l.over:
			cancel()
		case <-ctx.Done():
		}
	})
	go func() {
		defer l.Leave()
		defer cancel()
		f(ctx)
	}()
	return true
}

// Pause waits for d; it is false when ctx or the simulator ends before.
func (l *Life) Pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
	case <-l.over:
	}
	return false
}

// End runs last under the lock, where the simulator breaks its connections,
// stops all timers, and waits until nothing runs any more. A second End only
// waits.
func (l *Life) End(last func()) {
	l.mu.Lock()
	if !l.ended {
		last()
		l.ended = true
		close(l.over)
		for t := range l.timers {
			if t.Stop() {
				l.work.Done()
			}
		}
		clear(l.timers)
		l.Changed()
	}
	l.mu.Unlock()
	l.work.Wait()
}
