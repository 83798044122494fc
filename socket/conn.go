package socket

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// Conn is an accepted WebSocket, before and after its owner makes it a [Socket]. A library's connection holds buffers,
// locks and contexts that are worth as much as all the rest of an idle desk; this one holds next to nothing, and reads and
// writes what RFC 6455 wants of a server that compresses nothing. One goroutine reads at a time; the rest is safe for
// concurrent use.
type Conn struct {
	wire net.Conn

	ahead   []byte // read, and not taken yet
	message []byte // what there is of the one that is being read
	failed  error  // why nothing can be read any more
	reading sync.Mutex
	heard   atomic.Int64 // when something came last, in nanoseconds since 1970
	kind    byte         // of the message

	bye     bool // a close frame was sent, or half a frame: nothing may follow
	writing sync.Mutex

	buffer [readBuffer]byte // the last one: a collector need not look through it
}

const (
	// readBuffer holds the usual message of a browser whole.
	readBuffer = 256
	// goodbye is how long a browser may take to hear that its socket is closed, and again to say that it has.
	goodbye = 5 * time.Second
)

// Read returns the next message. When ctx ends first, the connection is closed. A [websocket.CloseError] says why the
// browser closed it, or why it had to be closed.
func (c *Conn) Read(ctx context.Context) (websocket.MessageType, []byte, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	if ctx.Done() != nil {
		stop := context.AfterFunc(ctx, c.CloseNow)
		defer stop()
	}
	for c.failed == nil {
		done, err := c.next()
		if refused := (websocket.CloseError{}); errors.As(err, &refused) {
			c.sayBye(refused.Code, refused.Reason)
		}
		if c.failed = err; done {
			message := c.message
			c.message = nil
			return websocket.MessageType(c.kind), message, nil
		}
	}
	return 0, nil, c.failed
}

// next reads a frame, and reports whether it ends a message.
func (c *Conn) next() (done bool, err error) {
	f, err := readHead((*reader)(c))
	if err != nil {
		return false, err
	}
	if f.control() {
		return false, c.obey(&f)
	}
	switch {
	case (f.op == opMore) != (c.message != nil):
		return false, violation("a message begins inside another one, or goes on without a beginning")
	case f.length > MaxFrame || int(f.length)+len(c.message) > MaxFrame:
		return false, websocket.CloseError{Code: websocket.StatusMessageTooBig, Reason: "the message is too long"}
	case f.op != opMore:
		c.kind = f.op
	}
	begun := len(c.message)
	c.message = append(c.message, make([]byte, f.length)...)
	if c.message == nil {
		c.message = []byte{} // an empty message has begun, too
	}
	if _, err := io.ReadFull((*reader)(c), c.message[begun:]); err != nil {
		return false, err
	}
	f.unmask(c.message[begun:])
	return f.final, nil
}

// obey answers a frame that is no part of a message.
func (c *Conn) obey(f *frame) error {
	payload := make([]byte, f.length)
	if _, err := io.ReadFull((*reader)(c), payload); err != nil {
		return err
	}
	f.unmask(payload)
	switch f.op {
	case opPing:
		return c.write(appendFrame(nil, opPong, payload), goodbye, false)
	case opPong:
		return nil
	}
	return closing(payload)
}

// reader is a Conn as what frames are read from.
type reader Conn

// Read implements [io.Reader].
func (r *reader) Read(p []byte) (int, error) {
	if len(r.ahead) > 0 {
		n := copy(p, r.ahead)
		if r.ahead = r.ahead[n:]; len(r.ahead) == 0 {
			r.ahead = nil
		}
		return n, nil
	}
	into := p // what is longer than the buffer needs none
	if len(p) < readBuffer {
		into = r.buffer[:]
	}
	n, err := r.wire.Read(into)
	if n > 0 {
		r.heard.Store(time.Now().UnixNano())
	}
	if len(p) < readBuffer {
		r.ahead = r.buffer[:n]
		n = copy(p, r.ahead)
		r.ahead = r.ahead[n:]
	}
	return n, err
}

// heardAt is when something came last; the zero time when nothing has.
func (c *Conn) heardAt() time.Time {
	if at := c.heard.Load(); at != 0 {
		return time.Unix(0, at)
	}
	return time.Time{}
}

// write sends whole frames; after the last ones nothing is sent any more. What does not leave in its time ends the
// connection: half a frame may be on its way.
func (c *Conn) write(frames []byte, within time.Duration, last bool) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	if c.bye {
		return net.ErrClosed
	}
	// A deadline that has passed concerns nobody: whoever writes sets another one.
	err := c.wire.SetWriteDeadline(time.Now().Add(within))
	if err == nil {
		_, err = c.wire.Write(frames)
	}
	if err != nil {
		c.wire.Close()
	}
	c.bye = last || err != nil
	return err
}

// sayBye sends the close frame, once.
func (c *Conn) sayBye(code websocket.StatusCode, reason string) {
	var payload []byte
	if code != websocket.StatusNoStatusRcvd {
		payload = append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason[:min(len(reason), maxControl-2)]...)
	}
	_ = c.write(appendFrame(nil, opClose, payload), goodbye, true) // if it was said before, or cannot be, that is the end as well
}

// Close says good-bye with a reason, waits for the browser's answer for a few seconds, and closes the connection. Who reads
// gets what still comes, and an error in the end.
func (c *Conn) Close(code websocket.StatusCode, reason string) {
	c.sayBye(code, reason)
	_ = c.wire.SetReadDeadline(time.Now().Add(goodbye)) // on a closed connection there is nothing to wait for
	for {
		if _, _, err := c.Read(context.Background()); err != nil {
			break
		}
	}
	c.CloseNow()
}

// CloseNow closes the connection without a good-bye.
func (c *Conn) CloseNow() { c.wire.Close() }
