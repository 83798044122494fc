package webex

import (
	"cordboard/sim/stage"
	"fmt"
	"net/http"
)

const controlPrefix = "/_sim/"

// The control API of a simulator that runs alone. It is not Cisco's, needs no
// token and speaks JSON:
//
//	POST   /_sim/calls    plays a script; answers 202 with the ids, or with "wait": true 200 when it is over
//	GET    /_sim/agents   ids, extensions, states, tasks, number of sockets, refresh tokens
//	GET    /_sim/scripts  the built-in scripts
//	GET    /_sim/orders   what was ordered by REST and how it was answered
//	GET    /_sim/webhooks how each webhook was delivered
//	GET    /_sim/faults   the armed faults of requests; DELETE disarms them
//	POST   /_sim/faults   a Fault of requests, or {"fault": "cut|mute|multi-login|duplicate|swap|lose|hold|release|shuffle|sign-out|
//	                      expire-tokens|revoke-tokens|restore-tokens|lose-webhooks|duplicate-webhooks|hold-webhooks|release-webhooks|
//	                      shuffle-webhooks", "agent": "a000…", "count": 1}; cut without an agent cuts everybody
func (s *Server) control(mux *http.ServeMux) {
	get := func(name string, f func() any) {
		mux.HandleFunc("GET "+controlPrefix+name, func(w http.ResponseWriter, _ *http.Request) { stage.Answer(w, http.StatusOK, f()) })
	}
	mux.HandleFunc("POST "+controlPrefix+"calls", s.controlCall)
	mux.HandleFunc("POST "+controlPrefix+"faults", s.controlFault)
	mux.HandleFunc("DELETE "+controlPrefix+"faults", func(w http.ResponseWriter, _ *http.Request) { s.ClearFaults(); w.WriteHeader(http.StatusNoContent) })
	get("agents", s.controlAgents)
	get("scripts", func() any { return Scripts() })
	get("orders", func() any { return s.Orders() })
	get("webhooks", func() any { return s.Webhooks() })
	get("faults", func() any { return s.Faults() })
}

// callRequest is the body of POST /_sim/calls.
type callRequest struct {
	stage.Performance
	Agents    []string          `json:"agents"`
	Customer  string            `json:"customer"`
	Colleague string            `json:"colleague"`
	Vars      map[string]string `json:"vars"`
	Campaign  string            `json:"campaign"`
	Timed     bool              `json:"timed"`
	Manual    bool              `json:"manual"`
	Ring      Delay             `json:"ring"`
	Unwrapped bool              `json:"unwrapped"`
	Silent    bool              `json:"silent"`
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
	c, err := s.begin(script, ask.call())
	if err != nil {
		stage.Refuse(w, err)
		return
	}
	ask.Stage(w, c.ids, func() { s.playLater(script, c) }, func() error { return s.run(r.Context(), script, c) })
}

func (x callRequest) call() Call {
	return Call{Agents: x.Agents, Customer: x.Customer, Colleague: x.Colleague, Vars: x.Vars, Campaign: x.Campaign, Scale: x.Scale(),
		Timed: x.Timed, Manual: x.Manual, Ring: x.Ring.d(), Unwrapped: x.Unwrapped, Silent: x.Silent}
}

func (s *Server) controlAgents() any {
	type view struct {
		AgentToken
		State   string   `json:"state"`
		Tasks   []string `json:"tasks"`
		Sockets int      `json:"sockets"`
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]view, 0, len(s.agents))
	for i, t := range s.agentTokens() {
		a := s.agents[i]
		v := view{t, a.state, []string{}, len(a.sockets)}
		if !a.signedIn {
			v.State = "LoggedOut"
		}
		for _, l := range a.legs {
			v.Tasks = append(v.Tasks, l.task.id)
		}
		list = append(list, v)
	}
	return list
}

// faultRequest is the body of POST /_sim/faults: one of two forms.
type faultRequest struct {
	Fault
	Name  string `json:"fault"`
	Agent string `json:"agent"`
}

func (s *Server) controlFault(w http.ResponseWriter, r *http.Request) {
	var ask faultRequest
	err := stage.Read(r, &ask)
	switch {
	case err != nil:
	case ask.Kind != "":
		err = s.AddFault(ask.Fault)
	default:
		err = s.named(ask.Name, ask.Agent, max(1, ask.Count))
	}
	if err != nil {
		stage.Refuse(w, err)
		return
	}
	stage.Answer(w, http.StatusOK, s.Faults())
}

// named does a fault that is not one of requests.
func (s *Server) named(name, agent string, n int) error {
	ofAgent := map[string]func(string) error{"cut": s.Cut, "mute": s.Mute, "multi-login": s.MultiLogin, "duplicate": s.Duplicate,
		"swap": s.Swap, "hold": s.Hold, "lose": func(a string) error { return s.Lose(a, n) },
		"release": func(a string) error { return s.Release(a, false) }, "shuffle": func(a string) error { return s.Release(a, true) },
		"sign-out": func(a string) error { return s.SignOut(a, "signed out by a supervisor") }}
	ofAll := map[string]func(){"expire-tokens": s.ExpireTokens, "revoke-tokens": func() { s.RevokeTokens(true) },
		"restore-tokens": func() { s.RevokeTokens(false) }, "lose-webhooks": func() { s.LoseWebhooks(n) },
		"duplicate-webhooks": func() { s.DuplicateWebhooks(n) }, "hold-webhooks": s.HoldWebhooks,
		"release-webhooks": func() { s.ReleaseWebhooks(false) }, "shuffle-webhooks": func() { s.ReleaseWebhooks(true) }}
	if f := ofAll[name]; f != nil {
		f()
		return nil
	}
	if name == "cut" && agent == "" {
		s.CutAll()
		return nil
	}
	if f := ofAgent[name]; f != nil {
		return f(agent)
	}
	return fmt.Errorf("unknown fault %q", name)
}
