package finesse

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"cordboard/sim/scenario"
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
	mux.HandleFunc("GET /_sim/scripts", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, Scripts()) })
	mux.HandleFunc("POST /_sim/faults", s.controlFault)
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
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
	Account   string            `json:"account"`
	Speed     *float64          `json:"speed"`
	Manual    bool              `json:"manual"`
	Wait      bool              `json:"wait"`
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
	spec := Call{Agents: ask.Agents, Customer: ask.Customer, Colleague: ask.Colleague, Vars: ask.Vars,
		Campaign: ask.Campaign, Account: ask.Account, Manual: ask.Manual, Scale: 1}
	if ask.Speed != nil {
		if spec.Scale = 0; *ask.Speed > 0 {
			spec.Scale = 1 / *ask.Speed
		}
	}
	c, err := s.begin(script, spec)
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

func decodeJSON(r *http.Request, v any) error {
	data, err := readBody(r)
	if err == nil {
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.DisallowUnknownFields()
		err = dec.Decode(v)
	}
	if err != nil {
		return fmt.Errorf("the body is not usable: %w", err)
	}
	return nil
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
	answer(w, http.StatusOK, list)
}

func (s *Server) controlFault(w http.ResponseWriter, r *http.Request) {
	var ask struct{ Fault, Agent string }
	err := decodeJSON(r, &ask)
	if err == nil {
		err = s.fault(ask.Fault, ask.Agent)
	}
	if err != nil {
		problem(w, err)
		return
	}
	answer(w, http.StatusOK, map[string]string{"fault": ask.Fault})
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
