package socket

import (
	"context"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// The codes with which a Socket closes itself. One below 4500 asks the browser to come back.
const (
	TooSlow websocket.StatusCode = 4001 // it did not read fast enough
	Silent  websocket.StatusCode = 4002 // it did not answer a ping
)

// Options say how a Socket is kept.
type Options struct {
	// Write is how long one message may take to leave.
	Write time.Duration
	// Ping is how long the browser may say nothing before it is pinged, and the time for the answer to that.
	Ping time.Duration
	// Queue is how many messages may wait.
	Queue int
	// Leave is called when the socket is closed from this side, before the good-bye: a browser that is dead answers none.
	// It may be called more than once.
	Leave func()
}

// Socket is one open WebSocket. What is sent to it waits in a short queue that a goroutine empties while there is
// something to send, and a timer pings it when it is silent: an idle one costs one goroutine, its owner's, which reads.
// Its methods are safe for concurrent use. Its owner calls End.
type Socket struct {
	conn *Conn
	opts Options

	mu      sync.Mutex
	queue   [][]byte
	writing bool
	closing bool
	ended   bool
	pings   *time.Timer
	heard   time.Time // when the newest message came
	writers sync.WaitGroup
}

// New keeps conn.
func New(conn *Conn, o Options) *Socket { return &Socket{conn: conn, opts: o} }

// Read returns the next message of the browser.
func (s *Socket) Read(ctx context.Context) (websocket.MessageType, []byte, error) {
	kind, message, err := s.conn.Read(ctx)
	s.mu.Lock()
	s.heard = time.Now()
	s.mu.Unlock()
	return kind, message, err
}

// KeepAlive pings from now on, whenever nothing was read for so long. A browser that does not answer one ping is closed.
// Somebody has to Read, or no answer is heard.
func (s *Socket) KeepAlive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pings = time.AfterFunc(s.opts.Ping, s.ping)
}

// ping asks a browser that has said nothing for a while whether it is there.
func (s *Socket) ping() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing || s.ended {
		return
	}
	if silent := time.Since(s.heard); silent < s.opts.Ping {
		s.pings.Reset(s.opts.Ping - silent)
		return
	}
	s.writers.Go(s.probe)
}

func (s *Socket) probe() {
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

		if err := s.write(next); err != nil {
			s.conn.CloseNow() // half a message may be on its way: no good-bye can follow
			s.Close(TooSlow, "a message could not be sent in time")
		}
	}
}

// write sends one message in its time. A deadline of the connection costs nothing, a context a timer and a goroutine.
func (s *Socket) write(message []byte) error {
	if err := s.conn.wire.SetWriteDeadline(time.Now().Add(s.opts.Write)); err != nil {
		return err
	}
	if err := s.conn.Write(context.Background(), websocket.MessageText, message); err != nil {
		return err
	}
	_ = s.conn.wire.SetWriteDeadline(time.Time{}) // what the library itself writes has its own; a closed connection needs none
	return nil
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
