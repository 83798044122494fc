package main

import (
	"net"
	"sync"
	"testing"
)

// gate stands between a node and the database. While it is shut nothing comes through, and nobody is told, as when a
// network is cut; when it opens again, what was on its way arrives late.
type gate struct {
	listener net.Listener
	to       string
	all      sync.WaitGroup

	mu    sync.Mutex
	open  chan struct{} // closed while the gate is open
	over  chan struct{} // closed at the end of the test
	conns map[net.Conn]struct{}
}

func newGate(t *testing.T, to string) *gate {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{listener: l, to: to, open: make(chan struct{}), over: make(chan struct{}), conns: map[net.Conn]struct{}{}}
	close(g.open)
	g.all.Go(g.accept)
	t.Cleanup(func() {
		_ = l.Close()
		close(g.over)
		g.cut()
		g.all.Wait()
	})
	return g
}

func (g *gate) port() string {
	_, port, _ := net.SplitHostPort(g.listener.Addr().String())
	return port
}

// shut lets nothing through any more.
func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = make(chan struct{})
}

// reopen lets everything through again: also what has waited, unless the connections were reset meanwhile.
func (g *gate) reopen(reset bool) {
	if reset {
		g.cut()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.open)
}

// cut ends all connections.
func (g *gate) cut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.conns {
		_ = c.Close()
	}
}

// pass waits until the gate is open; false means that the test is over.
func (g *gate) pass() bool {
	g.mu.Lock()
	open := g.open
	g.mu.Unlock()
	select {
	case <-open:
		return true
	case <-g.over:
		return false
	}
}

func (g *gate) accept() {
	for {
		node, err := g.listener.Accept()
		if err != nil {
			return
		}
		g.keep(node)
		g.all.Go(func() {
			defer g.drop(node)
			if !g.pass() {
				return
			}
			database, err := net.Dial("tcp", g.to)
			if err != nil {
				return
			}
			g.keep(database)
			defer g.drop(database)
			var back sync.WaitGroup
			back.Go(func() { g.carry(node, database) })
			g.carry(database, node)
			back.Wait()
		})
	}
}

func (g *gate) keep(c net.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.conns[c] = struct{}{}
}

func (g *gate) drop(c net.Conn) {
	_ = c.Close()
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.conns, c)
}

// carry takes one direction to its end, and then ends the other one.
func (g *gate) carry(to, from net.Conn) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if !g.pass() {
			break
		}
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	_, _ = to.Close(), from.Close()
}
