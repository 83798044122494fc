// Package browser is a stand-in for agents' browsers: it opens desks over real WebSockets, says that it shows what it is
// given, and remembers it. It is written from the desk protocol's description (docs/guides/desk-protocol.md) and shares no code
// with the server.
package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// Config says whose browser it is and how it behaves.
type Config struct {
	Socket string // ws://host:port/desk/socket
	Agent  string
	// Ticket fetches a fresh one-time ticket for the agent.
	Ticket func(ctx context.Context, agent string) (string, error)
	// OnPop is called for every pop as it arrives; it may be nil. It must not block.
	OnPop func(p Pop, arrived time.Time)
	// Outcome is what the browser answers; "" means shown. "-" means that it never answers.
	Outcome string
}

// Pop is what the browser was asked to show.
type Pop struct {
	Key    string    `json:"key"`
	Call   string    `json:"call"`
	Kind   string    `json:"kind"`
	Record *Record   `json:"record"`
	URL    string    `json:"url"`
	New    string    `json:"new"`
	Title  string    `json:"title"`
	Why    string    `json:"why"`
	Heard  time.Time `json:"heard"`
}

// Record is the record that a pop opens.
type Record struct {
	Object string `json:"object"`
	ID     string `json:"id"`
	Name   string `json:"name"`
}

// Browser is one tab. Make it with New; Run opens it. Its other methods are safe for concurrent use.
type Browser struct {
	cfg Config

	mu      sync.Mutex
	shown   map[string]bool
	pops    []Pop
	twice   int
	welcome chan struct{}
	greeted bool
	epoch   string
	offset  uint64

	pictures pictures
	refused  int            // pictures
	later    sync.WaitGroup // pictures that go again
}

// New returns a closed browser.
func New(cfg Config) *Browser {
	return &Browser{cfg: cfg, shown: map[string]bool{}, welcome: make(chan struct{}), pictures: pictures{wake: make(chan struct{}, 1)}}
}

// Welcome is closed when the desk has welcomed the browser for the first time.
func (b *Browser) Welcome() <-chan struct{} { return b.welcome }

// Pops returns what was shown, in order, each key once.
func (b *Browser) Pops() []Pop {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Pop(nil), b.pops...)
}

// Twice counts pops that came again after they had been shown: the browser answers them "already".
func (b *Browser) Twice() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.twice
}

// Run keeps the tab connected until ctx ends. It comes back after every break, as a page does, unless the desk said that
// coming back is of no use.
func (b *Browser) Run(ctx context.Context) error {
	for {
		err := b.session(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if code := websocket.CloseStatus(err); code >= 4500 {
			return fmt.Errorf("browser of agent %s: %w", b.cfg.Agent, err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(100 * time.Millisecond): // a page waits longer; tests want it back soon
		}
	}
}

func (b *Browser) session(ctx context.Context) error {
	ticket, err := b.cfg.Ticket(ctx, b.cfg.Agent)
	if err != nil {
		return err
	}
	conn, _, err := websocket.Dial(ctx, b.cfg.Socket, &websocket.DialOptions{Subprotocols: []string{"cordboard.desk.v1"}})
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	hello := map[string]any{"type": "hello", "ticket": ticket, "tab": "browser-" + b.cfg.Agent, "host": "plain"}
	b.mu.Lock()
	if b.epoch != "" {
		hello["resume"] = map[string]any{"epoch": b.epoch, "offset": b.offset}
	}
	b.mu.Unlock()
	if err := write(ctx, conn, hello); err != nil {
		return err
	}
	open, end := context.WithCancel(ctx)
	defer b.later.Wait()
	defer end()
	for {
		_, raw, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		if err := b.hear(open, conn, raw, time.Now()); err != nil {
			return err
		}
	}
}

func (b *Browser) hear(ctx context.Context, conn *websocket.Conn, raw []byte, arrived time.Time) error {
	var m struct {
		Type   string `json:"type"`
		Epoch  string `json:"epoch"`
		Offset uint64 `json:"offset"`
		Pop    Pop    `json:"pop"`

		N       int64  `json:"n"`
		Outcome string `json:"outcome"`
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return err
	}
	switch m.Type {
	case "welcome":
		b.greet(m.Epoch, m.Offset)
		b.unsend(0)
		b.later.Go(func() { b.tell(ctx, conn) })
	case "pop":
		return b.show(ctx, conn, m.Pop, m.Offset, arrived)
	case "picture":
		b.answered(ctx, m.N, m.Outcome)
	case "state", "lead", "late":
	default:
		return errors.New("browser: the desk said something unknown: " + m.Type)
	}
	return nil
}

func (b *Browser) greet(epoch string, offset uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.epoch, b.offset = epoch, offset
	if !b.greeted {
		b.greeted = true
		close(b.welcome)
	}
}

func (b *Browser) show(ctx context.Context, conn *websocket.Conn, p Pop, offset uint64, arrived time.Time) error {
	outcome := b.cfg.Outcome
	if outcome == "" {
		outcome = "shown"
	}
	b.mu.Lock()
	b.offset = max(b.offset, offset)
	if b.shown[p.Key] {
		b.twice++
		outcome = "already"
	} else if outcome != "-" {
		b.shown[p.Key] = true
		b.pops = append(b.pops, p)
	}
	b.mu.Unlock()
	if b.cfg.OnPop != nil {
		b.cfg.OnPop(p, arrived)
	}
	if outcome == "-" {
		return nil
	}
	return write(ctx, conn, map[string]any{"type": "receipt", "key": p.Key, "outcome": outcome})
}

func write(ctx context.Context, conn *websocket.Conn, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return conn.Write(ctx, websocket.MessageText, raw)
}
