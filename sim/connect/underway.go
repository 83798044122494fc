package connect

import (
	"context"
	"sync"
)

// underway counts what is on its way to somebody else. The zero underway is ready; it is safe for concurrent use.
type underway struct {
	mu   sync.Mutex
	n    int
	idle chan struct{} // closed when n becomes 0; nil while nobody waits
}

// add notes n more on their way, or -n that are through.
func (u *underway) add(n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.n += n; u.n == 0 && u.idle != nil {
		close(u.idle)
		u.idle = nil
	}
}

// drained waits until nothing is on its way.
func (u *underway) drained(ctx context.Context) error {
	u.mu.Lock()
	if u.n == 0 {
		u.mu.Unlock()
		return nil
	}
	if u.idle == nil {
		u.idle = make(chan struct{})
	}
	idle := u.idle
	u.mu.Unlock()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-idle:
		return nil
	}
}

func (u *underway) count() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.n
}
