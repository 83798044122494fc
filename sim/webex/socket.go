package webex

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/coder/websocket"
)

const writeTimeout = 20 * time.Second

var keepalive = []byte(`{"keepalive":"true"}`)

// A socket is one open WebSocket of an agent.
type socket struct {
	s    *Server
	conn *websocket.Conn
	wire net.Conn        // under conn: closing it is the one way to end a socket at once
	ctx  context.Context // ends with the server; the socket lives no longer than its handler
	sub  *subscription
	out  *outbox
	mute bool // faults: nothing is sent any more, keepalives neither; guarded by Server.mu
}

// serveSocket is the handler of a webSocketUrl. The URL is the secret: no
// header is needed, and it is good for one socket (the latter is inferred).
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	sub := s.claim(r.PathValue("id"))
	if sub == nil {
		apiFailure(w, http.StatusForbidden, "Forbidden", "the subscription is unknown or was used before")
		return
	}
	under := &taker{ResponseWriter: w}
	conn, err := websocket.Accept(under, r, &websocket.AcceptOptions{InsecureSkipVerify: true, CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return
	}
	conn.SetReadLimit(64 << 10)
	k := &socket{s: s, conn: conn, wire: under.wire, ctx: context.WithoutCancel(r.Context()), sub: sub}
	k.out = newOutbox(s.cfg.MaxQueue, k.kill)
	if !s.admit(k) {
		_ = conn.CloseNow()
		return
	}
	defer s.life.Leave()
	k.run()
}

// claim takes a subscription for its socket.
func (s *Server) claim(id string) *subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := s.subscriptions[id]
	delete(s.subscriptions, id)
	return sub
}

// admit registers a socket and welcomes it: Welcome is its first message.
func (s *Server) admit(k *socket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.life.Enter() {
		return false
	}
	a := k.sub.agent
	s.sockets[k] = struct{}{}
	welcome, err := json.Marshal(message{Type: "Welcome", OrgID: orgID, Data: map[string]string{"agentId": a.id}})
	if err == nil {
		k.out.push(welcome)
	}
	a.sockets = append(a.sockets, k)
	s.life.Changed()
	return true
}

// run reads until the peer, silence, an error or the server ends the socket.
// It returns when the writer and the keepalives are done too.
func (k *socket) run() {
	var work sync.WaitGroup
	work.Go(func() {
		k.out.drain(k.write)
		k.close()
	})
	heard := make(chan struct{}, 1)
	gone := make(chan struct{})
	work.Go(func() { k.keep(heard, gone) })
	for {
		_, r, err := k.conn.Reader(k.ctx)
		if err != nil {
			break
		}
		data, err := io.ReadAll(r)
		if err != nil {
			break
		}
		var m struct{ Keepalive string }
		if json.Unmarshal(data, &m) == nil && m.Keepalive == "true" {
			k.s.keptAlive()
			select {
			case heard <- struct{}{}:
			default:
			}
		}
	}
	k.s.unlist(k)
	close(gone)
	k.out.finish()
	work.Wait()
}

func (s *Server) keptAlive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keepalives++
	s.life.Changed()
}

// keep sends the server's keepalives and cuts a client that promised its own
// (isKeepAliveEnabled) and was silent for too long.
func (k *socket) keep(heard, gone <-chan struct{}) {
	var tick <-chan time.Time
	if every := k.s.cfg.KeepaliveEvery; every > 0 {
		t := time.NewTicker(every)
		defer t.Stop()
		tick = t.C
	}
	silence := time.NewTimer(k.s.cfg.Silence)
	defer silence.Stop()
	for {
		select {
		case <-gone:
			return
		case <-tick:
			k.s.mu.Lock()
			if !k.mute {
				k.out.push(keepalive)
			}
			k.s.mu.Unlock()
		case <-heard:
			silence.Reset(k.s.cfg.Silence)
		case <-silence.C:
			if k.sub.keepalive {
				k.kill()
				return
			}
		}
	}
}

func (k *socket) write(m []byte) error {
	ctx, cancel := context.WithTimeout(k.ctx, writeTimeout)
	defer cancel()
	return k.conn.Write(ctx, websocket.MessageText, m)
}

// kill breaks the socket without a good-bye. It waits for nothing.
func (k *socket) kill() { _ = k.wire.Close() }

// close ends the socket in order; whoever does not take part in the handshake
// within a second is cut.
func (k *socket) close() {
	late := time.AfterFunc(time.Second, k.kill)
	defer late.Stop()
	_ = k.conn.Close(websocket.StatusNormalClosure, "")
	_ = k.conn.CloseNow()
}

// taker remembers the connection that a WebSocket is made of.
type taker struct {
	http.ResponseWriter
	wire net.Conn
}

// Hijack gives the connection away, as the WebSocket's library asks for it.
func (t *taker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	wire, rw, err := http.NewResponseController(t.ResponseWriter).Hijack()
	t.wire = wire
	return wire, rw, err
}

// unlist forgets a socket: no more messages go to it.
func (s *Server) unlist(k *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sockets, k)
	k.sub.agent.detach(k)
	s.life.Changed()
}

func (a *agent) detach(k *socket) {
	if i := slices.Index(a.sockets, k); i >= 0 {
		a.sockets = slices.Delete(a.sockets, i, i+1)
	}
}
