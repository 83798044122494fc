package platformtest

import (
	"net"
	"sync"
)

// Gate is a listener that can refuse, break and speak out of turn: what a network and a far end do at their worst.
type Gate struct {
	net.Listener
	mu    sync.Mutex
	shut  bool
	conns map[*gateConn]bool
	count int
}

// ListenGate listens on a free port of 127.0.0.1.
func ListenGate() (*Gate, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	return &Gate{Listener: l, conns: map[*gateConn]bool{}}, err
}

// Accept implements net.Listener: it breaks connections at once while the gate is shut.
func (g *Gate) Accept() (net.Conn, error) {
	for {
		c, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		gc := &gateConn{Conn: c, g: g}
		g.mu.Lock()
		g.count++
		shut := g.shut
		if !shut {
			g.conns[gc] = true
		}
		g.mu.Unlock()
		if !shut {
			return gc, nil
		}
		c.Close()
	}
}

// Shut lets nobody in, or everybody again; who is in stays.
func (g *Gate) Shut(shut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = shut
}

// Accepted is how many connections came.
func (g *Gate) Accepted() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.count
}

// Cut breaks all connections.
func (g *Gate) Cut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.conns {
		c.Conn.Close()
	}
}

// Say writes to every connection between two writes of the far end.
func (g *Gate) Say(text string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.conns {
		c.mu.Lock()
		_, _ = c.Conn.Write([]byte(text))
		c.mu.Unlock()
	}
}

type gateConn struct {
	net.Conn
	g  *Gate
	mu sync.Mutex
}

func (c *gateConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.Conn.Write(b)
}

func (c *gateConn) Close() error {
	c.g.mu.Lock()
	delete(c.g.conns, c)
	c.g.mu.Unlock()
	return c.Conn.Close()
}
