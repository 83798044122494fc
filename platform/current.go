package platform

import "sync"

// Current holds the Run of a connector that is under way, for requests and orders that come meanwhile. The zero value holds
// none; it is safe for concurrent use.
type Current[R any] struct {
	mu    sync.Mutex
	run   *R
	users *sync.WaitGroup
}

// Begin makes run the one under way. The returned func ends that: nobody enters it any more, and it returns when
// everybody has left.
func (c *Current[R]) Begin(run *R) (end func()) {
	users := new(sync.WaitGroup)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.run, c.users = run, users
	return func() {
		c.mu.Lock()
		if c.users == users {
			c.run, c.users = nil, nil
		}
		c.mu.Unlock()
		users.Wait()
	}
}

// Enter returns the Run under way, to be used until leave is called; nil while there is none, and then there is nothing to
// leave.
func (c *Current[R]) Enter() (run *R, leave func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.run == nil {
		return nil, func() {}
	}
	c.users.Add(1)
	return c.run, c.users.Done
}
