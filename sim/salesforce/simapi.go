package salesforce

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// serveSim is the test's side door: GET state and faults, POST faults (one or a list) and settings, DELETE faults.
func (s *Server) serveSim(w http.ResponseWriter, r *http.Request) {
	switch r.Method + " " + r.URL.Path {
	case "GET /_sim/ready":
		writeJSON(w, http.StatusOK, s.Ready())
	case "GET /_sim/state":
		writeJSON(w, http.StatusOK, s.state(r))
	case "GET /_sim/faults":
		writeJSON(w, http.StatusOK, s.Faults())
	case "DELETE /_sim/faults":
		s.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	case "POST /_sim/faults":
		s.postFaults(w, r)
	case "POST /_sim/settings":
		s.postSettings(w, r)
	default:
		http.NotFound(w, r)
	}
}

// state is everything observable; ?records= leaves the records of other objects out, ?writes=n gives the last n.
func (s *Server) state(r *http.Request) map[string]any {
	records, numbers := map[string][]Record{}, map[string]int{}
	only := r.URL.Query()["records"]
	for _, o := range s.objectNames() {
		numbers[o] = s.Count(o)
		if len(only) == 0 || slices.Contains(only, o) {
			records[o] = s.Records(o)
		}
	}
	writes := s.Writes("")
	if n, err := strconv.Atoi(r.URL.Query().Get("writes")); err == nil && n >= 0 && n < len(writes) {
		writes = writes[len(writes)-n:]
	}
	used, maximum := s.Usage()
	return map[string]any{"records": records, "count": numbers, "counts": s.Counts(), "writes": writes, "calls": s.Calls(),
		"usage": map[string]int{"used": used, "max": maximum}, "duplicates": s.Duplicates(), "faults": s.Faults()}
}

func (s *Server) objectNames() []string {
	names := []string{}
	for _, o := range objects() {
		names = append(names, o.name)
	}
	return names
}

func (s *Server) postFaults(w http.ResponseWriter, r *http.Request) {
	var raw json.RawMessage
	var list []Fault
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&raw)
	if err == nil && len(raw) > 0 && raw[0] == '[' {
		err = strictly(raw, &list)
	} else if err == nil {
		list = make([]Fault, 1)
		err = strictly(raw, &list[0])
	}
	for i := 0; err == nil && i < len(list); i++ {
		err = s.AddFault(list[i])
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	writeJSON(w, http.StatusOK, s.Faults())
}

// strictly refuses unknown names, so that a misspelt fault does not strike everything.
func strictly(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

func (s *Server) postSettings(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Quota         *int   `json:"quota"`
		Used          int    `json:"used"`
		IndexDelay    *Delay `json:"index_delay"`
		TokenLifetime *Delay `json:"token_lifetime"`
		ExpireTokens  bool   `json:"expire_tokens"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if in.Quota != nil {
		s.SetQuota(*in.Quota, in.Used)
	}
	if in.IndexDelay != nil {
		s.SetIndexDelay(time.Duration(*in.IndexDelay))
	}
	if in.TokenLifetime != nil {
		s.SetTokenLifetime(time.Duration(*in.TokenLifetime))
	}
	if in.ExpireTokens {
		s.ExpireTokens()
	}
	w.WriteHeader(http.StatusNoContent)
}
