package desk

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

// hello must come this soon after the socket opened.
const helloLimit = 10 * time.Second

// ServeHTTP serves the desk's WebSocket. The page that opens it must be the server's own or of an allowed origin.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.mayOpen(r) {
		h.cfg.Log.Info("desk socket refused: foreign origin", "origin", r.Header.Get("Origin"))
		http.Error(w, "pages of this origin may not open a desk here", http.StatusForbidden)
		return
	}
	if !h.enter() {
		w.Header().Set("Retry-After", "1")
		http.Error(w, "this server is stopping", http.StatusServiceUnavailable)
		return
	}
	defer h.sockets.Done()
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols:       []string{Subprotocol},
		InsecureSkipVerify: true, // mayOpen has compared the origin, and exactly
		CompressionMode:    websocket.CompressionDisabled,
	})
	if err != nil {
		h.cfg.Log.Debug("desk socket refused", "error", err)
		return
	}
	conn.SetReadLimit(maxFrame)
	h.serve(r.Context(), conn)
}

// serve takes one socket through its life.
func (h *Hub) serve(ctx context.Context, conn *websocket.Conn) {
	defer conn.CloseNow()
	hello, agent, err := h.greet(ctx, conn)
	if err != nil {
		return
	}
	t := &tab{id: hello.Tab, host: hello.Host, since: h.cfg.Now(), conn: conn, limit: h.cfg.Write}
	defer t.writers.Wait()
	d := h.desk(agent)
	t.leave = func() { d.leave(t) }
	if !d.join(t, hello.Resume) {
		t.close(CloseTooMany, "too many tabs of this agent are open")
		return
	}
	defer t.leave()
	if h.isDraining() { // it joined after Drain had asked all others to go
		t.close(CloseMoving, "the server is stopping")
	}
	pings := h.keepAlive(ctx, t)
	defer pings()
	if err := h.listen(ctx, d, t); err != nil {
		t.close(CloseProtocol, err.Error())
	}
}

// greet reads the hello and redeems its ticket; it closes the socket itself when either is wrong.
func (h *Hub) greet(ctx context.Context, conn *websocket.Conn) (fromTab, string, error) {
	ctx, cancel := context.WithTimeout(ctx, helloLimit)
	defer cancel()
	var hello fromTab
	_, b, err := conn.Read(ctx)
	if err != nil {
		return hello, "", err
	}
	if err := json.Unmarshal(b, &hello); err != nil || hello.Type != "hello" || hello.Tab == "" || len(hello.Tab) > maxName || len(hello.Host) > maxName {
		conn.Close(CloseProtocol, "the first message must be a hello with a tab id")
		return hello, "", errors.New("no hello")
	}
	agent, err := h.cfg.Redeem(hello.Ticket)
	if err != nil {
		conn.Close(CloseNoTicket, "the ticket is unknown, used or too old")
		return hello, "", err
	}
	return hello, agent, nil
}

// listen reads until the socket ends (nil) or the tab says something it may not.
func (h *Hub) listen(ctx context.Context, d *agentDesk, t *tab) error {
	for {
		_, b, err := t.conn.Read(ctx)
		if err != nil {
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
		default:
			return errors.New("unknown message")
		}
	}
}

// keepAlive pings until the returned function is called. A tab that does not answer one ping is closed.
func (h *Hub) keepAlive(ctx context.Context, t *tab) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	t.writers.Go(func() {
		tick := time.NewTicker(h.cfg.Ping)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			ping, done := context.WithTimeout(ctx, h.cfg.Ping)
			err := t.conn.Ping(ping)
			done()
			if err != nil && ctx.Err() == nil {
				t.close(CloseSilent, "no answer to a ping")
				return
			}
		}
	})
	return cancel
}
