package socket

import (
	"encoding/binary"
	"io"

	"github.com/coder/websocket"
)

// What frames hold, in the numbers of RFC 6455 ("Base Framing Protocol").
const (
	opMore   = 0x0 // the message goes on
	opText   = byte(websocket.MessageText)
	opBinary = byte(websocket.MessageBinary)
	opClose  = 0x8
	opPing   = 0x9
	opPong   = 0xA

	final  = 0x80
	masked = 0x80

	maxControl = 125 // bytes in a frame that is no part of a message
)

// appendFrame adds a frame of ours.
func appendFrame(out []byte, op byte, payload []byte) []byte {
	out = append(out, final|op)
	switch n := len(payload); {
	case n <= maxControl:
		out = append(out, byte(n))
	case n < 1<<16:
		out = binary.BigEndian.AppendUint16(append(out, 126), uint16(n))
	default:
		out = binary.BigEndian.AppendUint64(append(out, 127), uint64(n))
	}
	return append(out, payload...)
}

// frameSize is how long a frame of ours is at most.
func frameSize(payload []byte) int { return 10 + len(payload) }

// frame is the head of a frame of the browser's.
type frame struct {
	op     byte
	final  bool
	length uint64
	mask   [4]byte
}

func (f *frame) control() bool { return f.op >= opClose }

// readHead reads the head of a frame. It fails with a [websocket.CloseError] when that cannot be one of a browser.
func readHead(r io.Reader) (f frame, err error) {
	var b [8]byte
	if _, err := io.ReadFull(r, b[:2]); err != nil {
		return f, err
	}
	f.op, f.final, f.length = b[0]&0xF, b[0]&final != 0, uint64(b[1]&^masked)
	switch {
	case b[0]&0x70 != 0:
		return f, violation("a bit is set that nothing was agreed on for")
	case b[1]&masked == 0:
		return f, violation("a frame is not masked")
	case f.op > opBinary && f.op < opClose || f.op > opPong:
		return f, violation("there is no such kind of frame")
	case f.control() && (!f.final || f.length > maxControl):
		return f, violation("a control frame is too long, or one of several")
	}
	switch f.length {
	case 126:
		_, err = io.ReadFull(r, b[:2])
		f.length = uint64(binary.BigEndian.Uint16(b[:]))
	case 127:
		_, err = io.ReadFull(r, b[:8])
		f.length = binary.BigEndian.Uint64(b[:])
	}
	if err == nil {
		_, err = io.ReadFull(r, f.mask[:])
	}
	return f, err
}

func violation(why string) error {
	return websocket.CloseError{Code: websocket.StatusProtocolError, Reason: why}
}

// unmask makes a payload what the browser meant.
func (f *frame) unmask(payload []byte) {
	for i := range payload {
		payload[i] ^= f.mask[i&3]
	}
}

// closing is what the browser says with a close frame.
func closing(payload []byte) error {
	if len(payload) == 0 {
		return websocket.CloseError{Code: websocket.StatusNoStatusRcvd}
	}
	if len(payload) < 2 {
		return violation("a close frame holds half a code")
	}
	code := websocket.StatusCode(binary.BigEndian.Uint16(payload))
	switch {
	case code < 1000, code == 1004, code == websocket.StatusNoStatusRcvd, code == websocket.StatusAbnormalClosure, code == websocket.StatusTLSHandshake,
		code > 1015 && code < 3000, code > 4999:
		return violation("a close frame holds a code that none may hold")
	}
	return websocket.CloseError{Code: code, Reason: string(payload[2:])}
}
