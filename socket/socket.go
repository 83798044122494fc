package socket

import (
	"context"
	"slices"
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
	queue   [][]byte // frames
	writing bool
	closing bool
	ended   bool
	watch   *time.Timer
	pinged  time.Time // when it was pinged last
	writers sync.WaitGroup
}

// New keeps conn.
func New(conn *Conn, o Options) *Socket { return &Socket{conn: conn, opts: o} }

// Read returns the next message of the browser.
func (s *Socket) Read(ctx context.Context) (websocket.MessageType, []byte, error) {
	return s.conn.Read(ctx)
}

// KeepAlive pings from now on, whenever nothing was heard for so long. A browser that does not answer one ping is closed.
// Somebody has to Read, or no answer is heard.
func (s *Socket) KeepAlive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watch = time.AfterFunc(s.opts.Ping, s.ask)
}

// ask asks a browser that has said nothing for a while whether it is there, and closes one that was asked before.
func (s *Socket) ask() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing || s.ended {
		return
	}
	heard, now := s.conn.heardAt(), time.Now()
	switch silent := now.Sub(heard); {
	case silent < s.opts.Ping:
		s.watch.Reset(s.opts.Ping - silent)
	case heard.Before(s.pinged):
		s.closeLocked(Silent, "no answer to a ping")
	default:
		s.pinged = now
		s.sendLocked(appendFrame(nil, opPing, nil))
		s.watch.Reset(s.opts.Ping)
	}
}

// End waits for everything that still uses the socket. Nothing may be sent any more.
func (s *Socket) End() {
	s.mu.Lock()
	s.ended = true
	if s.watch != nil {
		s.watch.Stop()
	}
	closing := s.closing
	s.mu.Unlock()
	if !closing {
		s.conn.CloseNow()
	}
	s.writers.Wait()
}

// Send queues one message, a text. A browser that lets too many wait is closed, so that one slow browser costs nobody else.
func (s *Socket) Send(message []byte) {
	frame := appendFrame(make([]byte, 0, frameSize(message)), opText, message)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sendLocked(frame)
}

func (s *Socket) sendLocked(frame []byte) {
	if s.closing {
		return
	}
	if len(s.queue) >= s.opts.Queue {
		s.closeLocked(TooSlow, "too many messages wait for this browser")
		return
	}
	s.queue = append(s.queue, frame)
	if !s.writing {
		s.writing = true
		s.writers.Go(s.drain)
	}
}

// drain writes until nothing waits, what waits together at once.
func (s *Socket) drain() {
	for {
		s.mu.Lock()
		if len(s.queue) == 0 || s.closing {
			s.writing, s.queue = false, nil
			s.mu.Unlock()
			return
		}
		frames := s.queue[0]
		if len(s.queue) > 1 {
			frames = slices.Concat(s.queue...)
		}
		s.queue = nil
		s.mu.Unlock()

		if err := s.conn.write(frames, s.opts.Write, false); err != nil {
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
		s.conn.Close(code, reason)
	})
}
