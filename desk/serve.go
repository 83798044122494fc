package desk

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"cordboard/socket"
)

// hello must come this soon after the socket opened.
const helloLimit = 10 * time.Second

// ServeHTTP serves the desk's WebSocket. The page that opens it must be the server's own or of an allowed origin.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.origins.Allow(r) {
		h.refusals.add(RefusedOrigin, 1)
		h.cfg.Log.Info("desk socket refused: foreign origin", "origin", r.Header.Get("Origin"))
		http.Error(w, "pages of this origin may not open a desk here", http.StatusForbidden)
		return
	}
	if !h.enter() {
		w.Header().Set("Retry-After", "1")
		http.Error(w, "this server is stopping", http.StatusServiceUnavailable)
		return
	}
	conn, err := socket.Accept(w, r, Subprotocol)
	if err != nil {
		h.cfg.Log.Debug("desk socket refused", "error", err)
		h.sockets.Done()
		return
	}
	// The handler returns, so that an idle tab does not keep a request with all its parts.
	go h.admit(conn)
}

// admit takes a tab in whose socket was opened, and counts it out if it does not.
func (h *Hub) admit(conn *socket.Conn) {
	t, d := h.enroll(conn)
	if t == nil {
		conn.CloseNow()
		h.sockets.Done()
		return
	}
	// Another goroutine, because this one's stack has grown. What only waits and reads needs half of it, and there are
	// tens of thousands.
	go func() {
		defer h.sockets.Done()
		t.live(d)
	}()
}

// enroll makes a socket a tab of its agent's desk; nil when it is none, and closed.
func (h *Hub) enroll(conn *socket.Conn) (*tab, *agentDesk) {
	hello, agent, err := h.greet(conn)
	if err != nil {
		return nil, nil
	}
	d := h.desk(agent)
	t := &tab{id: hello.Tab, host: hello.Host, since: h.cfg.Now()}
	t.socket = socket.New(conn, socket.Options{Write: h.cfg.Write, Ping: h.cfg.Ping, Queue: maxQueued, Leave: func() { d.leave(t) }})
	if !d.join(t, hello.Resume) {
		t.close(CloseTooMany, "too many tabs of this agent are open")
		t.socket.End()
		return nil, nil
	}
	if h.isDraining() { // it joined after Drain had asked all others to go
		t.close(CloseMoving, "the server is stopping")
	}
	t.socket.KeepAlive()
	return t, d
}

// live takes a tab through its life.
func (t *tab) live(d *agentDesk) {
	ctx, cancel := context.WithCancel(context.Background())
	defer t.socket.End()
	defer t.pictures.Wait()
	defer t.orders.Wait()
	defer cancel()
	defer d.leave(t)
	if err := t.listen(ctx, d); err != nil {
		d.hub.refusals.add(RefusedMalformed, 1)
		t.close(CloseProtocol, err.Error())
	}
}

// greet reads the hello and redeems its ticket; it closes the socket itself when either is wrong.
func (h *Hub) greet(conn *socket.Conn) (fromTab, string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), helloLimit)
	defer cancel()
	var hello fromTab
	_, b, err := conn.Read(ctx)
	if err != nil {
		h.countOversized(err)
		return hello, "", err
	}
	if err := json.Unmarshal(b, &hello); err != nil || hello.Type != "hello" || hello.Tab == "" || len(hello.Tab) > maxName || len(hello.Host) > maxName {
		h.refusals.add(RefusedMalformed, 1)
		conn.Close(CloseProtocol, "the first message must be a hello with a tab id")
		return hello, "", errors.New("no hello")
	}
	agent, err := h.cfg.Redeem(ctx, hello.Ticket)
	switch {
	case errors.Is(err, ErrTicket):
		h.refusals.add(RefusedTicket, 1)
		conn.Close(CloseNoTicket, "the ticket is unknown, used or too old")
	case err != nil:
		h.cfg.Log.Debug("a ticket cannot be looked up", "error", err)
		conn.Close(CloseUnsure, "the ticket cannot be looked up right now")
	}
	if err != nil {
		return hello, "", err
	}
	return hello, agent, nil
}

// listen reads until the socket ends (nil) or the tab says something it may not.
func (t *tab) listen(ctx context.Context, d *agentDesk) error {
	for {
		_, b, err := t.socket.Read(context.Background())
		if err != nil {
			d.hub.countOversized(err)
			return nil
		}
		var m fromTab
		if err := json.Unmarshal(b, &m); err != nil {
			return errors.New("not a JSON object of this protocol")
		}
		switch {
		case m.Type == "receipt" && m.Key != "" && receivable(m.Outcome):
			d.receive(t, m)
		case m.Type == "lead":
			d.lead(t)
		case m.Type == "picture" && len(m.Picture) > 0:
			t.picture(d, m)
		case m.Type == "order" && m.Order != "":
			t.order(ctx, d, m)
		case m.Type == "bridge" && len(m.Client) <= maxClient:
			d.bridged(t, m)
		case m.Type == "commanded" && m.Key != "":
			d.commanded(t, m)
		case m.Type == "pages" && len(m.Counts) > 0:
			d.hub.countPages(m.Counts)
		default:
			return errors.New("unknown message")
		}
	}
}

// countOversized counts a socket whose message was too long to be read.
func (h *Hub) countOversized(err error) {
	if errors.Is(err, websocket.ErrMessageTooBig) {
		h.refusals.add(RefusedOversized, 1)
	}
}
