package postgres_test

import (
	"bytes"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"cordboard/store/postgres/pgtest"
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
	late  chan struct{} // closed by the test when a held message may go on, or the connection is to be lost
	done  chan struct{} // closed when the trick was played and the server has ended the connection
}

type trick int

const (
	loseAnswer   trick = iota + 1 // the server does what the message says; then its answer is lost with the connection
	cutMeanwhile                  // the server gets the message; the connection is lost when the test says so
	holdMessage                   // the connection is lost, and the message arrives much later
)

func newProxy(t *testing.T, s *pgtest.Server) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, to: "127.0.0.1:" + s.Port, conns: map[net.Conn]struct{}{}}
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
	var lost atomic.Bool
	answers := make(chan struct{})
	p.all.Go(func() {
		defer close(answers)
		_, _ = io.Copy(unlessLost{client, &lost}, server)
		_ = client.Close() // only now: what the server got is decided before the client knows that its answer is lost
	})
	buf := make([]byte, 1<<20)
	for {
		n, err := client.Read(buf)
		if bytes.HasPrefix(buf[:n], cancelRequest) {
			break // pgx sends it when a connection breaks; a network that is down would not carry it
		}
		if how, late, done := p.marked(buf[:n]); how != 0 {
			lost.Store(true)
			message := whole(client, buf[:n])
			if how == holdMessage {
				_ = client.Close()
				<-late
			}
			_, _ = server.Write(message)
			if how == cutMeanwhile {
				<-late
				_ = client.Close()
			}
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

// cancelRequest is the start of a connection that only asks the server to give up what another connection asked for
// ("Message Formats" of the PostgreSQL documentation).
var cancelRequest = []byte{0, 0, 0, 16, 4, 210, 22, 46}

// whole reads the rest of a message: it ends with a Sync ("Message Formats" of the PostgreSQL documentation).
func whole(client io.Reader, begun []byte) []byte {
	message, more := bytes.Clone(begun), make([]byte, 1<<16)
	for !bytes.HasSuffix(message, []byte{'S', 0, 0, 0, 4}) {
		n, err := client.Read(more)
		message = append(message, more[:n]...)
		if err != nil {
			break
		}
	}
	return message
}

// unlessLost passes answers on to the client until they are to be lost.
type unlessLost struct {
	client io.Writer
	lost   *atomic.Bool
}

func (u unlessLost) Write(b []byte) (int, error) {
	if u.lost.Load() {
		return len(b), nil
	}
	if _, err := u.client.Write(b); err != nil {
		u.lost.Store(true) // the client is gone: the server is still to be read, or it would not end
	}
	return len(b), nil
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
