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
	said  int // messages of the far end
	last  int // of them, before all connections are reset; 0 is never
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

// Said is how many messages the far end has sent: each of its writes is one.
func (g *Gate) Said() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.said
}

// ResetAfter resets every connection right after the nth message that the far end sends from now on. A reset throws away
// what the other side has not read yet. With 0 none is reset.
func (g *Gate) ResetAfter(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.last = 0; n > 0 {
		g.last = g.said + n
	}
}

// says counts a message; last is true when it is the one after which all connections are reset.
func (g *Gate) says() (last bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.said++
	return g.said == g.last
}

func (g *Gate) reset() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.conns {
		if tcp, ok := c.Conn.(*net.TCPConn); ok {
			tcp.SetLinger(0)
		}
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
	last := c.g.says()
	c.mu.Lock()
	n, err := c.Conn.Write(b)
	c.mu.Unlock()
	if last {
		c.g.reset()
	}
	return n, err
}

func (c *gateConn) Close() error {
	c.g.mu.Lock()
	delete(c.g.conns, c)
	c.g.mu.Unlock()
	return c.Conn.Close()
}
