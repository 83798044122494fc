package socket_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"cordboard/socket"
)

// line is a network in memory, where time can be made to pass.
type line chan net.Conn

func (l line) Accept() (net.Conn, error) {
	if c, ok := <-l; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}
func (l line) Close() error   { return nil }
func (l line) Addr() net.Addr { return &net.TCPAddr{} }

func (l line) dial(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	l <- far
	return near, nil
}

// browser is the far end of a socket.
type browser struct {
	*websocket.Conn
	pings  atomic.Int32
	silent atomic.Bool   // it answers no pings any more
	left   chan struct{} // closed when the socket was closed from its own side
}

// open opens a socket that its owner reads.
func open(t *testing.T) *browser {
	b := &browser{left: make(chan struct{})}
	l := make(line)
	var owner sync.WaitGroup
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := socket.Accept(w, r, "test")
		if err != nil {
			t.Error(err)
			return
		}
		leave := sync.OnceFunc(func() { close(b.left) })
		s := socket.New(conn, socket.Options{Write: 5 * time.Second, Ping: 25 * time.Second, Queue: 4, Leave: leave})
		owner.Go(func() {
			defer s.End()
			s.KeepAlive()
			for {
				if _, _, err := s.Read(context.Background()); err != nil {
					return
				}
			}
		})
	})}
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := server.Serve(l); !errors.Is(err, net.ErrClosed) && !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	transport := &http.Transport{DialContext: l.dial, DisableKeepAlives: true}
	conn, _, err := websocket.Dial(t.Context(), "ws://socket/", &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: transport}, Subprotocols: []string{"test"},
		OnPingReceived: func(context.Context, []byte) bool { b.pings.Add(1); return !b.silent.Load() },
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Conn = conn
	var reading sync.WaitGroup
	reading.Go(func() { b.Read(context.Background()) })
	t.Cleanup(func() {
		b.CloseNow()
		reading.Wait()
		owner.Wait()
		close(l)
		server.Close()
		serving.Wait()
	})
	return b
}

// Ensure that only who says nothing is asked whether he is there.
func TestOnlySilenceIsPinged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := open(t)
		for range 10 {
			time.Sleep(20 * time.Second)
			if err := b.Write(t.Context(), websocket.MessageText, []byte("here")); err != nil {
				t.Fatal(err)
			}
		}
		if n := b.pings.Load(); n != 0 {
			t.Errorf("%d pings while it talks", n)
		}
		time.Sleep(26 * time.Second)
		if n := b.pings.Load(); n != 1 {
			t.Errorf("%d pings after 26 s of silence", n)
		}
		time.Sleep(25 * time.Second)
		if n := b.pings.Load(); n != 2 {
			t.Errorf("%d pings after 51 s of silence", n)
		}
		b.silent.Store(true)
		time.Sleep(50 * time.Second)
		select {
		case <-b.left:
		default:
			t.Error("who answers no ping stays")
		}
	})
}
