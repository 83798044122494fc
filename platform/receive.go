package platform

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"cordboard/config"
)

// Receiver is the optional capability of a Connector to which the platform sends messages by HTTP.
type Receiver interface {
	// Receive answers what is sent to the connection's address, /in/NAME/; the request's path is what stands behind
	// that. It checks who sends. It answers 2xx only when everything that the request brought is durable, and 503
	// while Run is not running on this node, so that the sender tries again, here or elsewhere. Errors are
	// application/problem+json. It is safe for concurrent use.
	Receive(w http.ResponseWriter, r *http.Request)
}

// Listener is the optional capability of a Connector that also learns from what the platform's own client tells in an
// agent's browser. The desk hands it on.
type Listener interface {
	// Hear takes messages of the agent's browser in, in the order of the calls. The agent is the one whose desk it is,
	// whatever the message says. It returns when the message is handed on; durable then waits until what it brought is
	// durable, or ctx ends, and is called once. Hear fails with [ErrForeign] when the message is not this connection's to
	// take, which says nothing of other connections, with [ErrNotRunning] while Run is not running on this node, and
	// otherwise when it cannot be taken in time; durable may fail likewise. What failed otherwise may be told again. It is
	// safe for concurrent use.
	Hear(ctx context.Context, agent string, m Message) (durable func() error, err error)
}

// ErrForeign says that a browser's message is none of the connection's: it is about another site or another agent, or it
// is not what the platform's own client tells.
var ErrForeign = errors.New("not a message of this connection")

// ErrNotRunning says that a connection does not run on this node: another one owns it, or nobody does right now.
var ErrNotRunning = errors.New("the connection does not run here")

// DefaultHeader is the name of the header that carries a connection's key, where the configuration names no other.
const DefaultHeader = "X-Cordboard-Key"

// ValidHeader reports whether name can be the name of the header that carries a connection's key.
func ValidHeader(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}

// Carries reports whether a request carries a connection's key in the header; how long that takes tells nothing of the key.
// A key that is not set is carried by nobody.
func Carries(r *http.Request, header string, key config.Secret) bool {
	if key.IsZero() {
		return false
	}
	got, want := sha256.Sum256([]byte(r.Header.Get(header))), sha256.Sum256([]byte(key.Reveal()))
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

// maxBody is how large a request with events may be; EventBridge delivers events of at most 256 KB.
const maxBody = 1 << 20

// Body reads the body of a request with events, of at most 1 MiB; it has answered when it is false.
func Body(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		Problem(w, http.StatusRequestEntityTooLarge, "Too large, or not complete", "The request's body could not be read to its end; it may have 1 MiB.")
	}
	return body, err == nil
}

// Problem answers a request with an error after RFC 9457. detail may be empty.
func Problem(w http.ResponseWriter, status int, title, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	body := map[string]any{"type": "about:blank", "title": title, "status": status}
	if detail != "" {
		body["detail"] = detail
	}
	json.NewEncoder(w).Encode(body) // the sender may be gone: nothing to do about it
}
