package finesse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

// wsTransport is XMPP over WebSocket (RFC 7395): one stanza a message, the
// stream opened and closed by elements of the framing namespace.
type wsTransport struct {
	conn *websocket.Conn
	ctx  context.Context // ends with the server; the transport lives no longer than its handler
}

// serveWebSocket is the handler of /ws/. A client that does not offer the
// subprotocol "xmpp" is sent away, as RFC 7395 3.1 asks.
func (s *Server) serveWebSocket(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols: []string{"xmpp"}, InsecureSkipVerify: true, CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return
	}
	if conn.Subprotocol() != "xmpp" {
		_ = conn.Close(websocket.StatusPolicyViolation, "subprotocol xmpp is needed")
		return
	}
	conn.SetReadLimit(-1) // next has its own
	if sess := s.admit(&wsTransport{conn: conn, ctx: context.WithoutCancel(r.Context())}, true); sess != nil {
		s.serve(sess)
	}
}

func (t *wsTransport) next(limit int) (*element, error) {
	kind, r, err := t.conn.Reader(t.ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", io.EOF, err)
	}
	if kind != websocket.MessageText {
		return nil, errors.New("binary message")
	}
	data, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", io.EOF, err)
	}
	if len(data) > limit {
		return nil, errTooBig
	}
	e, err := readDocument(data)
	if err != nil && isGone(err) {
		return nil, errors.New("unfinished element")
	}
	return e, err
}

func (t *wsTransport) restart() {}

func (t *wsTransport) isOpen(e *element) (bool, string) {
	return e.Space == nsFraming && e.Local == "open", e.attr("to")
}

func (t *wsTransport) isEnd(e *element) bool { return e.Space == nsFraming && e.Local == "close" }

func (t *wsTransport) header(id, domain string) string {
	return `<open xmlns="` + nsFraming + `" id="` + id + `" from="` + domain + `" version="1.0" xml:lang="en"/>`
}

func (t *wsTransport) end() string { return `<close xmlns="` + nsFraming + `"/>` }

func (t *wsTransport) streamError(condition string) string {
	return `<stream:error xmlns:stream="` + nsStream + `"><` + condition + ` xmlns="` + nsErrors + `"/></stream:error>`
}

func (t *wsTransport) write(buf []byte, ends []int) error {
	ctx, cancel := context.WithTimeout(t.ctx, writeTimeout)
	defer cancel()
	from := 0
	for _, end := range ends {
		if err := t.conn.Write(ctx, websocket.MessageText, buf[from:end]); err != nil {
			return err
		}
		from = end
	}
	return nil
}

func (t *wsTransport) kill(abrupt bool) {
	if !abrupt {
		// The closing handshake of WebSocket follows the one of XMPP; whoever does
		// not take part in it within a second is cut.
		done := time.AfterFunc(time.Second, func() { _ = t.conn.CloseNow() })
		defer done.Stop()
		_ = t.conn.Close(websocket.StatusNormalClosure, "")
	}
	_ = t.conn.CloseNow()
}
