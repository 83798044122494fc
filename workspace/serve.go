package workspace

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"cordboard/socket"
)

// ServeHTTP serves the workspace's WebSocket. The page that opens it must be the server's own or of an allowed origin.
func (w *Workspace) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if r.URL.RawQuery != "" {
		w.voidLeaked(r)
		socket.Refuse(rw, http.StatusBadRequest, "Nothing goes into the address", "The ticket goes into the first message, or into a subprotocol: addresses are written to logs.")
		return
	}
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		rw.Header().Set("Connection", "Upgrade")
		rw.Header().Set("Upgrade", "websocket")
		socket.Refuse(rw, http.StatusUpgradeRequired, "Open a WebSocket", "The workspace is a WebSocket with the subprotocol "+Subprotocol+".")
		return
	}
	if !w.origins.Allow(r) {
		w.tally.refuse("origin")
		w.cfg.Log.Info("workspace refused: foreign origin", "origin", r.Header.Get("Origin"))
		socket.Refuse(rw, http.StatusForbidden, "Foreign origin", "Pages of this origin may not open a workspace here.")
		return
	}
	if !w.enter() {
		rw.Header().Set("Retry-After", "1")
		socket.Refuse(rw, http.StatusServiceUnavailable, "Stopping", "This server is stopping.")
		return
	}
	ticket := offeredTicket(r)
	conn, err := socket.Accept(rw, r, Subprotocol)
	if err != nil {
		w.cfg.Log.Debug("workspace socket refused", "error", err)
		w.sockets.Done()
		return
	}
	// The handler returns, so that an idle page does not keep a request with all its parts.
	go func() {
		defer w.sockets.Done()
		w.serve(conn, ticket)
	}()
}

// voidLeaked makes a ticket worthless that a page put into its address.
func (w *Workspace) voidLeaked(r *http.Request) {
	for _, value := range r.URL.Query()["ticket"] {
		_, _ = w.cfg.Redeem(r.Context(), value)
	}
}

// offeredTicket is the ticket among the subprotocols that a page offers.
func offeredTicket(r *http.Request) string {
	for _, list := range r.Header.Values("Sec-WebSocket-Protocol") {
		for _, p := range strings.Split(list, ",") {
			if ticket, ok := strings.CutPrefix(strings.TrimSpace(p), ticketProtocol); ok {
				return ticket
			}
		}
	}
	return ""
}

// serve takes one socket through its life.
func (w *Workspace) serve(conn *socket.Conn, ticket string) {
	defer conn.CloseNow()
	agent, id, err := w.greet(conn, ticket)
	if err != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p := &client{workspace: w, agent: agent, cancel: cancel}
	p.socket = socket.New(conn, socket.Options{Write: w.cfg.Write, Ping: w.cfg.Ping, Queue: maxQueued, Leave: func() { w.leave(p) }})
	defer p.end()
	if code, why := w.join(p); code != 0 {
		p.socket.Close(code, why)
		return
	}
	defer w.leave(p)
	now := time.Now().UTC()
	p.socket.Send(answer(Envelope{Channel: ownChannel, Topic: sessionTopic, Subtopic: signIn}, response{ID: id, Success: true, Agent: agent, Now: &now}))
	p.socket.KeepAlive()
	p.listen(ctx)
}

// greet takes the ticket, out of the first message unless one was offered, and redeems it. It closes the socket itself
// when either is wrong.
func (w *Workspace) greet(conn *socket.Conn, ticket string) (agent, id string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), signInLimit)
	defer cancel()
	if ticket == "" {
		kind, frame, err := conn.Read(ctx)
		if err != nil {
			return "", "", err
		}
		r, refused := parse(kind, frame)
		if refused != nil || r.Subtopic != signIn {
			w.tally.refuse("sign-in")
			conn.Close(CloseProtocol, "the first message must be a sign-in")
			return "", "", errors.New("no sign-in")
		}
		ticket, id = r.body.Ticket, r.body.ID
	}
	agent, err = w.cfg.Redeem(ctx, ticket)
	switch {
	case err != nil:
		w.cfg.Log.Debug("a ticket cannot be looked up", "error", err)
		conn.Close(CloseUnsure, "the ticket cannot be looked up right now")
	case agent == "":
		w.tally.refuse("ticket")
		conn.Close(CloseNoTicket, "the ticket is missing, unknown, used or too old")
		err = errors.New("no ticket")
	}
	return agent, id, err
}
