package webex

import (
	"cordboard/sim/stage"
	"net/http"
	"strconv"
)

// Creating tasks and listing them.

// postTask creates a task ("Create Task"). The simulator knows OUTDIAL: the
// agent calls somebody.
func (s *Server) postTask(w http.ResponseWriter, r *http.Request, who caller) {
	var ask struct {
		Destination  string            `json:"destination"`
		EntryPointID string            `json:"entryPointId"`
		Attributes   map[string]string `json:"attributes"`
		OutboundType string            `json:"outboundType"`
		MediaType    string            `json:"mediaType"`
		Origin       string            `json:"origin"`
	}
	if !who.body(w, r, &ask) || missing(w, "destination", ask.Destination, "entryPointId", ask.EntryPointID, "mediaType", ask.MediaType) {
		return
	}
	switch {
	case ask.OutboundType != "OUTDIAL":
		apiFailure(w, http.StatusBadRequest, "Bad Request", "the simulator creates tasks of outboundType OUTDIAL only")
		return
	case missing(w, "origin", ask.Origin):
		return
	case ask.EntryPointID != entryPointID || ask.MediaType != "telephony" || len(ask.Attributes) > 30:
		apiFailure(w, http.StatusBadRequest, "Bad Request", "entryPointId, mediaType or attributes is not usable")
		return
	}
	fail, failing := s.faults.hit(OutboundFailed, r)
	s.mu.Lock()
	defer s.mu.Unlock()
	a := who.agent
	if !a.signedIn || len(a.legs) > 0 {
		apiFailure(w, http.StatusForbidden, "Forbidden", "the agent is signed out or busy")
		return
	}
	c := s.newCall(Call{Customer: ask.Destination, Vars: ask.Attributes}, []*agent{a})
	c.create(modeManual)
	stage.Answer(w, http.StatusCreated, map[string]any{"meta": map[string]string{"orgId": orgID}, "data": map[string]string{"id": c.main.id}})
	c.main.origin = ask.Origin
	l := c.main.reserve(a)
	c.main.offer(l)
	s.life.Later(s.cfg.FarEnd, func() {
		switch {
		case !l.live() || l.joined:
		case failing:
			_ = c.main.miss(l, missOutdial, fail.Message)
		default:
			_ = c.main.assign(l)
		}
	})
}

// getTasks is the list of tasks by their time of creation ("Get Tasks").
func (s *Server) getTasks(w http.ResponseWriter, r *http.Request, _ caller) {
	q := r.URL.Query()
	win, why := window(q.Get("from"), q.Get("to"))
	if why != "" {
		dataFailure(w, http.StatusBadRequest, why)
		return
	}
	size := number(q.Get("pageSize"), 100)
	data := []map[string]any{}
	s.mu.Lock()
	for _, t := range s.recent {
		if at := t.created.UnixMilli(); at < win.from || at >= win.to || len(data) == size {
			continue
		}
		data = append(data, map[string]any{"id": t.id, "attributes": t.attributes()})
	}
	s.mu.Unlock()
	stage.Answer(w, http.StatusOK, map[string]any{"meta": map[string]string{"orgId": orgID}, "data": data})
}

type span struct{ from, to int64 }

// window reads a time window of epoch milliseconds.
func window(from, to string) (span, string) {
	a, err := strconv.ParseInt(from, 10, 64)
	if err != nil {
		return span{}, "from is missing or no number"
	}
	b := nowMilli() + 1
	if to != "" {
		if b, err = strconv.ParseInt(to, 10, 64); err != nil || b < a {
			return span{}, "to is no number or before from"
		}
	}
	return span{a, b}, ""
}
