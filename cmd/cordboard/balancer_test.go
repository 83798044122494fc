package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// How the balancer looks after nodes, as docs/guides/nodes.md tells engineers to set up theirs.
const (
	lookEvery = 100 * time.Millisecond
	lookLimit = time.Second
	// silence is how many looks without an answer take a node for dead: its connections are cut.
	silence = 3
	// unready is for how long a node may say that it is not ready before its connections are cut. One that stops has
	// moved its desks by then.
	unready = 5 * time.Second
)

// balancer passes connections to nodes that are ready, one after the other.
type balancer struct {
	listener net.Listener
	ctx      context.Context
	all      sync.WaitGroup
	client   *http.Client

	mu    sync.Mutex
	nodes []*balanced
	turn  int
}

// balanced is a node as the balancer sees it.
type balanced struct {
	address string
	ready   bool
	since   time.Time // of what ready says
	silent  int       // looks that got no answer
	conns   map[net.Conn]struct{}
}

func newBalancer(t *testing.T, address string) *balancer {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	b := &balancer{listener: l, ctx: ctx, client: &http.Client{Timeout: lookLimit, Transport: &http.Transport{}}}
	b.all.Go(b.accept)
	t.Cleanup(func() {
		cancel()
		_ = l.Close()
		b.mu.Lock()
		for _, n := range b.nodes {
			n.cut()
		}
		b.mu.Unlock()
		b.all.Wait()
		b.client.CloseIdleConnections()
	})
	return b
}

// add has one more node looked after.
func (b *balancer) add(address string) {
	n := &balanced{address: address, conns: map[net.Conn]struct{}{}}
	b.mu.Lock()
	b.nodes = append(b.nodes, n)
	b.mu.Unlock()
	b.all.Go(func() {
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for {
			select {
			case <-b.ctx.Done():
				return
			case <-tick.C:
				b.look(n)
			}
		}
	})
}

// look asks a node whether it is ready.
func (b *balancer) look(n *balanced) {
	resp, err := b.client.Get("http://" + n.address + "/readyz")
	ready := false
	if err == nil {
		_ = resp.Body.Close()
		ready = resp.StatusCode == http.StatusOK
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if n.silent++; err == nil {
		n.silent = 0
	}
	if ready != n.ready {
		n.ready, n.since = ready, time.Now()
	}
	if n.silent >= silence || !ready && time.Since(n.since) > unready {
		n.cut()
	}
}

// cut ends all connections to a node.
func (n *balanced) cut() {
	for c := range n.conns {
		_ = c.Close()
	}
}

func (b *balancer) accept() {
	for {
		client, err := b.listener.Accept()
		if err != nil {
			return
		}
		b.all.Go(func() {
			defer client.Close()
			if n := b.next(); n != nil {
				b.carry(client, n)
			}
		})
	}
}

// next is the ready node whose turn it is; nil when there is none.
func (b *balancer) next() *balanced {
	b.mu.Lock()
	defer b.mu.Unlock()
	for range b.nodes {
		b.turn++
		if n := b.nodes[b.turn%len(b.nodes)]; n.ready {
			return n
		}
	}
	return nil
}

func (b *balancer) carry(client net.Conn, n *balanced) {
	node, err := net.DialTimeout("tcp", n.address, lookLimit)
	if err != nil {
		return
	}
	defer node.Close()
	b.mu.Lock()
	n.conns[client] = struct{}{}
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(n.conns, client)
	}()
	var back sync.WaitGroup
	back.Go(func() { _, _ = io.Copy(client, node); _ = client.Close() })
	_, _ = io.Copy(node, client)
	_ = node.Close()
	back.Wait()
}
