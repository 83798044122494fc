package desk

import (
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"cordboard/socket"
)

// tab is one open tab of a desk.
type tab struct {
	id     string
	host   string
	since  time.Time
	socket *socket.Socket

	bridge tabBridge // guarded by the desk's mu

	pictures sync.WaitGroup  // those under way
	handed   <-chan struct{} // closed when the newest of them is handed on; of the goroutine that reads
	orders   sync.WaitGroup  // those under way
	underWay atomic.Int32    // how many they are
	ordered  <-chan struct{} // closed when the newest of them is answered; of the goroutine that reads
}

func (t *tab) send(message any) {
	b, err := json.Marshal(message)
	if err != nil { // only our own types come here
		panic(err)
	}
	t.socket.Send(b)
}

func (t *tab) close(code websocket.StatusCode, reason string) { t.socket.Close(code, reason) }
