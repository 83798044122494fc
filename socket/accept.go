package socket

import (
	"bufio"
	"bytes"
	"net"
	"net/http"

	"github.com/coder/websocket"
)

// MaxFrame is how large a message from the browser may be, in bytes; a larger one ends the socket (1009).
const MaxFrame = 64 << 10

// Conn is an accepted WebSocket, before and after its owner makes it a [Socket].
type Conn struct {
	*websocket.Conn
	wire net.Conn
}

// Accept makes a WebSocket of a request. Who may open one was looked at before ([Origins]). On an error the request is
// answered.
func Accept(w http.ResponseWriter, r *http.Request, subprotocol string) (*Conn, error) {
	slim := &slim{ResponseWriter: w}
	conn, err := websocket.Accept(slim, r, &websocket.AcceptOptions{
		Subprotocols:       []string{subprotocol},
		InsecureSkipVerify: true, // the owner has compared the origin, and exactly
		CompressionMode:    websocket.CompressionDisabled,
	})
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(MaxFrame)
	return &Conn{Conn: conn, wire: slim.wire}, nil
}

// What one socket keeps for as long as it is open. Most pops fit into one write; a message that does not takes two.
const (
	readBuffer  = 512
	writeBuffer = 1024
)

// slim is a ResponseWriter whose connection comes with small buffers: those of net/http are 8 KiB together, which is most
// of what an idle socket costs.
type slim struct {
	http.ResponseWriter
	wire net.Conn
}

// Hijack implements [http.Hijacker].
func (s *slim) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	wire, large, err := http.NewResponseController(s.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	s.wire = wire
	ahead, err := large.Reader.Peek(large.Reader.Buffered()) // what the browser did not wait with
	if err != nil {
		wire.Close()
		return nil, nil, err
	}
	small := bufio.NewReaderSize(bytes.NewReader(ahead), max(readBuffer, len(ahead)))
	_, err = small.Peek(len(ahead)) // the library keeps what is buffered, and reads on from the connection
	return wire, bufio.NewReadWriter(small, bufio.NewWriterSize(wire, writeBuffer)), err
}
