package finesse

import (
	"context"
	"net/http"
	"slices"

	"cordboard/sim/scenario"
)

// actionNames are the requestedActions that the simulator knows.
var actionNames = []string{"ANSWER", "HOLD", "RETRIEVE", "DROP", "CONSULT_CALL", "CONFERENCE", "TRANSFER", "TRANSFER_SST",
	"ACCEPT", "REJECT", "CLOSE", "UPDATE_CALL_DATA", "SEND_DTMF"}

// putDialog takes an action. What the request itself lacks is answered at
// once; what the call does not allow comes as an asynchronous error.
func (s *Server) putDialog(w http.ResponseWriter, r *http.Request, a asker) {
	e := body(w, r, "Dialog")
	if e == nil {
		return
	}
	action := e.value("requestedAction")
	switch {
	case action == "":
		apiError(w, http.StatusBadRequest, &refusal{"Parameter Missing", "requestedAction", ""})
		return
	case !slices.Contains(actionNames, action):
		apiError(w, http.StatusBadRequest, &refusal{"Invalid Input", "requestedAction", action})
		return
	case (action == "CONSULT_CALL" || action == "TRANSFER_SST") && e.value("toAddress") == "":
		apiError(w, http.StatusBadRequest, &refusal{"Parameter Missing", "toAddress", ""})
		return
	case action != "UPDATE_CALL_DATA" && e.value("targetMediaAddress") == "":
		apiError(w, http.StatusBadRequest, &refusal{"Parameter Missing", "targetMediaAddress", ""})
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.dialogs[r.PathValue("id")]
	if d == nil || !a.has(d) {
		apiError(w, http.StatusNotFound, &refusal{"Dialog Not Found", "There is no such dialog", r.PathValue("id")})
		return
	}
	if target := e.value("targetMediaAddress"); target != "" && target != a.ext {
		apiError(w, http.StatusUnauthorized, &refusal{"Invalid Authorization User Specified", "targetMediaAddress is not the user's extension", target})
		return
	}
	w.WriteHeader(http.StatusAccepted)
	if refused := s.act(d, a, action, e); refused != nil {
		s.publishRefusal(a.agent, d.uri(), refused, a.request)
	}
}

// act does an action that the agent's action list allows.
func (s *Server) act(d *dialog, a asker, action string, e *element) *refusal {
	c, p := d.call, d.party(a.agent)
	if !slices.Contains(d.actions(p), action) {
		return &refusal{"Generic Error", action + " is not allowed now", d.id}
	}
	switch action {
	case "ANSWER":
		return c.answer(d, p, a.request)
	case "HOLD":
		return c.hold(d, p, a.request)
	case "RETRIEVE":
		return c.retrieve(d, p, a.request)
	case "DROP":
		return c.hangup(d, p, a.request, "")
	case "CONFERENCE":
		return c.conference(a.agent, a.request, false, false)
	case "TRANSFER":
		return c.transfer(a.agent, a.request)
	case "TRANSFER_SST":
		if r := c.blindTransfer(a.agent, e.value("toAddress"), a.request); r != nil {
			return r
		}
		s.farEnd(c, c.main, e.value("toAddress"))
	case "CONSULT_CALL":
		if r := c.startConsult(a.agent, e.value("toAddress"), a.request, true); r != nil {
			return r
		}
		s.farEnd(c, c.consult, e.value("toAddress"))
	case "ACCEPT":
		return c.accept(a.agent, a.request)
	case "REJECT":
		return c.skip(a.agent, "Reject", a.request)
	case "CLOSE":
		return c.skip(a.agent, "Skip-Close", a.request)
	case "UPDATE_CALL_DATA":
		c.setData(d, a.agent, givenVariables(e), e.kid("mediaProperties").value("wrapUpReason"), a.request)
	case "SEND_DTMF":
		s.putRequest(d, a.agent, a.request)
	}
	return nil
}

func givenVariables(e *element) []variable {
	var vars []variable
	if list := e.kid("mediaProperties").kid("callvariables"); list != nil {
		for _, v := range list.kids {
			if name := v.value("name"); v.Local == "CallVariable" && name != "" {
				vars = append(vars, variable{name, v.value("value")})
			}
		}
	}
	return vars
}

// farEnd lets a number that an agent called pick up after a while: numbers
// outside always, agents of the site only with AutoAnswer.
func (s *Server) farEnd(c *call, d *dialog, to string) {
	if s.cfg.FarEnd < 0 || (s.signedIn(to) != nil && !s.cfg.AutoAnswer) {
		return
	}
	s.life.Later(s.cfg.FarEnd, func() {
		if p := d.address(to); p != nil && p.state == alerting && !d.merged {
			_ = c.answer(d, p, "")
		}
	})
}

// postDialogs is MAKE_CALL.
func (s *Server) postDialogs(w http.ResponseWriter, r *http.Request, a asker) {
	e := body(w, r, "Dialog")
	if e == nil {
		return
	}
	action, to := e.value("requestedAction"), e.value("toAddress")
	switch {
	case action == "" || to == "" || e.value("fromAddress") == "":
		apiError(w, http.StatusBadRequest, &refusal{"Parameter Missing", "requestedAction, fromAddress and toAddress are needed", ""})
		return
	case action != "MAKE_CALL":
		apiError(w, http.StatusBadRequest, &refusal{"Invalid Input", "requestedAction", action})
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w.WriteHeader(http.StatusAccepted)
	if e.value("fromAddress") != a.ext || a.state == userLogout || len(a.dialogs) > 0 {
		s.publishRefusal(a.agent, a.dialogsNode(), &refusal{"Generic Error", "The device cannot make a call now", to}, a.request)
		return
	}
	c := s.newCall(Call{Customer: to}, []*agent{a.agent})
	c.spec.Customer = to
	c.dial(a.agent, a.request)
	if s.cfg.FarEnd < 0 {
		return
	}
	s.life.Later(s.cfg.FarEnd, func() {
		if d := c.main; d.party(a.agent) != nil && d.state == initiated && a.has(d) {
			_ = c.ring(a.agent)
			s.life.Later(s.cfg.FarEnd, func() { _ = c.answer(d, d.address(d.to), "") })
		}
	})
}

// playLater plays on behalf of the control API.
func (s *Server) playLater(script scenario.Script, c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.life.Spawn(func(ctx context.Context) {
		if err := s.run(ctx, script, c); err != nil && ctx.Err() == nil {
			s.cfg.Log.Warn("script stopped", "error", err)
		}
	})
}
