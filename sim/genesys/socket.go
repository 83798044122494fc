package genesys

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

// A socket is the one WebSocket that a channel has at a time.
type socket struct {
	out  *outbox
	gone chan struct{} // closed, under Server.mu, to break it at once
}

// Messages that belong to no topic. Their shape is that of captured ones.
const (
	heartbeat = `{"topicName":"channel.metadata","eventBody":{"message":"WebSocket Heartbeat"}}`
	pong      = `{"topicName":"channel.metadata","eventBody":{"message":"pong"}}`
)

// writeTimeout is how long one message may take to leave.
const writeTimeout = 10 * time.Second

// serveSocket is where a channel's connectUri leads. A channel that is not there is 404; a second socket takes the
// first one's place (inferred: the documents only say that there is one). What is published from the handshake on is
// delivered.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	sock := &socket{out: newOutbox(s.cfg.MaxQueue), gone: make(chan struct{})}
	c := s.attach(r.PathValue("id"), sock)
	if c == nil {
		http.Error(w, "channel not found", http.StatusNotFound)
		return
	}
	defer s.life.Leave()
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true, CompressionMode: websocket.CompressionDisabled})
	if err == nil {
		s.listen(context.WithoutCancel(r.Context()), conn, sock)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.socket == sock {
		s.detach(c)
	}
}

func (s *Server) attach(id string, sock *socket) *channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.liveChannel(id)
	if c == nil || !s.life.Enter() {
		return nil
	}
	s.cut(c)
	c.socket, c.used = sock, time.Now()
	s.sockets++
	s.life.Changed()
	return c
}

// listen serves a socket until it ends: one goroutine reads, one writes, this one beats.
func (s *Server) listen(ctx context.Context, conn *websocket.Conn, sock *socket) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	written, read := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(written)
		sock.out.drain(func(m []byte) error {
			ctx, cancel := context.WithTimeout(ctx, writeTimeout)
			defer cancel()
			return conn.Write(ctx, websocket.MessageText, m)
		})
	}()
	go func() {
		defer close(read)
		for {
			_, data, err := conn.Read(ctx)
			if err != nil {
				return
			}
			s.heard(sock, data)
		}
	}()
	if s.beat(sock, read, written) {
		// Whoever does not take part in the closing handshake within a second is cut.
		hopeless := time.AfterFunc(time.Second, func() { _ = conn.CloseNow() })
		_ = conn.Close(websocket.StatusGoingAway, "")
		hopeless.Stop()
	}
	sock.out.finish()
	_ = conn.CloseNow()
	<-read
	<-written
}

// beat sends heartbeats until the socket ends. It says whether that is in good order: everything was written.
func (s *Server) beat(sock *socket, read, written <-chan struct{}) bool {
	var tick <-chan time.Time
	if s.cfg.Heartbeat > 0 {
		t := time.NewTicker(s.cfg.Heartbeat)
		defer t.Stop()
		tick = t.C
	}
	for {
		select {
		case <-tick:
			sock.out.push([]byte(heartbeat))
		case <-sock.gone:
			return false
		case <-s.life.Over():
			return false
		case <-read:
			return false
		case <-written:
			return true
		}
	}
}

// heard answers what a client says: only {"message":"ping"} means anything.
func (s *Server) heard(sock *socket, data []byte) {
	var said struct{ Message string }
	if json.Unmarshal(data, &said) == nil && said.Message == "ping" {
		sock.out.push([]byte(pong))
	}
}

// cut breaks the channel's socket without a good-bye: what waits to be written is lost. It is called under Server.mu.
func (s *Server) cut(c *channel) {
	if c.socket == nil {
		return
	}
	close(c.socket.gone)
	s.detach(c)
}

// part ends the channel's socket once everything is written, with a closing frame. It is called under Server.mu.
func (s *Server) part(c *channel) {
	if c.socket != nil {
		s.detach(c)
	}
}

func (s *Server) detach(c *channel) {
	c.socket.out.finish()
	c.socket, c.used = nil, time.Now()
	s.sockets--
	s.life.Changed()
}
