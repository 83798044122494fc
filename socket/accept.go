package socket

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// MaxFrame is how large a message from the browser may be, in bytes; a larger one ends the socket (1009).
const MaxFrame = 64 << 10

// Accept makes a WebSocket of a request. Who may open one was looked at before ([Origins]). On an error the request is
// answered.
func Accept(w http.ResponseWriter, r *http.Request, subprotocol string) (*Conn, error) {
	key, status, err := handshake(r)
	if err != nil {
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "websocket")
		w.Header().Set("Sec-WebSocket-Version", "13")
		http.Error(w, err.Error(), status)
		return nil, err
	}
	h := w.Header()
	h.Set("Connection", "Upgrade")
	h.Set("Upgrade", "websocket")
	h.Set("Sec-WebSocket-Accept", accepted(key))
	if asks(r, "Sec-WebSocket-Protocol", subprotocol) {
		h.Set("Sec-WebSocket-Protocol", subprotocol)
	}
	w.WriteHeader(http.StatusSwitchingProtocols)
	wire, buffers, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, fmt.Errorf("socket: take the connection over: %w", err)
	}
	ahead, err := buffers.Reader.Peek(buffers.Reader.Buffered()) // what the browser did not wait with
	if err != nil {
		wire.Close()
		return nil, fmt.Errorf("socket: take the connection over: %w", err)
	}
	return &Conn{wire: wire, ahead: bytes.Clone(ahead)}, nil
}

// handshake reads what a client asks for ("Client Requirements" of the opening handshake in RFC 6455), and the status for
// one that does not ask for a WebSocket of this version.
func handshake(r *http.Request) (key string, status int, err error) {
	keys := r.Header.Values("Sec-WebSocket-Key")
	switch {
	case !r.ProtoAtLeast(1, 1) || !asks(r, "Connection", "Upgrade") || !asks(r, "Upgrade", "websocket"):
		return "", http.StatusUpgradeRequired, errors.New("this is the address of a WebSocket")
	case r.Method != http.MethodGet:
		return "", http.StatusMethodNotAllowed, errors.New("a WebSocket is opened with GET")
	case !slices.Equal(r.Header.Values("Sec-WebSocket-Version"), []string{"13"}):
		return "", http.StatusBadRequest, errors.New("only version 13 of the WebSocket protocol is spoken here")
	case len(keys) != 1:
		return "", http.StatusBadRequest, errors.New("a WebSocket's opening has one Sec-WebSocket-Key")
	}
	if nonce, err := base64.StdEncoding.DecodeString(keys[0]); err != nil || len(nonce) != 16 {
		return "", http.StatusBadRequest, errors.New("the Sec-WebSocket-Key is not 16 bytes in base64")
	}
	return keys[0], 0, nil
}

// accepted is the proof that the opening was understood.
func accepted(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// asks reports whether a header's list holds a word, however it is written.
func asks(r *http.Request, header, word string) bool {
	for _, list := range r.Header.Values(header) {
		for one := range strings.SplitSeq(list, ",") {
			if strings.EqualFold(strings.TrimSpace(one), word) {
				return true
			}
		}
	}
	return false
}
