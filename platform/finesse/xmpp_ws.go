package finesse

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/coder/websocket"
)

// wsWire carries XMPP over WebSocket (RFC 7395): every frame is one element, streams begin with <open/>.
type wsWire struct{ c *websocket.Conn }

func dialWS(ctx context.Context, url string, client *http.Client) (*wsWire, error) {
	c, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{
		Subprotocols: []string{"xmpp"}, HTTPClient: client, CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		return nil, fmt.Errorf("XMPP over WebSocket: %w", err)
	}
	if c.Subprotocol() != "xmpp" {
		c.CloseNow()
		return nil, errors.New("XMPP over WebSocket: the server does not speak the subprotocol xmpp")
	}
	c.SetReadLimit(maxDocument)
	return &wsWire{c}, nil
}

func (w *wsWire) open(ctx context.Context, domain string) error {
	if err := w.send(ctx, `<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="`+escape(domain)+`" version="1.0"/>`); err != nil {
		return err
	}
	text, err := w.receive(ctx)
	if err != nil {
		return err
	}
	var a answer
	if err := a.parse(text); err != nil {
		return err
	}
	if a.name() == "open" {
		return nil
	}
	if err := a.streamError(); err != nil {
		return err
	}
	return errors.New("the server did not open the stream")
}

func (w *wsWire) send(ctx context.Context, element string) error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	return w.c.Write(ctx, websocket.MessageText, []byte(clientNamespace(element)))
}

// clientNamespace names the namespace that a stanza inherits from the stream where there is one: frames stand alone.
func clientNamespace(element string) string {
	for _, name := range []string{"<iq", "<presence", "<message"} {
		if rest, ok := strings.CutPrefix(element, name); ok {
			return name + ` xmlns="jabber:client"` + rest
		}
	}
	return element
}

func (w *wsWire) receive(ctx context.Context) (string, error) {
	_, b, err := w.c.Read(ctx)
	return string(b), err
}

func (w *wsWire) secure(context.Context) error { return errors.New("WebSocket has TLS of its own") }

func (w *wsWire) close() { w.c.CloseNow() }
