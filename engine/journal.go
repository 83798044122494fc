package engine

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"cordboard/call"
	"cordboard/calling"
	"cordboard/platform"
)

// ErrStale means that a call was changed by somebody else since it was read: read it again and decide again.
var ErrStale = errors.New("journal: the call was changed meanwhile")

// ErrFenced means that this node no longer owns what it wrote for: another node took over.
var ErrFenced = errors.New("journal: another node took over")

// ErrBroken means that the journal can no longer promise that what it acknowledges is stored: the process must stop.
// No write is tried after it.
var ErrBroken = errors.New("journal: storage failed")

// ErrNotFound means that the journal holds no such thing.
var ErrNotFound = errors.New("journal: not found")

// Journal keeps what the engine must not forget. Each method is one transaction. It is safe for concurrent use;
// Commit is called by one goroutine at a time. Every implementation passes the suite in journaltest.
type Journal interface {
	// Known answers what is stored about the asked calls, in one consistent view.
	Known(ctx context.Context, ask Ask) (Known, error)
	// Commit stores a group: all of it, durably, or nothing. It fails with ErrStale when a call's Stored version is
	// not the stored one or the call has an event of the group already, with ErrFenced when another node owns the call,
	// and with ErrBroken (wrapping the cause) when the storage itself failed.
	Commit(ctx context.Context, g Group) error
	// Due hands out calls whose Due is set and at or before until and that this node does not hold yet, earliest
	// first, and makes this node their holder. Calls in holding are left out.
	Due(ctx context.Context, until time.Time, max int, holding func(call.ID) bool) ([]Work, error)
}

// Ask names calls by platform id or by their own id, and steps.
type Ask struct {
	Refs  []call.Ref
	Calls []call.ID
	Steps []StepRef
}

// StepRef names a step. Everything that is stored is found through its call: so all of a call lies together, however many
// there are.
type StepRef struct {
	Call call.ID
	Step string // its id
}

// Empty reports whether nothing is asked.
func (a *Ask) Empty() bool { return len(a.Refs)+len(a.Calls)+len(a.Steps) == 0 }

// Known is the answer to an Ask.
type Known struct {
	Refs  map[call.Ref]call.ID // refs that have a call
	Calls map[call.ID]Work     // the asked calls, and the calls of the asked refs and steps
	Steps map[StepRef]Step     // the asked steps that exist, final or not
}

// Work is a call with its steps that are not final, ordered by Seq, and the keys of all its events ([call.Event.Key]) in
// no order.
type Work struct {
	Call   Call
	Steps  []Step
	Events []string
}

// Call is what is stored of one call beside its events.
type Call struct {
	State call.State `json:"state"`
	// Stored is the version that the store holds; zero for a new call. A store sets it when it reads, the engine
	// after a commit. It counts commits, not events.
	Stored int64 `json:"-"`
	// NextSeq numbers the call's steps.
	NextSeq int `json:"next_seq"`
	// Fired holds the ids of the runs that have started, so that a rule fires once a leg.
	Fired []string `json:"fired,omitempty"`
	// Pops holds the newest result of a pop by agent, Records the ids of records written by record key: what later
	// steps may refer to.
	Pops    map[string]json.RawMessage `json:"pops,omitempty"`
	Records map[string]RecordRef       `json:"records,omitempty"`
	// Replies are what the requests of named steps were answered.
	Replies []Reply `json:"replies,omitempty"`
	// Due is when one of its unfinished steps may be performed next; zero when there is none. A step that waits
	// behind another does not count, so it is not the earliest Due of the steps. The engine sets it; a store keeps
	// it, hands out calls by it ([Journal.Due]) and need not read it back.
	Due time.Time `json:"-"`
}

// Reply is what a named step's request was answered: the later steps of its workflow may refer to it on the same leg.
type Reply struct {
	Leg      string          `json:"leg"`
	Workflow string          `json:"workflow"`
	As       string          `json:"as"`
	Result   json.RawMessage `json:"result"`
}

