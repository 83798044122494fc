package stage

import (
	"fmt"
	"net"
	"sync"
)

// Door is the address of a simulator: bound by Listen, so that it can be told
// before it is served. All methods may be called from any goroutine.
type Door struct {
	mu sync.Mutex
	l  net.Listener
}

// Listen takes the given listener, or binds the TCP address when there is
// none. It does nothing the second time.
func (d *Door) Listen(given net.Listener, addr string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.l != nil {
		return nil
	}
	if given == nil {
		var err error
		if given, err = net.Listen("tcp", addr); err != nil {
			return fmt.Errorf("a simulator cannot listen: %w", err)
		}
	}
	d.l = given
	return nil
}

// Listener is what Listen has bound, nil before.
func (d *Door) Listener() net.Listener {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.l
}

// Addr is the host and port, "" before Listen.
func (d *Door) Addr() string {
	if l := d.Listener(); l != nil {
		return l.Addr().String()
	}
	return ""
}

// URL is the address with http before it, "" before Listen.
func (d *Door) URL() string {
	if addr := d.Addr(); addr != "" {
		return "http://" + addr
	}
	return ""
}
