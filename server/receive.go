package server

import (
	"net/http"
	"net/url"

	"cordboard/platform"
)

// receivePath is where platforms send what they tell by HTTP: /in/NAME/ is the connection called NAME.
const receivePath = "/in/{connection}/{rest...}"

// receive hands a platform's request to the connection that it names. Who may send is the connector's to decide.
func (s *Server) receive(w http.ResponseWriter, r *http.Request) {
	to := s.receivers[r.PathValue("connection")]
	if to == nil {
		platform.Problem(w, http.StatusNotFound, "No such connection", "No connection of this server by that name takes messages by HTTP.")
		return
	}
	inner := r.WithContext(r.Context())
	inner.URL = &url.URL{Path: "/" + r.PathValue("rest"), RawQuery: r.URL.RawQuery}
	to.Receive(w, inner)
}

// receiversOf are the connections to which messages can be sent.
func receiversOf(all []platform.Managed) map[string]platform.Receiver {
	found := map[string]platform.Receiver{}
	for _, m := range all {
		if to, ok := m.Connector.(platform.Receiver); ok {
			found[m.Name] = to
		}
	}
	return found
}
