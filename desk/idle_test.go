package desk_test

import (
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
)

// room is what an idle desk may take of the server's memory, in bytes: heap and stack, without what the system keeps for
// a connection. The goal is 20 KiB of a process, of which a garbage collector lets some lie around.
const room = 16 << 10

// Ensure that tens of thousands of desks fit into one server.
func TestIdleDesksAreSmall(t *testing.T) {
	s := newSite(t, nil)
	for i := range 20 { // what is made once
		idle(t, s, i)
	}
	const desks = 500
	before := used()
	for i := range desks {
		idle(t, s, 100+i)
	}
	await(t, "all desks", func() bool { return len(s.hub.Tabs()) == 20+desks })
	each := (used() - before) / desks
	t.Logf("%d bytes a desk, both ends of its connection counted", each)
	if each > room {
		t.Errorf("an idle desk takes %d bytes, more than %d", each, room)
	}
	runtime.KeepAlive(s)
}

// used is the memory that is in use after everything that is not was given back.
func used() int {
	runtime.GC()
	runtime.GC() // finishes what the first has only found
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc + m.StackInuse)
}

// idle opens a desk with next to nothing on the browser's side.
func idle(t *testing.T, s *site, n int) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	hello := fmt.Sprintf(`{"type":"hello","ticket":%q,"tab":"a","host":"plain"}`, s.ticket(fmt.Sprint(1001001+n)))
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: desk\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: Y29yZGJvYXJkIGRlc2sgIQ==\r\nSec-WebSocket-Protocol: cordboard.desk.v1\r\n\r\n"+
		"%s%s", []byte{0x81, byte(0x80 | len(hello)), 0, 0, 0, 0}, hello) // a frame whose mask changes nothing, sent without waiting for the answer
	if _, err := io.ReadFull(conn, make([]byte, len("HTTP/1.1 101"))); err != nil {
		t.Fatal(err)
	}
}
