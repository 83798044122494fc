package desk

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/coder/websocket"

	"cordboard/screen"
	"cordboard/socket"
)

// Subprotocol is the WebSocket subprotocol that desks speak.
const Subprotocol = "cordboard.desk.v1"

// The codes with which a desk's socket is closed, and what the browser does then.
const (
	CloseMoving   websocket.StatusCode = 4000           // this node drains: come back at once
	CloseTooSlow                       = socket.TooSlow // the tab did not read fast enough: come back and resume
	CloseSilent                        = socket.Silent  // no answer to pings: come back and resume
	CloseUnsure   websocket.StatusCode = 4003           // the ticket cannot be looked up right now: come back with another
	CloseNoTicket websocket.StatusCode = 4500           // ticket missing, used, expired or forged: sign in again
	CloseProtocol websocket.StatusCode = 4501           // the tab said something that this server does not understand: reload
	CloseReplaced websocket.StatusCode = 4502           // the same tab connected again elsewhere
	CloseTooMany  websocket.StatusCode = 4503           // this agent has too many tabs open
)

// Reconnect reports whether a browser whose socket was closed with code should come back by itself.
func Reconnect(code websocket.StatusCode) bool { return code < 4500 }

// fromTab is every message that a tab may send.
type fromTab struct {
	Type string `json:"type"`

	// hello
	Ticket string  `json:"ticket"`
	Tab    string  `json:"tab"`
	Host   string  `json:"host"`
	Resume *resume `json:"resume"`

	// receipt
	Key     string         `json:"key"`
	Outcome screen.Outcome `json:"outcome"`
	Detail  string         `json:"detail"`

	// picture
	N       int64           `json:"n"`
	Picture json.RawMessage `json:"picture"`

	// order
	Order string            `json:"order"`
	Call  string            `json:"call"`
	To    string            `json:"to"`
	Args  map[string]string `json:"args"`

	// bridge
	Client string   `json:"client"`
	Verbs  []string `json:"verbs"`

	// pages
	Counts map[PageOutcome]int64 `json:"counts"`
}

// resume is the place in the stream of a desk up to which a tab has seen everything.
type resume struct {
	Epoch  string `json:"epoch"`
	Offset uint64 `json:"offset"`
}

type welcome struct {
	Type    string          `json:"type"`
	Agent   string          `json:"agent"`
	Epoch   string          `json:"epoch"`
	Offset  uint64          `json:"offset"`
	Resumed bool            `json:"resumed"`
	Leader  bool            `json:"leader"`
	State   json.RawMessage `json:"state,omitempty"`
	Now     time.Time       `json:"now"`            // the server's clock: the browser's may be off
	Last    *lastPop        `json:"last,omitempty"` // what was on this screen before
}

type lastPop struct {
	Pop     screen.Pop     `json:"pop"`
	Outcome screen.Outcome `json:"outcome"`
}

type popMessage struct {
	Type   string     `json:"type"`
	Offset uint64     `json:"offset"`
	Now    time.Time  `json:"now"`
	Pop    screen.Pop `json:"pop"`
}

// stateFrame is the message {type: "state", offset, state}. It is by far the most frequent one, and put together by hand:
// state is JSON already.
func stateFrame(offset uint64, state json.RawMessage) []byte {
	frame := make([]byte, 0, 48+len(state))
	frame = append(frame, `{"type":"state","offset":`...)
	frame = strconv.AppendUint(frame, offset, 10)
	frame = append(append(frame, `,"state":`...), state...)
	return append(frame, '}')
}

type leadMessage struct {
	Type   string `json:"type"`
	Leader bool   `json:"leader"`
}

// limits of what a tab may send: far above what the protocol needs.
const (
	maxName   = 64  // bytes of a tab's id and of its host's name
	maxText   = 200 // runes kept of a receipt's detail
	maxClient = 512 // bytes of what the platform calls an agent
	maxTabs   = 16  // of one agent
	maxQueued = 64  // messages waiting for one tab
)

// keepLast is how long a page that is loaded anew is told of the last pop.
const keepLast = time.Hour

// receivable reports whether a tab may report this outcome: Late and NoDesk are the server's to say.
func receivable(o screen.Outcome) bool {
	switch o {
	case screen.Shown, screen.Offered, screen.Already, screen.Declined:
		return true
	}
	return false
}
