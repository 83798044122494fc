package dialer

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/sync/semaphore"
)

const (
	maxUnsettled = 4096    // frames of one socket that wait; then it is not read on
	maxWaiting   = 8 << 20 // bytes of them
	pingEvery    = 30 * time.Second
	writeTime    = 5 * time.Second
)

// acknowledgement is the frame that goes back: the messages that are durable now, each by the sender's name for it or,
// without one, by its number on this socket, counted from 1. Of these, kept could not be decoded.
type acknowledgement struct {
	Ack  []any  `json:"ack"`
	Kept []kept `json:"kept,omitempty"`
}

// socket serves one WebSocket until it is closed or the run ends.
func (c *Connector) socket(w http.ResponseWriter, r *http.Request) {
	if !c.doors.bearer(r) {
		unknown(w)
		return
	}
	run := c.enter()
	if run == nil {
		closed(w)
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil { // it has answered
		run.users.Done()
		return
	}
	conn.SetReadLimit(maxBody)
	c.count(1)
	defer c.count(-1)
	s := &socket{
		c: c, run: run, conn: conn, waiting: make(chan *delivery, maxUnsettled), room: semaphore.NewWeighted(maxWaiting), told: make(chan struct{}),
	}
	s.serve(context.WithoutCancel(r.Context()))
}

// socket is one WebSocket of the dialer.
type socket struct {
	c       *Connector
	run     *run
	conn    *websocket.Conn
	waiting chan *delivery // in the order of their frames
	room    *semaphore.Weighted
	told    chan struct{} // closed when nothing is acknowledged any more
	number  int           // of the messages that were acknowledged
	frames  atomic.Int64  // that were read
	reading atomic.Bool   // it is waited for the next one
}

// serve reads, acknowledges and pings until the far end or the run ends.
func (s *socket) serve(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	telling, told := context.WithCancel(ctx)
	var others sync.WaitGroup
	others.Go(func() {
		defer s.run.users.Done()
		defer close(s.told)
		defer told()
		s.acknowledge(ctx)
	})
	others.Go(func() { s.keepAlive(ctx) })
	status := s.read(ctx, telling)
	close(s.waiting)
	<-s.told // what is durable is told even to who leaves
	s.conn.Close(status, "")
	cancel()
	others.Wait()
}

// read takes frames in until the far end or the run ends, or until nothing is acknowledged any more.
func (s *socket) read(ctx, telling context.Context) websocket.StatusCode {
	var buffer bytes.Buffer
	for {
		frame, err := s.frame(ctx, &buffer)
		if err != nil {
			return websocket.StatusNormalClosure
		}
		d, err := s.c.delivery(frame)
		if err != nil {
			return websocket.StatusMessageTooBig
		}
		if d.size = int64(len(frame)); s.room.Acquire(telling, d.size) != nil {
			return websocket.StatusTryAgainLater
		}
		select {
		case s.waiting <- d:
		case <-s.told:
			return websocket.StatusTryAgainLater
		}
		if s.run.submit(d) != nil {
			return websocket.StatusTryAgainLater
		}
	}
}

// frame reads the next frame into a buffer that grows once and not with every frame, and returns a copy.
func (s *socket) frame(ctx context.Context, buffer *bytes.Buffer) ([]byte, error) {
	s.reading.Store(true)
	defer s.reading.Store(false)
	_, r, err := s.conn.Reader(ctx)
	if err != nil {
		return nil, err
	}
	buffer.Reset()
	if _, err = buffer.ReadFrom(r); err != nil {
		return nil, err
	}
	s.frames.Add(1)
	return bytes.Clone(buffer.Bytes()), nil
}

// acknowledge tells what is durable, in the order of the frames, until there are no more or one is refused. What is
// durable at the same time goes into one frame.
func (s *socket) acknowledge(ctx context.Context) {
	for d := s.next(); d != nil; {
		var frame acknowledgement
		var more *delivery
		for settled := true; settled; {
			if s.run.settle(ctx, d) != nil {
				return
			}
			frame.Ack, frame.Kept = append(frame.Ack, s.names(d)...), append(frame.Kept, d.kept(s.number+1)...)
			s.number += len(d.messages)
			s.room.Release(d.size)
			select {
			case more = <-s.waiting:
				d, settled = more, more != nil && len(more.settled) > 0
			default:
				more, settled = nil, false
			}
		}
		if s.write(ctx, frame) != nil {
			return
		}
		if d = more; d == nil {
			d = s.next()
		}
	}
}

// next waits for the next delivery; nil means that there is none any more.
func (s *socket) next() *delivery {
	select {
	case d := <-s.waiting:
		return d
	case <-s.run.done:
		return nil
	}
}

// names are what the sender calls the messages of a delivery.
func (s *socket) names(d *delivery) []any {
	names := make([]any, len(d.messages))
	for i := range names {
		names[i] = d.name(i, s.number+1)
	}
	return names
}

func (s *socket) write(ctx context.Context, frame acknowledgement) error {
	b, err := json.Marshal(frame)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	return s.conn.Write(ctx, websocket.MessageText, b)
}

// keepAlive pings a far end that is silent, so that one that has vanished is noticed, and says goodbye when the run ends.
func (s *socket) keepAlive(ctx context.Context) {
	ticker := time.NewTicker(pingEvery)
	defer ticker.Stop()
	for frames := int64(-1); ; {
		select {
		case <-ctx.Done():
			return
		case <-s.run.done:
			s.conn.Close(websocket.StatusTryAgainLater, "the connection does not run here any more")
			return
		case <-ticker.C:
		}
		before := frames
		if frames = s.frames.Load(); !s.silentSince(before) {
			continue
		}
		asking, cancel := context.WithTimeout(ctx, writeTime)
		err := s.conn.Ping(asking)
		cancel()
		if err != nil && s.silentSince(frames) {
			s.conn.CloseNow()
			return
		}
	}
}

// silentSince reports whether nothing came after so many frames, although it was waited for: while nobody reads, an
// answer may lie unread behind what waits.
func (s *socket) silentSince(frames int64) bool { return s.reading.Load() && s.frames.Load() == frames }
