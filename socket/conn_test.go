package socket_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cordboard/socket"
)

// echo is a server that says everything again.
func echo(t *testing.T) string {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := socket.Accept(w, r, "test")
		if err != nil {
			return
		}
		s := socket.New(conn, socket.Options{Write: time.Minute, Ping: time.Minute, Queue: 64, Leave: func() {}})
		defer s.End()
		for {
			_, message, err := s.Read(context.Background())
			if err != nil {
				return
			}
			s.Send(message)
		}
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// Ensure that another implementation of the protocol is understood, and understands, whatever the length of a message.
func TestEcho(t *testing.T) {
	conn, _, err := websocket.Dial(t.Context(), echo(t), &websocket.DialOptions{Subprotocols: []string{"other", "test"}})
	if err != nil {
		t.Fatal(err)
	}
	if conn.Subprotocol() != "test" {
		t.Errorf("the subprotocol is %q", conn.Subprotocol())
	}
	conn.SetReadLimit(-1)
	for _, n := range []int{0, 1, 125, 126, 127, 255, 256, 257, 511, 4096, 65535, socket.MaxFrame} {
		said := strings.Repeat("ä", n/2) + strings.Repeat("x", n%2)
		if err := conn.Write(t.Context(), websocket.MessageText, []byte(said)); err != nil {
			t.Fatal(err)
		}
		kind, heard, err := conn.Read(t.Context())
		if err != nil || kind != websocket.MessageText || string(heard) != said {
			t.Fatalf("%d bytes came back as %d (%v), %v", n, len(heard), kind, err)
		}
	}
	if err := conn.Close(websocket.StatusNormalClosure, "enough"); err != nil {
		t.Errorf("the good-bye was not answered: %v", err)
	}
}

// wire is a browser that says what it likes.
type wire struct {
	t *testing.T
	net.Conn
	r *bufio.Reader
}

func raw(t *testing.T) *wire {
	conn, err := net.Dial("tcp", strings.TrimPrefix(echo(t), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	w := &wire{t, conn, bufio.NewReader(conn)}
	fmt.Fprint(w, "GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	answer, err := http.ReadResponse(w.r, nil)
	if err != nil || answer.StatusCode != 101 || answer.Header.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" { // the example of RFC 6455
		t.Fatalf("%v, %v", answer, err)
	}
	return w
}

// say sends a masked frame.
func (w *wire) say(first byte, payload string) {
	f := []byte{first, 0x80 | byte(len(payload)), 1, 2, 3, 4}
	for i := range len(payload) {
		f = append(f, payload[i]^f[2+i&3])
	}
	if _, err := w.Write(f); err != nil {
		w.t.Fatal(err)
	}
}

// hears reads a short frame of the server's.
func (w *wire) hears(first byte, payload string) {
	w.t.Helper()
	w.SetReadDeadline(time.Now().Add(time.Minute))
	head := make([]byte, 2)
	if _, err := io.ReadFull(w.r, head); err != nil {
		w.t.Fatal(err)
	}
	got := make([]byte, head[1])
	if _, err := io.ReadFull(w.r, got); err != nil {
		w.t.Fatal(err)
	}
	if head[0] != first || !bytes.HasPrefix(got, []byte(payload)) {
		w.t.Errorf("heard %#x %q, not %#x %q", head[0], got, first, payload)
	}
}

func code(c websocket.StatusCode) string {
	return string(binary.BigEndian.AppendUint16(nil, uint16(c)))
}

// Ensure that a message may come in pieces, with other frames between them.
func TestPieces(t *testing.T) {
	w := raw(t)
	w.say(0x01, "one ")
	w.say(0x89, "are you there")
	w.say(0x00, "two ")
	w.say(0x8A, "nobody asked")
	w.say(0x80, "three")
	w.hears(0x8A, "are you there")
	w.hears(0x81, "one two three")
	w.say(0x88, code(4000)+"bye")
	w.hears(0x88, code(4000)+"bye")
	if _, err := w.r.ReadByte(); err != io.EOF {
		t.Errorf("after the good-bye: %v", err)
	}
}

// Ensure that what breaks the protocol ends the socket, with the reason.
func TestViolations(t *testing.T) {
	long := "\x82\xFF\x00\x00\x00\x00\x00\x01\x00\x01\x01\x02\x03\x04"
	for name, c := range map[string]struct {
		says string
		code websocket.StatusCode
	}{
		"not masked":                     {"\x81\x02hi", websocket.StatusProtocolError},
		"a reserved bit":                 {"\xC1\x80\x01\x02\x03\x04", websocket.StatusProtocolError},
		"an unknown kind":                {"\x83\x80\x01\x02\x03\x04", websocket.StatusProtocolError},
		"a ping in pieces":               {"\x09\x80\x01\x02\x03\x04", websocket.StatusProtocolError},
		"a long ping":                    {"\x89\xFE\x00\x7E\x01\x02\x03\x04", websocket.StatusProtocolError},
		"more of nothing":                {"\x80\x80\x01\x02\x03\x04", websocket.StatusProtocolError},
		"a message inside another":       {"\x01\x80\x01\x02\x03\x04\x81\x80\x01\x02\x03\x04", websocket.StatusProtocolError},
		"half a code":                    {"\x88\x81\x00\x00\x00\x00\x03", websocket.StatusProtocolError},
		"a code that nobody may use":     {"\x88\x82\x00\x00\x00\x00\x03\xEE", websocket.StatusProtocolError},
		"too long":                       {long, websocket.StatusMessageTooBig},
		"longer than any":                {"\x82\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01\x02\x03\x04", websocket.StatusMessageTooBig},
		"a good-bye that says no reason": {"\x88\x80\x01\x02\x03\x04", 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := raw(t)
			if _, err := io.WriteString(w, c.says); err != nil {
				t.Fatal(err)
			}
			want := ""
			if c.code != 0 {
				want = code(c.code)
			}
			w.hears(0x88, want)
		})
	}
}

// Ensure that only what asks for a WebSocket gets one.
func TestHandshake(t *testing.T) {
	url := echo(t)
	for name, c := range map[string]struct {
		change func(*http.Request)
		want   int
	}{
		"as it should be": {func(*http.Request) {}, 101},
		"a page":          {func(r *http.Request) { r.Header.Del("Upgrade") }, 426},
		"another upgrade": {func(r *http.Request) { r.Header.Set("Upgrade", "h2c") }, 426},
		"another version": {func(r *http.Request) { r.Header.Set("Sec-WebSocket-Version", "8") }, 400},
		"no key":          {func(r *http.Request) { r.Header.Del("Sec-WebSocket-Key") }, 400},
		"a short key":     {func(r *http.Request) { r.Header.Set("Sec-WebSocket-Key", "YWJj") }, 400},
		"a post":          {func(r *http.Request) { r.Method = "POST" }, 405},
	} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
		if err != nil {
			t.Fatal(err)
		}
		for header, value := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="} {
			r.Header.Set(header, value)
		}
		c.change(r)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != c.want {
			t.Errorf("%s: %d, not %d", name, answer.StatusCode, c.want)
		}
	}
}
