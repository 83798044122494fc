package webex

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"cordboard/sim/scenario"
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
		mux.HandleFunc("GET "+controlPrefix+name, func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, f()) })
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

func problem(w http.ResponseWriter, err error) {
	answer(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
}

// callRequest is the body of POST /_sim/calls. Speed is how many times faster
// than written the script is played; 0 means as fast as possible, left out 1.
type callRequest struct {
	Script    string            `json:"script"`
	Steps     []scenario.Step   `json:"steps"` // a script of one's own instead of a name
	Agents    []string          `json:"agents"`
	Customer  string            `json:"customer"`
	Colleague string            `json:"colleague"`
	Vars      map[string]string `json:"vars"`
	Campaign  string            `json:"campaign"`
	Speed     *float64          `json:"speed"`
	Timed     bool              `json:"timed"`
	Manual    bool              `json:"manual"`
	Ring      Delay             `json:"ring"`
	Unwrapped bool              `json:"unwrapped"`
	Silent    bool              `json:"silent"`
	Wait      bool              `json:"wait"`
}

func (s *Server) controlCall(w http.ResponseWriter, r *http.Request) {
	var ask callRequest
	if err := decode(w, r, &ask); err != nil {
		problem(w, err)
		return
	}
	script, ok := Script(ask.Script)
	if len(ask.Steps) > 0 {
		script, ok = scenario.Script{Name: "given", Steps: ask.Steps}, true
	}
	if !ok {
		problem(w, fmt.Errorf("unknown script %q; there are %s", ask.Script, strings.Join(scriptNames(), ", ")))
		return
	}
	c, err := s.begin(script, ask.call())
	if err != nil {
		problem(w, err)
		return
	}
	if !ask.Wait {
		s.playLater(script, c)
		answer(w, http.StatusAccepted, c.ids)
		return
	}
	if err := s.run(r.Context(), script, c); err != nil {
		answer(w, http.StatusConflict, map[string]any{"error": err.Error(), "call": c.ids})
		return
	}
	answer(w, http.StatusOK, c.ids)
}

func (x callRequest) call() Call {
	spec := Call{Agents: x.Agents, Customer: x.Customer, Colleague: x.Colleague, Vars: x.Vars, Campaign: x.Campaign, Scale: 1,
		Timed: x.Timed, Manual: x.Manual, Ring: x.Ring.d(), Unwrapped: x.Unwrapped, Silent: x.Silent}
	if x.Speed != nil {
		if spec.Scale = 0; *x.Speed > 0 {
			spec.Scale = 1 / *x.Speed
		}
	}
	return spec
}

// decode reads a body strictly, so that a misspelt member is not overlooked.
func decode(w http.ResponseWriter, r *http.Request, v any) error {
	raw, err := readBody(w, r)
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		err = d.Decode(v)
	}
	if err != nil {
		return fmt.Errorf("the body is not usable: %w", err)
	}
	return nil
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
	err := decode(w, r, &ask)
	switch {
	case err != nil:
	case ask.Kind != "":
		err = s.AddFault(ask.Fault)
	default:
		err = s.named(ask.Name, ask.Agent, max(1, ask.Count))
	}
	if err != nil {
		problem(w, err)
		return
	}
	answer(w, http.StatusOK, s.Faults())
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
