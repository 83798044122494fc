package desk_test

import (
	"bufio"
	"net"
	"net/http"
	"sync"
)

// wire is the network between browsers and the hub: it can be cut.
type wire struct {
	mu    sync.Mutex
	conns []net.Conn
	down  bool
}

// through serves next over the wire.
func (w *wire) through(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		down := w.down
		w.mu.Unlock()
		if down {
			panic(http.ErrAbortHandler)
		}
		next.ServeHTTP(&tapped{ResponseWriter: rw, wire: w}, r)
	})
}

// cut ends every socket as a broken network does, without a word.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		c.Close()
	}
	w.conns = nil
}

// set takes the wire down for new sockets, or up again.
func (w *wire) set(down bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = down
}

// tapped keeps the socket of a hijacked connection.
type tapped struct {
	http.ResponseWriter
	wire *wire
}

func (t *tapped) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(t.ResponseWriter).Hijack()
	if err == nil {
		t.wire.mu.Lock()
		t.wire.conns = append(t.wire.conns, c)
		t.wire.mu.Unlock()
	}
	return c, rw, err
}