// RecordRef is a CRM record that a call wrote.
type RecordRef struct {
	Object string `json:"object"`
	ID     string `json:"id"`
	Leg    string `json:"leg"`
	// As is the name that the workflow gave it; empty when it goes by its object.
	As string `json:"as,omitempty"`
	// Seq is the number of the newest step that wrote it, Result what that step brought.
	Seq    int             `json:"seq,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
}

// Group is what one transaction stores.
type Group struct {
	Events []call.Event // new ones only
	Refs   map[call.Ref]call.ID
	Calls  []Call // inserted or replaced, with Stored as it was read
	Runs   []Run  // new ones, each of an event of the group
	Steps  []Step // inserted, or replaced by ID
	Kept   []Kept // messages that could not be decoded
	// Attempts are what the events say was tried to reach people; one whose key is stored stays as it is.
	Attempts []calling.Entry
}

// Empty reports whether there is nothing to store.
func (g *Group) Empty() bool {
	return len(g.Events)+len(g.Refs)+len(g.Calls)+len(g.Runs)+len(g.Steps)+len(g.Kept)+len(g.Attempts) == 0
}

// Kept is a message that could not be decoded, with the reason.
type Kept struct {
	Message platform.Message
	Reason  string
}

// Run is one workflow rule started by one event.
type Run struct {
	ID       string    `json:"id"`
	Call     call.ID   `json:"call"`
	Event    string    `json:"event"` // the event's key
	Leg      string    `json:"leg"`
	Agent    string    `json:"agent"`
	Workflow string    `json:"workflow"`
	Rule     string    `json:"rule"`     // as the workflow names it
	Revision string    `json:"revision"` // of the workflow text that matched
	Started  time.Time `json:"started"`
	Shadow   bool      `json:"shadow,omitempty"` // matched, but its workflow only watches
	// Correction says that the rule had fired on the leg before, and that a late event changed what its updates write.
	Correction bool `json:"correction,omitempty"`
}

// Lane says behind what a step may wait.
type Lane string

// The lanes of a call.
const (
	ScreenLane Lane = "screen" // pops and pages: at once
	WorkLane   Lane = "work"   // everything else, in order
	LaterLane  Lane = "later"  // the steps of a run that waits for its time: in order, one lane for each run
)

// Step is one action of a run.
type Step struct {
	ID    string  `json:"id"` // run id and position
	Run   string  `json:"run"`
	Call  call.ID `json:"call"`
	Leg   string  `json:"leg"`
	Agent string  `json:"agent"`
	// Workflow is the workflow of its run.
	Workflow string `json:"workflow,omitempty"`
	Seq      int    `json:"seq"` // order within the call
	Lane     Lane   `json:"lane"`
	Kind     string `json:"kind"` // pop, page, create, update, …
	// Key is the idempotency key of the step's effect: a record key, or the identity of a pop.
	Key string `json:"key"`
	// Plan is the step as the workflow planned it at the moment of the event.
	Plan  json.RawMessage `json:"plan"`
	State StepState       `json:"state"`
	// Stored is the state in which the store holds it, for the store's totals; empty for a new step. A store sets it when
	// it reads, the engine after a commit.
	Stored StepState `json:"-"`
	// Heard is when the event that started it was received.
	Heard   time.Time `json:"heard"`
	Attempt int       `json:"attempt"`
	// Since is when its failures began: its first attempt since it was planned, driven again or met a limit.
	Since time.Time `json:"since,omitzero"`
	// Due is when to perform it next; Ended when it became final.
	Due   time.Time `json:"due,omitzero"`
	Ended time.Time `json:"ended,omitzero"`
	// Reason is a code of the closed list, Detail a sentence for people, masked.
	Reason string          `json:"reason,omitempty"`
	Detail string          `json:"detail,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	// Tries are the newest attempts, at most MaxTries.
	Tries []Try `json:"tries,omitempty"`
}

// Ref names the step.
func (s *Step) Ref() StepRef { return StepRef{s.Call, s.ID} }

// MaxTries bounds how many attempts a step remembers.
const MaxTries = 10

// Try is one attempt at a step, with what was sent and answered (masked).
type Try struct {
	At      time.Time `json:"at"`
	Took    float64   `json:"took"` // milliseconds
	State   StepState `json:"state"`
	Reason  string    `json:"reason,omitempty"`
	Detail  string    `json:"detail,omitempty"`
	Request string    `json:"request,omitempty"`
	Answer  string    `json:"answer,omitempty"`
}

// StepState is where a step stands.
type StepState string

// The states of a step. Pending, Retrying and Parked will be tried (again) when due; the others are final.
const (
	Pending  StepState = "pending"
	Retrying StepState = "retrying"
	Parked   StepState = "parked"
	Done     StepState = "done"
	Skipped  StepState = "skipped"
	Dead     StepState = "dead"
)

// Final reports whether a step in this state is over.
func (s StepState) Final() bool { return s == Done || s == Skipped || s == Dead }
