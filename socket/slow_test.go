package socket_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cordboard/socket"
)

// TestSlowBrowserIsLetGo sends to a browser that reads nothing: it is closed, and what waits for it is bounded. As a
// control the same without bounds: then everything waits.
func TestSlowBrowserIsLetGo(t *testing.T) {
	for _, c := range []struct {
		name    string
		options socket.Options
		let     bool
	}{
		{"as desks have it", socket.Options{Write: 5 * time.Second, Ping: time.Minute, Queue: 64}, true},
		{"the control: without bounds", socket.Options{Write: time.Hour, Ping: time.Hour, Queue: 1 << 30}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			left := make(chan struct{}, 2)
			c.options.Leave = func() { left <- struct{}{} }
			s, hangUp := stuck(t, c.options)
			message := make([]byte, 64<<10)
			for range 200 { // 12 MB, more than the system keeps
				s.Send(message)
			}
			gone := false
			select {
			case <-left:
				gone = true
			case <-time.After(time.Second):
				for range 200 {
					s.Send(message)
				}
			}
			if gone != c.let {
				t.Errorf("let go: %v", gone)
			}
			hangUp()
			s.End()
		})
	}
}

// stuck is a socket whose browser reads nothing.
func stuck(t *testing.T, o socket.Options) (s *socket.Socket, hangUp func()) {
	t.Helper()
	made := make(chan *socket.Socket, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := socket.Accept(w, r, "")
		if err != nil {
			t.Error(err)
			return
		}
		made <- socket.New(conn, o)
	}))
	t.Cleanup(srv.Close)
	var line net.Conn
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		line = conn
		return conn, err
	}}}
	conn, _, err := websocket.Dial(t.Context(), srv.URL, &websocket.DialOptions{HTTPClient: client})
	if err != nil {
		t.Fatal(err)
	}
	return <-made, func() { line.Close(); conn.CloseNow() }
}
