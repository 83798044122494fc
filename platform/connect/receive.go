package connect

import (
	"context"
	"net/http"
	"time"

	"cordboard/platform"
)

// eventTime is how long an event is answered within: EventBridge waits five seconds ("API destinations").
const eventTime = 4500 * time.Millisecond

// Receive implements [platform.Receiver]: an API destination of EventBridge posts contact events to the connection's own
// address, with the connection's key in a header. An event is answered once everything of it is durable; until then, and when
// that takes too long, EventBridge sends it again.
func (c *Connector) Receive(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path != "/":
		platform.Problem(w, http.StatusNotFound, "No such address", "Contact events are posted to /in/NAME/.")
		return
	case !c.knows(r):
		platform.Problem(w, http.StatusUnauthorized, "Unknown sender", "The request does not carry this connection's key in the header "+c.cfg.header()+".")
		return
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		platform.Problem(w, http.StatusMethodNotAllowed, "Post it", "Contact events are posted.")
		return
	}
	body, ok := platform.Body(w, r)
	if !ok {
		return
	}
	run := c.enter()
	if run == nil {
		notNow(w)
		return
	}
	defer run.users.Done()
	ctx, cancel := context.WithTimeout(r.Context(), eventTime)
	defer cancel()
	if err := run.settle(ctx, run.message(SourceEventBridge, body)); err != nil {
		notNow(w)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// knows reports whether a request carries the connection's key.
func (c *Connector) knows(r *http.Request) bool {
	return platform.Carries(r, c.cfg.header(), c.cfg.ReceiveKey)
}

func notNow(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "5")
	platform.Problem(w, http.StatusServiceUnavailable, "Not now", "This connection takes nothing here at the moment: send it again.")
}
