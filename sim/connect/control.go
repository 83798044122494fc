package connect

import (
	"cordboard/sim/stage"
	"net/http"
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
	mux.HandleFunc("GET /sim/scripts", func(w http.ResponseWriter, _ *http.Request) { stage.Answer(w, http.StatusOK, Scripts()) })
	mux.HandleFunc("GET /sim/orders", func(w http.ResponseWriter, _ *http.Request) { stage.Answer(w, http.StatusOK, s.Orders()) })
	mux.HandleFunc("GET /sim/sent", func(w http.ResponseWriter, _ *http.Request) { stage.Answer(w, http.StatusOK, s.Sent()) })
	mux.HandleFunc("PUT /sim/targets", s.controlTargets)
	mux.HandleFunc("PUT /sim/delivery", s.controlDelivery)
	mux.HandleFunc("PUT /sim/shards", s.controlShards)
	mux.HandleFunc("POST /sim/status", s.controlStatus)
	mux.HandleFunc("POST /sim/faults", s.controlFault)
	mux.HandleFunc("POST /sim/nailup", s.controlNailUp)
}

// callRequest is the body of POST /sim/calls.
type callRequest struct {
	stage.Performance
	Agents     []string          `json:"agents"`
	Customer   string            `json:"customer"`
	Colleague  string            `json:"colleague"`
	Attributes map[string]string `json:"attributes"`
	Campaign   string            `json:"campaign"`
	Manual     bool              `json:"manual"`
}

func (s *Server) controlCall(w http.ResponseWriter, r *http.Request) {
	var ask callRequest
	if err := stage.Read(r, &ask); err != nil {
		stage.Refuse(w, err)
		return
	}
	script, err := ask.Pick(Scripts())
	if err != nil {
		stage.Refuse(w, err)
		return
	}
	spec := Call{Agents: ask.Agents, Customer: ask.Customer, Colleague: ask.Colleague, Attributes: ask.Attributes,
		Campaign: ask.Campaign, Manual: ask.Manual, Scale: ask.Scale()}
	p, err := s.begin(script, spec)
	if err != nil {
		stage.Refuse(w, err)
		return
	}
	ask.Stage(w, p.result(), func() { s.playLater(script, p) }, func() error { return s.run(r.Context(), script, p) })
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
	stage.Answer(w, http.StatusOK, list)
}
