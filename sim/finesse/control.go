package finesse

import (
	"cordboard/sim/stage"
	"fmt"
	"net/http"
)

// The control API of a simulator that runs alone. It is not Cisco's, needs no
// credentials and speaks JSON:
//
//	POST /_sim/calls   plays a script; answers 202 with the ids, or with "wait": true 200 when it is over
//	GET  /_sim/agents  ids, extensions, user states, dialogs, number of sessions
//	GET  /_sim/scripts the built-in scripts
//	POST /_sim/faults  {"fault": "cut|duplicate|swap|hold|release|sign-out|out-of-service|in-service", "agent": "1001001"};
//	                   cut without an agent cuts everybody
func (s *Server) control(mux *http.ServeMux) {
	mux.HandleFunc("POST /_sim/calls", s.controlCall)
	mux.HandleFunc("GET /_sim/agents", s.controlAgents)
	mux.HandleFunc("GET /_sim/scripts", func(w http.ResponseWriter, _ *http.Request) { stage.Answer(w, http.StatusOK, Scripts()) })
	mux.HandleFunc("POST /_sim/faults", s.controlFault)
}

// callRequest is the body of POST /_sim/calls.
type callRequest struct {
	stage.Performance
	Agents    []string          `json:"agents"`
	Customer  string            `json:"customer"`
	Colleague string            `json:"colleague"`
	Vars      map[string]string `json:"vars"`
	Campaign  string            `json:"campaign"`
	Account   string            `json:"account"`
	Manual    bool              `json:"manual"`
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
	spec := Call{Agents: ask.Agents, Customer: ask.Customer, Colleague: ask.Colleague, Vars: ask.Vars,
		Campaign: ask.Campaign, Account: ask.Account, Manual: ask.Manual, Scale: ask.Scale()}
	c, err := s.begin(script, spec)
	if err != nil {
		stage.Refuse(w, err)
		return
	}
	ask.Stage(w, c.ids, func() { s.playLater(script, c) }, func() error { return s.run(r.Context(), script, c) })
}

func (s *Server) controlAgents(w http.ResponseWriter, _ *http.Request) {
	type view struct {
		ID        string   `json:"id"`
		Extension string   `json:"extension"`
		Name      string   `json:"name"`
		State     string   `json:"state"`
		Dialogs   []string `json:"dialogs"`
		Sessions  int      `json:"sessions"`
	}
	s.mu.Lock()
	list := make([]view, 0, len(s.agents))
	for _, a := range s.agents {
		v := view{a.id, a.ext, a.first + " " + a.last, a.state, []string{}, len(a.sessions)}
		for _, d := range a.dialogs {
			v.Dialogs = append(v.Dialogs, d.id)
		}
		list = append(list, v)
	}
	s.mu.Unlock()
	stage.Answer(w, http.StatusOK, list)
}

func (s *Server) controlFault(w http.ResponseWriter, r *http.Request) {
	var ask struct{ Fault, Agent string }
	err := stage.Read(r, &ask)
	if err == nil {
		err = s.fault(ask.Fault, ask.Agent)
	}
	if err != nil {
		stage.Refuse(w, err)
		return
	}
	stage.Answer(w, http.StatusOK, map[string]string{"fault": ask.Fault})
}

func (s *Server) fault(name, agent string) error {
	switch name {
	case "cut":
		if agent == "" {
			s.CutAll()
			return nil
		}
		return s.Cut(agent)
	case "duplicate":
		return s.Duplicate(agent)
	case "swap":
		return s.Swap(agent)
	case "hold":
		return s.Hold(agent)
	case "release":
		return s.Release(agent)
	case "sign-out":
		return s.SignOut(agent, "255")
	case "out-of-service", "in-service":
		s.OutOfService(name == "out-of-service")
		return nil
	}
	return fmt.Errorf("unknown fault %q", name)
}
