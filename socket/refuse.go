package socket

import (
	"encoding/json"
	"net/http"
)

// Refuse answers a request that opens no socket, after RFC 9457.
func Refuse(w http.ResponseWriter, status int, title, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]any{"type": "about:blank", "title": title, "status": status, "detail": detail}) // the browser may be gone: nothing to do about it
}
