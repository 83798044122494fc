package genesys

import (
	"bytes"
	"cordboard/sim/stage"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// The control API of a simulator that runs alone. It is not Genesys's, needs no credentials and speaks JSON:
//
//	POST   /sim/calls    plays a script; answers 202 with the ids, or with "wait": true 200 when it is over
//	GET    /sim/scripts  the built-in scripts
//	GET    /sim/state    users, conversations, requests, contacts with records, channels, faults: ?only=requests,contacts
//	POST   /sim/faults   a Fault, or a list; or {"kind": "cut|repeat|closing|drop_channels|expire_tokens|revoke_tokens", "user": "1"}
//	GET    /sim/faults   the armed ones
//	DELETE /sim/faults   disarms them
//	POST   /sim/targets  a Target, where events go by HTTP; GET lists, DELETE removes all
//	POST   /sim/campaigns {"campaign": "preview", "preview_timeout": 30, "preview_auto_end": true, "skip_disabled": false,
//	                      "attempts_per_contact": 10}
func (s *Server) control(mux *http.ServeMux) {
	mux.HandleFunc("POST /sim/calls", s.controlCall)
	mux.HandleFunc("GET /sim/ready", func(w http.ResponseWriter, _ *http.Request) { stage.Answer(w, http.StatusOK, s.Ready()) })
	s.controlTargets(mux)
	mux.HandleFunc("POST /sim/campaigns", s.controlCampaign)
	mux.HandleFunc("GET /sim/scripts", func(w http.ResponseWriter, _ *http.Request) { stage.Answer(w, http.StatusOK, Scripts()) })
	mux.HandleFunc("GET /sim/state", s.controlState)
	mux.HandleFunc("GET /sim/faults", func(w http.ResponseWriter, _ *http.Request) { stage.Answer(w, http.StatusOK, s.Faults()) })
	mux.HandleFunc("POST /sim/faults", s.controlFault)
	mux.HandleFunc("DELETE /sim/faults", func(w http.ResponseWriter, _ *http.Request) {
		s.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	})
}

// callRequest is the body of POST /sim/calls.
type callRequest struct {
	stage.Performance
	Agents       []string          `json:"agents"`
	Customer     string            `json:"customer"`
	Colleague    string            `json:"colleague"`
	Campaign     string            `json:"campaign"`
	Contact      string            `json:"contact"`
	Queue        string            `json:"queue"`
	Vars         map[string]string `json:"vars"`
	Manual       bool              `json:"manual"`
	UserEndFirst bool              `json:"user_end_first"`
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
	spec := Call{Agents: ask.Agents, Customer: ask.Customer, Colleague: ask.Colleague, Campaign: ask.Campaign, Contact: ask.Contact,
		Queue: ask.Queue, Vars: ask.Vars, Manual: ask.Manual, UserEndFirst: ask.UserEndFirst, Scale: ask.Scale()}
	if !ask.Wait {
		result, err := s.Start(script, spec)
		if err != nil {
			stage.Refuse(w, err)
			return
		}
		stage.Answer(w, http.StatusAccepted, result)
		return
	}
	result, err := s.Play(r.Context(), script, spec)
	if err != nil {
		stage.Answer(w, http.StatusConflict, map[string]any{"error": err.Error(), "call": result})
		return
	}
	stage.Answer(w, http.StatusOK, result)
}

func (s *Server) controlFault(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err == nil {
		var now struct{ Kind, User string }
		if json.Unmarshal(data, &now) == nil && slices.Contains(strikes, now.Kind) {
			err = s.strikeNow(now.Kind, now.User)
		} else {
			err = s.arm(data)
		}
	}
	if err != nil {
		stage.Refuse(w, err)
		return
	}
	stage.Answer(w, http.StatusOK, s.Faults())
}

func (s *Server) arm(data []byte) error {
	list, err := readFaults(bytes.TrimSpace(data))
	for i := 0; err == nil && i < len(list); i++ {
		err = s.AddFault(list[i])
	}
	return err
}

// strikes are the faults that happen at once.
var strikes = []string{"cut", "repeat", "closing", "drop_channels", "expire_tokens", "revoke_tokens"}

func (s *Server) strikeNow(kind, user string) error {
	switch kind {
	case "cut":
		return s.Cut(user)
	case "repeat":
		return s.Repeat(user)
	case "closing":
		s.CloseSockets()
	case "drop_channels":
		s.DropChannels()
	case "expire_tokens":
		s.ExpireTokens()
	case "revoke_tokens":
		s.RevokeTokens()
	}
	return nil
}

// controlState tells everything observable; only leaves out what it does not name.
func (s *Server) controlState(w http.ResponseWriter, r *http.Request) {
	only := r.URL.Query().Get("only")
	parts := map[string]func() any{
		"requests":      func() any { return s.Requests() },
		"contacts":      func() any { return s.Contacts() },
		"conversations": func() any { return s.Conversations() },
		"users":         func() any { return s.Users() },
		"channels":      func() any { return s.Channels() },
		"faults":        func() any { return s.Faults() },
		"deliveries":    func() any { return s.Deliveries() },
		"published":     func() any { return s.Published() },
		"logins":        func() any { return s.Logins() },
	}
	out := map[string]any{}
	for name, part := range parts {
		if only == "" || slices.Contains(strings.Split(only, ","), name) {
			out[name] = part()
		}
	}
	stage.Answer(w, http.StatusOK, out)
}

// CampaignSettings are what may be changed about a campaign; what is nil stays as it is.
type CampaignSettings struct {
	Campaign           string `json:"campaign"`                       // id, or dialing mode
	PreviewTimeout     *int   `json:"preview_timeout,omitempty"`      // seconds
	PreviewAutoEnd     *bool  `json:"preview_auto_end,omitempty"`     // the timeout ends the preview instead of dialing it
	SkipDisabled       *bool  `json:"skip_disabled,omitempty"`        // agents may not skip
	AttemptsPerContact *int   `json:"attempts_per_contact,omitempty"` // of the contact list; 0 means no limit
	AttemptsPerNumber  *int   `json:"attempts_per_number,omitempty"`
}

// SetCampaign changes a campaign. It fails when there is none.
func (s *Server) SetCampaign(set CampaignSettings) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.org.campaign(set.Campaign)
	if k == nil {
		return fmt.Errorf("there is no campaign %q", set.Campaign)
	}
	change(&k.timeout, set.PreviewTimeout)
	change(&k.autoEnd, set.PreviewAutoEnd)
	change(&k.skipDisabled, set.SkipDisabled)
	change(&k.list.limits.perContact, set.AttemptsPerContact)
	change(&k.list.limits.perNumber, set.AttemptsPerNumber)
	k.version++
	return nil
}

func change[T any](what *T, to *T) {
	if to != nil {
		*what = *to
	}
}

func (s *Server) controlCampaign(w http.ResponseWriter, r *http.Request) {
	var ask CampaignSettings
	err := stage.Read(r, &ask)
	if err == nil {
		err = s.SetCampaign(ask)
	}
	if err != nil {
		stage.Refuse(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
