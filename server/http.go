package server

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"cordboard/desk"
	"cordboard/desk/signin"
)

// handler mounts everything that the server answers.
func (s *Server) handler(c crowd) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /desk/socket", c.browsers(s.hub))
	mux.Handle("GET "+workspacePath, c.browsers(s.workspace))
	mux.HandleFunc(receivePath, s.receive)
	mux.Handle("/desk/ticket", desk.TicketHandler(s.tickets, s.mayHaveTicket))
	if s.signIn != nil {
		mux.Handle(signin.Path, s.signIn)
		mux.Handle(signin.Path+"/", s.signIn)
		mux.Handle(signin.SessionPath, s.signIn)
	}
	mux.Handle(desk.Path, s.panel)
	mux.Handle("GET /metrics", guard(s.cfg.Console.Password, promhttp.HandlerFor(s.metrics, promhttp.HandlerOpts{})))
	mux.Handle("/", guard(s.cfg.Console.Password, s.console))
	return c.everything(mux)
}

// readyLimit is how long the journal may take to answer before this node counts as not ready.
const readyLimit = 2 * time.Second

// readyz answers 200 while events are taken: the journal answers, the server does not stop, and where there are several
// nodes, this one is not taken for dead.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	parts := map[string]string{"journal": "ok", "engine": "ok"}
	status := http.StatusOK
	if !s.ready.Load() {
		parts["engine"], status = "starting or stopping", http.StatusServiceUnavailable
	}
	asking, cancel := context.WithTimeout(r.Context(), readyLimit)
	defer cancel()
	if _, err := s.store.Counts(asking); err != nil {
		parts["journal"], status = "cannot be read", http.StatusServiceUnavailable
	}
	if s.nodes != nil {
		parts["node"] = "ok"
		if leaseLeft(s.nodes) == 0 {
			parts["node"], status = "silent for too long, others take over", http.StatusServiceUnavailable
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(parts)
}

var errNoTicket = errors.New("no ticket: present the ticket key of cordboard.yaml (desk.ticket_key) as a bearer token")

// mayHaveTicket decides who may open an agent's desk: the page that embeds the panel proves itself with the ticket key.
func (s *Server) mayHaveTicket(r *http.Request, agent string) error {
	if s.cfg.Desk.OpenTickets && fromHere(r) {
		return nil
	}
	key := s.cfg.Desk.TicketKey
	given := r.Header.Get("Authorization")
	if key.IsZero() || subtle.ConstantTimeCompare([]byte("Bearer "+key.Reveal()), []byte(given)) != 1 {
		return errNoTicket
	}
	return nil
}
