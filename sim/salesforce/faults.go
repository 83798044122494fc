package salesforce

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// FaultKind names what goes wrong.
type FaultKind string

// The faults of a whole request …
const (
	ExpiredToken      FaultKind = "expired_token"       // 401 INVALID_SESSION_ID; the token is dead from then on
	RequestLimit      FaultKind = "request_limit"       // 403 REQUEST_LIMIT_EXCEEDED, with Message or "TotalRequests Limit exceeded."
	HTML503           FaultKind = "html_503"            // a gateway's HTML page
	ServerError       FaultKind = "server_error"        // 500 UNKNOWN_EXCEPTION
	Slow              FaultKind = "slow"                // waits Delay before it starts
	ResetBeforeCommit FaultKind = "reset_before_commit" // the connection breaks and nothing is stored
	ResetAfterCommit  FaultKind = "reset_after_commit"  // everything is stored, then the connection breaks
)

// … and those of one record, or of a field for as long as the fault stands.
const (
	RowLock       FaultKind = "row_lock"       // UNABLE_TO_LOCK_ROW
	DuplicateRule FaultKind = "duplicate_rule" // DUPLICATES_DETECTED on create
	Validation    FaultKind = "validation"     // FIELD_CUSTOM_VALIDATION_EXCEPTION with Message
	InactiveOwner FaultKind = "inactive_owner" // INACTIVE_OWNER_OR_USER
	HiddenField   FaultKind = "hidden_field"   // Field of Object is gone for the integration user
	ReadOnly      FaultKind = "read_only"      // Field of Object, or Object, may be seen but not written
	// UpsertRace lets an upsert by a non-unique external id overlook records stored after its request came in, as two
	// parallel first upserts do in a real org. Together with Slow it makes duplicates.
	UpsertRace FaultKind = "upsert_race"
)

// Fault is one thing that goes wrong, for the requests and records it is narrowed to.
type Fault struct {
	Kind        FaultKind `json:"kind"`
	Count       int       `json:"count,omitempty"`       // how often; 0 = until cleared
	Probability float64   `json:"probability,omitempty"` // 0 = always
	Method      string    `json:"method,omitempty"`      // of the HTTP request
	Path        string    `json:"path,omitempty"`        // part of the request's path
	Object      string    `json:"object,omitempty"`      // record faults: of this type only
	Nth         int       `json:"nth,omitempty"`         // record faults: the n-th record of each request only, from 1
	Delay       Delay     `json:"delay,omitempty"`       // of Slow; a number of milliseconds or "1.5s"
	Field       string    `json:"field,omitempty"`       // HiddenField, Validation; DuplicateRule: fires only where another record has the same value
	Message     string    `json:"message,omitempty"`     // what the answer says
	Key         string    `json:"key,omitempty"`         // DuplicateRule: "duplicateResut" or "duplicateResult" in the body
}

// Delay is a duration that JSON writes as "1.5s" or as milliseconds.
type Delay time.Duration

// UnmarshalJSON reads "1.5s" or a number of milliseconds.
func (d *Delay) UnmarshalJSON(raw []byte) error {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	switch v := v.(type) {
	case float64:
		*d = Delay(v * float64(time.Millisecond))
		return nil
	case string:
		parsed, err := time.ParseDuration(v)
		*d = Delay(parsed)
		return err
	}
	return fmt.Errorf("delay: want a duration, got %s", raw)
}

// MarshalJSON writes the duration as text.
func (d Delay) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

// FaultStatus is a standing fault and how often it has fired.
type FaultStatus struct {
	Fault
	Fired int `json:"fired"`
}

type faults struct {
	armed  atomic.Int32 // none: the hot path takes no lock
	mu     sync.Mutex
	list   []*FaultStatus
	random *rand.Rand
}

func (f *faults) init(seed uint64) { f.random = rand.New(rand.NewPCG(seed, 0x5f)) }

// AddFault arms a fault. It fails for an unknown kind, or a field to hide or to lock that does not exist.
func (s *Server) AddFault(f Fault) error {
	switch f.Kind {
	case ExpiredToken, RequestLimit, HTML503, ServerError, Slow, ResetBeforeCommit, ResetAfterCommit,
		RowLock, DuplicateRule, Validation, InactiveOwner, UpsertRace:
	case HiddenField, ReadOnly:
		if err := s.withdraw(f); err != nil {
			return err
		}
	default:
		return fmt.Errorf("unknown fault kind %q", f.Kind)
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = append(s.faults.list, &FaultStatus{Fault: f})
	s.faults.armed.Store(int32(len(s.faults.list)))
	return nil
}

// withdraw takes a field, or the right to write it or its object, from the integration user.
func (s *Server) withdraw(f Fault) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.table(f.Object)
	if t == nil || t.obj.field(f.Field) == nil && (f.Field != "" || f.Kind == HiddenField) {
		return fmt.Errorf("no field %q on object %q to take away", f.Field, f.Object)
	}
	from := &t.obj.hidden
	if f.Kind == ReadOnly {
		from = &t.obj.locked
	}
	withdrawn := map[string]bool{strings.ToLower(f.Field): true}
	maps.Copy(withdrawn, *from)
	*from = withdrawn
	return nil
}

