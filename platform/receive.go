package platform

import (
	"context"
	"cordboard/config"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"io"
	"net/http"
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
	// Hear takes one message of the agent's browser in. The agent is the one whose desk it is, whatever the message
	// says. A nil error means that what it brought is durable. A message that cannot be understood is kept, and no
	// error. It is safe for concurrent use and fails while Run is not running on this node.
	Hear(ctx context.Context, agent string, m Message) error
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
