package genesys

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"cordboard/platform"
)

// What one request may bring: EventBridge delivers one event of at most 256 KB at a time.
const maxMessages = 100

// Receive implements [platform.Receiver]. It takes what an API destination of EventBridge posts, and what a workflow that a
// trigger started posts by a data action: the same envelope, or the bare body of the event with its topic as the path, such
// as /in/NAME/user.end or /in/NAME/v2.detail.events.conversation.{id}.user.end. Neither of them signs; both can send a
// header, which has to be the connection's key.
func (c *Connector) Receive(w http.ResponseWriter, r *http.Request) {
	switch {
	case !c.knows(r):
		platform.Problem(w, http.StatusUnauthorized, "Unknown sender", "The request does not carry this connection's key in the header "+c.cfg.header()+".")
		return
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		platform.Problem(w, http.StatusMethodNotAllowed, "Post it", "Events are posted.")
		return
	}
	body, ok := platform.Body(w, r)
	if !ok {
		return
	}
	run, leave := c.current.Enter()
	defer leave()
	if run == nil {
		busy(w)
		return
	}
	messages, err := takeApart(body)
	if err != nil {
		platform.Problem(w, http.StatusRequestEntityTooLarge, "Too many events", err.Error())
		return
	}
	if !run.receive(r.Context(), strings.Trim(r.URL.Path, "/"), messages) {
		busy(w)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// knows reports whether a request carries the connection's key.
func (c *Connector) knows(r *http.Request) bool {
	return platform.Carries(r, c.cfg.header(), c.cfg.ReceiveKey)
}

// takeApart returns the events of a body: those of an array, or the body itself, whatever it is.
func takeApart(body []byte) ([]json.RawMessage, error) {
	one := []json.RawMessage{body}
	if trimmed := bytes.TrimSpace(body); len(trimmed) == 0 || trimmed[0] != '[' {
		return one, nil
	}
	var many []json.RawMessage
	if json.Unmarshal(body, &many) != nil {
		return one, nil // it cannot be decoded, and is kept
	}
	if len(many) > maxMessages {
		return nil, errors.New("a request may bring 100 events")
	}
	return many, nil
}

// receive passes events on and returns once all of them are durable; false means that they may not be.
func (r *run) receive(ctx context.Context, topic string, messages []json.RawMessage) bool {
	all := make([]platform.Heard, 0, len(messages))
	for _, raw := range messages {
		m := r.message(sourceEventBridge)
		m.Node = topic
		all = append(all, platform.Heard{Message: m, Raw: raw})
	}
	return r.pump.Settle(ctx, all...) == nil
}

func busy(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "5")
	platform.Problem(w, http.StatusServiceUnavailable, "Not now", "This connection takes nothing here at the moment: send it again.")
}
