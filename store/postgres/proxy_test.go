package postgres_test

import (
	"bytes"
	"io"
	"net"
	"sync"
	"testing"
)

// proxy stands between a store and its server, and can lose what a marked message brings.
type proxy struct {
	listener net.Listener
	to       string
	all      sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]struct{}
	mark  []byte
	how   trick
	late  chan struct{} // closed when a held message may go on
	done  chan struct{} // closed when the trick was played and the server has ended the connection
}

type trick int

const (
	loseAnswer  trick = iota + 1 // the server gets the message; its answer is lost with the connection
	holdMessage                  // the connection is lost, and the message arrives much later
)

func newProxy(t *testing.T, s *server) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, to: "127.0.0.1:" + s.port, conns: map[net.Conn]struct{}{}}
	p.all.Go(p.accept)
	t.Cleanup(func() {
		_ = l.Close()
		p.mu.Lock()
		for c := range p.conns {
			_ = c.Close()
		}
		p.mu.Unlock()
		p.all.Wait()
	})
	return p
}

// port is where the store connects.
func (p *proxy) port() string {
	_, port, _ := net.SplitHostPort(p.listener.Addr().String())
	return port
}

// play plays a trick on the connection that first carries the mark.
func (p *proxy) play(how trick, mark string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.how, p.mark, p.late, p.done = how, []byte(mark), make(chan struct{}), make(chan struct{})
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.to)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		p.conns[client], p.conns[server] = struct{}{}, struct{}{}
		p.mu.Unlock()
		p.all.Go(func() { p.carry(client, server) })
	}
}

func (p *proxy) carry(client, server net.Conn) {
	answers := make(chan struct{})
	p.all.Go(func() {
		defer close(answers)
		_, err := io.Copy(client, server)
		if err != nil {
			_, _ = io.Copy(io.Discard, server) // the client is gone: what the server says is lost
		}
		_ = client.Close()
	})
	buf := make([]byte, 1<<20)
	for {
		n, err := client.Read(buf)
		if how, late, done := p.marked(buf[:n]); how != 0 {
			_ = client.Close()
			if how == holdMessage {
				<-late
			}
			_, _ = server.Write(buf[:n])
			_ = server.(*net.TCPConn).CloseWrite() // the server works off what it got, and ends
			<-answers
			close(done)
			break
		}
		if n > 0 {
			if _, err := server.Write(buf[:n]); err != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	_ = server.Close()
	_ = client.Close()
	<-answers
}

func (p *proxy) marked(b []byte) (how trick, late, done chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.how == 0 || !bytes.Contains(b, p.mark) {
		return 0, nil, nil
	}
	how, p.how = p.how, 0
	return how, p.late, p.done
}
