package connect

import (
	"cordboard/sim/stage"
	"fmt"
	"net/http"
	"time"
)

// The requests of the control API that change how the instance behaves.

func (s *Server) controlTargets(w http.ResponseWriter, r *http.Request) {
	ask := struct {
		Events       *Target `json:"events"`
		Dialer       *Target `json:"dialer"`
		DialerSocket *Target `json:"dialerSocket"`
	}{}
	if err := stage.Read(r, &ask); err != nil {
		stage.Refuse(w, err)
		return
	}
	if ask.Events != nil {
		s.SetEvents(*ask.Events)
	}
	if ask.Dialer != nil || ask.DialerSocket != nil {
		post, socket := s.dialer.out.target.Load(), s.dialer.socket.target.Load()
		s.SetDialer(*or(ask.Dialer, post), *or(ask.DialerSocket, socket))
	}
	stage.Answer(w, http.StatusOK, ask)
}

func (s *Server) controlDelivery(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Delivery
		Shuffle string `json:"shuffle"`
	}
	err := stage.Read(r, &ask)
	if err == nil && ask.Shuffle != "" {
		ask.Delivery.Shuffle, err = time.ParseDuration(ask.Shuffle)
	}
	if err != nil {
		stage.Refuse(w, err)
		return
	}
	s.SetDelivery(ask.Delivery)
	stage.Answer(w, http.StatusOK, ask)
}

func (s *Server) controlFault(w http.ResponseWriter, r *http.Request) {
	var ask struct{ Fault, Agent string }
	err := stage.Read(r, &ask)
	if err == nil {
		err = s.orderFault(ask.Fault, ask.Agent)
	}
	if err != nil {
		stage.Refuse(w, err)
		return
	}
	stage.Answer(w, http.StatusOK, ask)
}

func (s *Server) orderFault(name, agent string) error {
	switch name {
	case "cut":
		return s.Cut(agent)
	case "duplicate":
		return s.Duplicate(agent)
	case "swap":
		return s.Swap(agent)
	case "freeze":
		return s.Freeze(agent)
	case "release":
		return s.Release(agent)
	case "silence", "speak":
		return s.Silence(agent, name == "silence")
	case "reload":
		return s.ReloadCCP(agent)
	}
	return fmt.Errorf("unknown fault %q", name)
}

func (s *Server) controlNailUp(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Agent string
		Down  bool
	}
	err := stage.Read(r, &ask)
	if err == nil {
		err = s.NailUp(ask.Agent, !ask.Down)
	}
	if err != nil {
		stage.Refuse(w, err)
		return
	}
	stage.Answer(w, http.StatusOK, ask)
}

func (s *Server) controlShards(w http.ResponseWriter, r *http.Request) {
	var ask struct{ Shards int }
	err := stage.Read(r, &ask)
	if err == nil {
		err = s.Reshard(ask.Shards)
	}
	if err != nil {
		stage.Refuse(w, err)
		return
	}
	stage.Answer(w, http.StatusOK, ask)
}

func (s *Server) controlStatus(w http.ResponseWriter, r *http.Request) {
	var ask struct{ Agent, Status string }
	err := stage.Read(r, &ask)
	if err == nil {
		err = s.SetStatus(ask.Agent, ask.Status)
	}
	if err != nil {
		stage.Refuse(w, err)
		return
	}
	stage.Answer(w, http.StatusOK, ask)
}
