package bench

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"
)

// desk is one agent's browser as far as the server can see it: a socket over which pops come and receipts go
// (docs/guides/desk-protocol.md). There are tens of thousands of them on the machine that is measured, so it reads what
// it needs and no more: a frame that is no pop is passed over without looking at it.
type desk struct {
	conn  net.Conn
	agent int
	out   []byte
}

// popped is one pop as it came.
type popped struct {
	Agent   int    `json:"a"`
	Call    string `json:"c"`
	Kind    string `json:"k"`
	Record  string `json:"r,omitempty"`
	Heard   int64  `json:"h"` // nanoseconds since 1970, by the server's clock
	Arrived int64  `json:"t"` // likewise, by ours, which is the same
}

// The parts of the WebSocket protocol that a desk speaks (RFC 6455).
const (
	opText  = 0x1
	opClose = 0x8
	opPing  = 0x9
	opPong  = 0xA
	final   = 0x80
	masked  = 0x80
)

const maxDeskFrame = 1 << 20

var errFrame = errors.New("the server sent a frame that is no part of the protocol")

// nextFrame takes a server's frame off the front of b; size is 0 while it is not complete.
func nextFrame(b []byte) (op byte, payload []byte, size int, err error) {
	if len(b) < 2 {
		return 0, nil, 0, nil
	}
	head, length := 2, int(b[1]&0x7F)
	switch length {
	case 126:
		if head = 4; len(b) < head {
			return 0, nil, 0, nil
		}
		length = int(binary.BigEndian.Uint16(b[2:]))
	case 127:
		if head = 10; len(b) < head {
			return 0, nil, 0, nil
		}
		length = int(binary.BigEndian.Uint64(b[2:]) & (1<<31 - 1))
	}
	if b[0]&final == 0 || b[1]&masked != 0 || length > maxDeskFrame {
		return 0, nil, 0, errFrame
	}
	if len(b) < head+length {
		return 0, nil, 0, nil
	}
	return b[0] & 0xF, b[head : head+length], head + length, nil
}

// appendFrame adds a client's frame. Its mask is zero, which leaves the payload as it is.
func appendFrame(out []byte, op byte, parts ...string) []byte {
	length := 0
	for _, p := range parts {
		length += len(p)
	}
	out = append(out, final|op)
	switch {
	case length < 126:
		out = append(out, masked|byte(length))
	case length < 1<<16:
		out = binary.BigEndian.AppendUint16(append(out, masked|126), uint16(length))
	default:
		out = binary.BigEndian.AppendUint64(append(out, masked|127), uint64(length))
	}
	out = append(out, 0, 0, 0, 0)
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// upgrade asks for a WebSocket and reads the answer. The server says nothing after that before it is spoken to.
func upgrade(conn net.Conn, path, header string) error {
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: Y29yZGJvYXJkIGJlbmNoIQ==\r\n%s\r\n", path, header); err != nil {
		return err
	}
	answer := make([]byte, 0, 1024)
	for !bytes.HasSuffix(answer, []byte("\r\n\r\n")) && !bytes.HasPrefix(answer, []byte("HTTP/1.1 5")) {
		n, err := conn.Read(answer[len(answer):cap(answer)])
		if err != nil {
			return err
		}
		if answer = answer[:len(answer)+n]; len(answer) == cap(answer) {
			return errLong
		}
	}
	if !bytes.HasPrefix(answer, []byte("HTTP/1.1 101")) {
		line, _, _ := bytes.Cut(answer, []byte("\r\n"))
		return fmt.Errorf("the socket was answered %s", line)
	}
	return nil
}

// openDesk opens the desk of an agent and returns when it is welcome.
func openDesk(d net.Dialer, address string, agent int, ticket string) (*desk, error) {
	conn, err := d.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	k := &desk{conn: conn, agent: agent}
	id := strconv.Itoa(agent)
	err = upgrade(conn, "/desk/socket", "Sec-WebSocket-Protocol: cordboard.desk.v1\r\n")
	if err == nil {
		err = k.send(opText, `{"type":"hello","ticket":"`, ticket, `","tab":"bench-`, id, `","host":"plain"}`)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return k, nil
}

func (k *desk) send(op byte, parts ...string) error {
	k.out = appendFrame(k.out[:0], op, parts...)
	_, err := k.conn.Write(k.out)
	return err
}

// listen answers what comes until the socket ends. welcome is called once.
func (k *desk) listen(welcome func(), heard func(popped)) error {
	b := make([]byte, 2048)
	for n := 0; ; {
		if n == len(b) {
			b = append(b, make([]byte, len(b))...)
		}
		m, err := k.conn.Read(b[n:])
		if err != nil {
			return err
		}
		n += m
		used := 0
		for {
			op, payload, size, err := nextFrame(b[used:n])
			if err != nil {
				return err
			}
			if size == 0 {
				break
			}
			used += size
			if err := k.hear(op, payload, welcome, heard); err != nil {
				return err
			}
		}
		n = copy(b, b[used:n])
	}
}

var (
	popStart     = []byte(`{"type":"pop",`)
	welcomeStart = []byte(`{"type":"welcome",`)
)

func (k *desk) hear(op byte, payload []byte, welcome func(), heard func(popped)) error {
	switch {
	case op == opPing:
		return k.send(opPong, string(payload))
	case op == opClose:
		return fmt.Errorf("the desk of agent %d was closed: %q", k.agent, payload)
	case op == opText && bytes.HasPrefix(payload, popStart):
		arrived := time.Now()
		if err := k.send(opText, `{"type":"receipt","key":"`, field(payload, `"key":"`), `","outcome":"shown"}`); err != nil {
			return err
		}
		at, err := time.Parse(time.RFC3339Nano, field(payload, `"heard":"`))
		if err != nil {
			return fmt.Errorf("a pop does not say when its event was heard: %w", err)
		}
		p := popped{Agent: k.agent, Call: field(payload, `"call":"`), Kind: field(payload, `"kind":"`), Heard: at.UnixNano(), Arrived: arrived.UnixNano()}
		if _, record, ok := bytes.Cut(payload, []byte(`"record":{`)); ok {
			p.Record = field(record, `"id":"`)
		}
		heard(p)
	case op == opText && bytes.HasPrefix(payload, welcomeStart):
		welcome()
	}
	return nil
}

// field is the value of a text field that holds nothing to be escaped; empty when it is not there.
func field(b []byte, start string) string {
	i := bytes.Index(b, []byte(start))
	if i < 0 {
		return ""
	}
	b = b[i+len(start):]
	end := bytes.IndexByte(b, '"')
	if end < 0 {
		return ""
	}
	return string(b[:end])
}

// tickets fetches desk tickets over one connection.
type tickets struct {
	conn net.Conn
	r    *bufio.Reader
}

func openTickets(d net.Dialer, address string) (*tickets, error) {
	conn, err := d.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &tickets{conn, bufio.NewReader(conn)}, nil
}

func (t *tickets) fetch(address string, agent int) (string, error) {
	body := `{"agent":"` + strconv.Itoa(agent) + `"}`
	if _, err := fmt.Fprintf(t.conn, "POST /desk/ticket HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", address, len(body), body); err != nil {
		return "", err
	}
	status, answer, err := readAnswer(t.r)
	if err != nil {
		return "", err
	}
	ticket := field(answer, `"ticket":"`)
	if ticket == "" {
		return "", fmt.Errorf("no ticket: the server answered %d", status)
	}
	return ticket, nil
}