// ClearFaults disarms every fault and gives back what was withdrawn.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	for _, t := range s.tables {
		t.obj.hidden, t.obj.locked = nil, nil
	}
	s.mu.Unlock()
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = nil
	s.faults.armed.Store(0)
}

// Faults lists what is armed, spent faults included.
func (s *Server) Faults() []FaultStatus {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	out := make([]FaultStatus, 0, len(s.faults.list))
	for _, f := range s.faults.list {
		out = append(out, *f)
	}
	return out
}

// hit finds an armed fault of a kind that fits, and counts it.
func (f *faults) hit(kind FaultKind, fits func(*Fault) bool) (Fault, bool) {
	if f.armed.Load() == 0 {
		return Fault{}, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.list {
		if a.Kind != kind || (a.Count > 0 && a.Fired >= a.Count) || !fits(&a.Fault) {
			continue
		}
		if a.Probability > 0 && f.random.Float64() >= a.Probability {
			continue
		}
		a.Fired++
		return a.Fault, true
	}
	return Fault{}, false
}

func (f *faults) onRequest(kind FaultKind, r *http.Request) (Fault, bool) {
	return f.hit(kind, func(a *Fault) bool { return fitsRequest(a, r.Method, r.URL.Path) && fitsObject(a, r.URL.Path) })
}

func fitsRequest(a *Fault, method, path string) bool {
	return (a.Method == "" || method == "" || strings.EqualFold(a.Method, method)) && strings.Contains(path, a.Path)
}

// fitsObject narrows a request fault by the object its path names.
func fitsObject(a *Fault, path string) bool {
	return a.Object == "" || strings.Contains(strings.ToLower(path)+"/", "/"+strings.ToLower(a.Object)+"/")
}

// onRecord applies the record faults to a write that is otherwise good; vals is nil for a deletion.
func (f *faults) onRecord(x *tx, t *table, id string, vals map[string]any) *apiError {
	if f.armed.Load() == 0 {
		return nil
	}
	fits := func(a *Fault) bool {
		return fitsRequest(a, "", x.path) && (a.Object == "" || strings.EqualFold(a.Object, t.obj.name)) && (a.Nth == 0 || a.Nth == x.records)
	}
	if _, ok := f.hit(RowLock, fits); ok {
		return fail("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records: %s", lockedBy(id, vals))
	}
	if vals == nil {
		return nil
	}
	if _, ok := f.hit(InactiveOwner, fits); ok {
		return inactiveOwner(t.obj, str(vals["OwnerId"]))
	}
	if a, ok := f.hit(Validation, fits); ok {
		e := fail("FIELD_CUSTOM_VALIDATION_EXCEPTION", "%s", or(a.Message, "A call log needs a result."))
		if a.Field != "" {
			e.on(a.Field)
		}
		return e
	}
	if t.rows[id] == nil && !x.allowSave {
		return f.duplicateRule(x, t, vals, fits)
	}
	return nil
}

// lockedBy names the parent that is busy: the account, else who the task is about, else the record.
func lockedBy(id string, vals map[string]any) string {
	for _, name := range []string{"AccountId", "WhatId", "WhoId"} {
		if v := str(vals[name]); v != "" {
			return v
		}
	}
	return id
}

func (f *faults) duplicateRule(x *tx, t *table, vals map[string]any, fits func(*Fault) bool) *apiError {
	var found []*record
	a, ok := f.hit(DuplicateRule, func(a *Fault) bool {
		if !fits(a) {
			return false
		}
		found = matching(t, a.Field, vals)
		return a.Field == "" || len(found) > 0
	})
	if !ok {
		return nil
	}
	e := duplicates(t.obj, x.version, found, x.details, a.Message)
	e.DuplicateKey = a.Key
	return e
}

// matching finds up to three rows with the same value in a field, or the first row where no field is said.
func matching(t *table, name string, vals map[string]any) []*record {
	var found []*record
	f := t.obj.field(name)
	t.all(func(r *record) bool {
		same := name == ""
		if f != nil && str(vals[f.name]) != "" {
			same = strings.EqualFold(r.text(f.name), str(vals[f.name]))
			if f.typ == typePhone {
				same = nationalKey(r.text(f.name)) == nationalKey(str(vals[f.name]))
			}
		}
		if same {
			found = append(found, r)
		}
		return len(found) < 3 && (name != "" || len(found) == 0)
	})
	return found
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
