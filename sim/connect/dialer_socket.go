package connect

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// A dialerSocket is the dialer's other way out: a WebSocket that it opens to an address, one text message for each event.
// What waits is sent after a reconnect; a message that was being written when the socket broke may be lost or come twice.
// What the other side writes are agents' commands. That the dialer opens the socket to us is the product's choice; no page
// of the vendor describes it.
type dialerSocket struct {
	target atomic.Pointer[Target]
	log    *slog.Logger
	cut    atomic.Pointer[context.CancelFunc] // breaks the present connection

	mu      sync.Mutex
	waiting [][]byte
	wake    chan struct{}
	change  chan struct{}
}

func newDialerFeed(cfg Config) *dialerFeed {
	f := &dialerFeed{out: newCourier("external-dialer", dialerLanes, cfg.Dialer, cfg.Log), last: map[*agent][]byte{},
		swap: map[*agent]bool{}, held: map[*agent][]byte{}}
	f.socket = &dialerSocket{log: cfg.Log, wake: make(chan struct{}, 1), change: make(chan struct{}, 1)}
	f.socket.target.Store(&Target{})
	return f
}

// SetDialer makes the external dialer send its events to an HTTPS address, a WebSocket address, both or, with zero values,
// nowhere. What waited for the old addresses goes to the new ones.
func (s *Server) SetDialer(post, socket Target) {
	s.dialer.out.target.Store(&post)
	s.dialer.socket.target.Store(&socket)
	s.dialer.socket.disconnect()
	select {
	case s.dialer.socket.change <- struct{}{}:
	default:
	}
}

func (d *dialerSocket) put(body []byte) {
	if d.target.Load().URL == "" {
		return
	}
	d.mu.Lock()
	if len(d.waiting) >= laneLimit {
		d.waiting = d.waiting[1:]
	}
	d.waiting = append(d.waiting, body)
	d.mu.Unlock()
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

func (d *dialerSocket) disconnect() {
	if cut := d.cut.Load(); cut != nil {
		(*cut)()
	}
}

func (d *dialerSocket) run(ctx context.Context, s *Server) error {
	pause := firstPause
	for ctx.Err() == nil {
		if d.target.Load().URL == "" {
			select {
			case <-ctx.Done():
			case <-d.change:
			}
			continue
		}
		began := time.Now()
		if err := d.session(ctx, s); ctx.Err() == nil {
			d.log.Debug("dialer's socket ended", "error", err)
		}
		if pause = min(2*pause, longestPause); time.Since(began) > longestPause {
			pause = firstPause
		}
		t := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-d.change:
			pause = firstPause
		case <-t.C:
		}
		t.Stop()
	}
	return nil
}

func (d *dialerSocket) session(ctx context.Context, s *Server) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	d.cut.Store(&cancel)
	target := d.target.Load()
	options := &websocket.DialOptions{HTTPHeader: map[string][]string{}}
	if target.Secret != "" {
		options.HTTPHeader.Set(or(target.Header, "Authorization"), target.Secret)
	}
	dial, done := context.WithTimeout(ctx, answerWithin)
	defer done()
	conn, _, err := websocket.Dial(dial, target.URL, options)
	if err != nil {
		return err
	}
	defer func() { _ = conn.CloseNow() }()
	var reader sync.WaitGroup
	defer reader.Wait()
	defer cancel()
	reader.Go(func() {
		defer cancel()
		for {
			_, raw, err := conn.Read(ctx)
			if err != nil {
				return
			}
			if answer := s.dialerCommand(raw); answer != nil {
				_ = conn.Write(ctx, websocket.MessageText, answer)
			}
		}
	})
	return d.write(ctx, conn)
}

func (d *dialerSocket) write(ctx context.Context, conn *websocket.Conn) error {
	for {
		d.mu.Lock()
		var body []byte
		if len(d.waiting) > 0 {
			body, d.waiting = d.waiting[0], d.waiting[1:]
		}
		d.mu.Unlock()
		if body == nil {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-d.wake:
			}
			continue
		}
		if err := conn.Write(ctx, websocket.MessageText, body); err != nil {
			return err
		}
	}
}

// dialerCommand is what an agent orders: the subtopics are the vendor's (Make Preview Call and its neighbours); that the
// message says whose call it means, in the same place as an event does, is inferred. The answer is nil unless it failed.
func (s *Server) dialerCommand(raw []byte) []byte {
	var m struct {
		Subtopic string
		Message  struct {
			Call struct {
				ID   string
				User struct{ UserID string }
			}
		}
	}
	err := json.Unmarshal(raw, &m)
	if err == nil {
		err = s.command(m.Subtopic, m.Message.Call.User.UserID)
	}
	if err == nil {
		return nil
	}
	kind := map[string]string{"MakeCall": "ACCEPT_CONTACT_FAILED", "Skip": "SKIP_CONTACT_FAILED"}[m.Subtopic]
	answer, err := json.Marshal(dialerMessage{Channel: "Amazon", Topic: "OutboundCall", Subtopic: m.Subtopic, Message: map[string]any{
		"source": "error", "error": map[string]string{"type": or(kind, "COMMAND_FAILED"), "message": err.Error()}}})
	if err != nil { // strings only
		panic(err)
	}
	return answer
}

// command does an agent's command in the call that the dialer has at the agent.
func (s *Server) command(subtopic, username string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.users[username]
	c := s.dialing[a]
	if a == nil || c == nil {
		return notNow("there is no call of the dialer at agent %q", username)
	}
	s.ordered(a, "dialer "+subtopic, c.ids.Contact)
	switch subtopic {
	case "MakeCall":
		return c.accept(a)
	case "Skip":
		if c.phase[a] != atOffer {
			return notNow("nothing is being previewed")
		}
		c.to(a, atEnd, "DROPPED")
	case "SetHold":
		if c.phase[a] != atTalk {
			return notNow("that agent does not talk to the customer")
		}
		c.say(a, "Hold", regularCall)
	case "ClearContact":
		if c.phase[a] != atWrapUp {
			return notNow("there is no call to clear")
		}
		c.to(a, atEnd, "DROPPED")
	default:
		return notNow("unknown command %q", subtopic)
	}
	return nil
}
