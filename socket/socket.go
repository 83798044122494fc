package socket

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// The codes with which a Socket closes itself. One below 4500 asks the browser to come back.
const (
	TooSlow websocket.StatusCode = 4001 // it did not read fast enough
	Silent  websocket.StatusCode = 4002 // it did not answer a ping
)

// MaxFrame is how large a message from the browser may be, in bytes; a larger one ends the socket (1009).
const MaxFrame = 64 << 10

// Options say how a Socket is kept.
type Options struct {
	// Write is how long one message may take to leave.
	Write time.Duration
	// Ping is the pause between two pings, and the time for the answer to one.
	Ping time.Duration
	// Queue is how many messages may wait.
	Queue int
	// Leave is called when the socket is closed from this side, before the good-bye: a browser that is dead answers none.
	// It may be called more than once.
	Leave func()
}

// Accept makes a WebSocket of a request. Who may open one was looked at before ([Origins]). On an error the request is
// answered.
func Accept(w http.ResponseWriter, r *http.Request, subprotocol string) (*websocket.Conn, error) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols:       []string{subprotocol},
		InsecureSkipVerify: true, // the owner has compared the origin, and exactly
		CompressionMode:    websocket.CompressionDisabled,
	})
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(MaxFrame)
	return conn, nil
}

// Socket is one open WebSocket. What is sent to it waits in a short queue that a goroutine empties while there is
// something to send, and a timer pings it: an idle one costs one goroutine, its owner's, which reads. Its methods are safe
// for concurrent use. Its owner calls End.
type Socket struct {
	conn *websocket.Conn
	opts Options

	mu      sync.Mutex
	queue   [][]byte
	writing bool
	closing bool
	ended   bool
	pings   *time.Timer
	writers sync.WaitGroup
}

// New keeps conn.
func New(conn *websocket.Conn, o Options) *Socket { return &Socket{conn: conn, opts: o} }

// Read returns the next message of the browser.
func (s *Socket) Read(ctx context.Context) (websocket.MessageType, []byte, error) {
	return s.conn.Read(ctx)
}

// KeepAlive pings from now on. A browser that does not answer one ping is closed. Somebody has to Read, or no answer is
// heard.
func (s *Socket) KeepAlive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pings = time.AfterFunc(s.opts.Ping, s.ping)
}

func (s *Socket) ping() {
	s.mu.Lock()
	if s.closing || s.ended {
		s.mu.Unlock()
		return
	}
	s.writers.Add(1)
	s.mu.Unlock()
	defer s.writers.Done()

	ctx, cancel := context.WithTimeout(context.Background(), s.opts.Ping)
	defer cancel()
	if err := s.conn.Ping(ctx); err != nil {
		s.Close(Silent, "no answer to a ping")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.pings.Reset(s.opts.Ping)
	}
}

// End waits for everything that still uses the socket. Nothing may be sent any more.
func (s *Socket) End() {
	s.mu.Lock()
	s.ended = true
	if s.pings != nil {
		s.pings.Stop()
	}
	closing := s.closing
	s.mu.Unlock()
	if !closing {
		s.conn.CloseNow()
	}
	s.writers.Wait()
}

// Send queues one message, a text, which must not be changed afterwards. A browser that lets too many wait is closed, so
// that one slow browser costs nobody else.
func (s *Socket) Send(message []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return
	}
	if len(s.queue) >= s.opts.Queue {
		s.closeLocked(TooSlow, "too many messages wait for this browser")
		return
	}
	s.queue = append(s.queue, message)
	if !s.writing {
		s.writing = true
		s.writers.Go(s.drain)
	}
}

// drain writes until nothing waits.
func (s *Socket) drain() {
	for {
		s.mu.Lock()
		if len(s.queue) == 0 || s.closing {
			s.writing, s.queue = false, nil
			s.mu.Unlock()
			return
		}
		next := s.queue[0]
		s.queue = s.queue[1:]
		s.mu.Unlock()

		ctx, cancel := context.WithTimeout(context.Background(), s.opts.Write)
		err := s.conn.Write(ctx, websocket.MessageText, next)
		cancel()
		if err != nil {
			s.Close(TooSlow, "a message could not be sent in time")
		}
	}
}

// Close ends the socket; the first reason counts.
func (s *Socket) Close(code websocket.StatusCode, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closeLocked(code, reason)
}

func (s *Socket) closeLocked(code websocket.StatusCode, reason string) {
	if s.closing {
		return
	}
	s.closing = true
	s.writers.Go(func() {
		s.opts.Leave()
		// Close waits for the browser's answer for a few seconds and then cuts.
		s.conn.Close(code, reason)
	})
}
