package connect

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"cordboard/sim/scenario"
)

// The control API of a simulator that runs alone. It is not Amazon's, needs no credentials and speaks JSON:
//
//	POST /sim/calls    plays a script; answers 202 with the ids, or with "wait": true 200 when it is over
//	GET  /sim/agents   user names, ids, statuses, contacts
//	GET  /sim/scripts  the built-in scripts
//	GET  /sim/orders   what agents and clients commanded
//	GET  /sim/sent     how many messages of each source were sent, and what became of them
//	PUT  /sim/targets  {"events": {"url", "header", "secret"}, "dialer": {…}, "dialerSocket": {…}}; what is left out stays
//	PUT  /sim/delivery what happens to contact events: {"shuffle": "2s", "duplicate": 0.1, "lose": 0.05, "mixedCase": true, "placeholders": true, "streamDuplicate": 0.1}
//	PUT  /sim/shards   {"shards": 4}: splits or merges the shards of the simulator's own stream
//	POST /sim/status   {"agent": "agent1001", "status": "Offline"}: signs in and out, or changes the status
//	POST /sim/faults   {"fault": "cut|duplicate|swap|freeze|release|silence|speak|reload", "agent": "agent1001"}
//	POST /sim/nailup   {"agent": "agent1001", "down": false}: the dialer's leg to the agent
func (s *Server) control(mux *http.ServeMux) {
	mux.HandleFunc("POST /sim/calls", s.controlCall)
	mux.HandleFunc("GET /sim/agents", s.controlAgents)
	mux.HandleFunc("GET /sim/scripts", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, Scripts()) })
	mux.HandleFunc("GET /sim/orders", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, s.Orders()) })
	mux.HandleFunc("GET /sim/sent", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, s.Sent()) })
	mux.HandleFunc("PUT /sim/targets", s.controlTargets)
	mux.HandleFunc("PUT /sim/delivery", s.controlDelivery)
	mux.HandleFunc("PUT /sim/shards", s.controlShards)
	mux.HandleFunc("POST /sim/status", s.controlStatus)
	mux.HandleFunc("POST /sim/faults", s.controlFault)
	mux.HandleFunc("POST /sim/nailup", s.controlNailUp)
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func problem(w http.ResponseWriter, err error) {
	answer(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
}

func decodeJSON(r *http.Request, v any) error {
	dec := json.NewDecoder(io.LimitReader(r.Body, 1<<20))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return fmt.Errorf("the body is not usable: %w", err)
	}
	return nil
}

// callRequest is the body of POST /sim/calls. Speed is how many times faster than written the script is played; 0 means as
// fast as possible, left out 1.
type callRequest struct {
	Script     string            `json:"script"`
	Steps      []scenario.Step   `json:"steps"` // a script of one's own instead of a name
	Agents     []string          `json:"agents"`
	Customer   string            `json:"customer"`
	Colleague  string            `json:"colleague"`
	Attributes map[string]string `json:"attributes"`
	Campaign   string            `json:"campaign"`
	Speed      *float64          `json:"speed"`
	Manual     bool              `json:"manual"`
	Wait       bool              `json:"wait"`
}

func (s *Server) controlCall(w http.ResponseWriter, r *http.Request) {
	var ask callRequest
	if err := decodeJSON(r, &ask); err != nil {
		problem(w, err)
		return
	}
	script, ok := Script(ask.Script)
	if len(ask.Steps) > 0 {
		script, ok = scenario.Script{Name: or(ask.Script, "given"), Steps: ask.Steps}, true
	}
	if !ok {
		problem(w, fmt.Errorf("unknown script %q; there are %s", ask.Script, strings.Join(scriptNames(), ", ")))
		return
	}
	spec := Call{Agents: ask.Agents, Customer: ask.Customer, Colleague: ask.Colleague, Attributes: ask.Attributes,
		Campaign: ask.Campaign, Manual: ask.Manual, Scale: 1}
	if ask.Speed != nil {
		if spec.Scale = 0; *ask.Speed > 0 {
			spec.Scale = 1 / *ask.Speed
		}
	}
	p, err := s.begin(script, spec)
	if err != nil {
		problem(w, err)
		return
	}
	if !ask.Wait {
		s.playLater(script, p)
		answer(w, http.StatusAccepted, p.result())
		return
	}
	if err := s.run(r.Context(), script, p); err != nil {
		answer(w, http.StatusConflict, map[string]any{"error": err.Error(), "call": p.result()})
		return
	}
	answer(w, http.StatusOK, p.result())
}

func (s *Server) controlAgents(w http.ResponseWriter, _ *http.Request) {
	type view struct {
		Username string            `json:"username"`
		ID       string            `json:"id"`
		ARN      string            `json:"arn"`
		Status   string            `json:"status"`
		State    string            `json:"state,omitempty"` // of the system, while a contact is there
		Contacts map[string]string `json:"contacts"`        // id to state
		Pages    int               `json:"pages"`           // CCPs that are open
	}
	s.mu.Lock()
	list := make([]view, 0, len(s.agents))
	for _, a := range s.agents {
		v := view{a.username, a.id, a.arn(), a.status.name, a.busy, map[string]string{}, len(a.pages)}
		for _, c := range a.contacts {
			v.Contacts[c.id] = c.state
		}
		list = append(list, v)
	}
	s.mu.Unlock()
	answer(w, http.StatusOK, list)
}
