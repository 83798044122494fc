package contact

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"cordboard/calling"
	"cordboard/engine"
	"cordboard/platform"
)

// Policy says whether somebody may be called. It knows what happened at a number, and to a contact, before. It is safe for
// concurrent use.
type Policy interface {
	// Ask answers a question by the policy in force and by everything that is known of the number and the contact.
	Ask(ctx context.Context, q Question) (calling.Verdict, error)
	// Submissions returns when a contact was submitted again, the newest first: at most what is kept.
	Submissions(ctx context.Context, connection string, ref platform.ContactRef) ([]time.Time, error)
	// Submitted books that a contact was submitted: once for each key.
	Submitted(ctx context.Context, s Submitted) error
}

// Question is what a Policy is asked about one number of a contact. Number is as the list writes it; of Ask it holds
// everything but the number.
type Question struct {
	Number     string
	Connection string
	// Stage is binding when the contact is submitted at once if it may be.
	Stage calling.Stage
	Ask   calling.Question
}

// Submitted is one submission of a contact.
type Submitted struct {
	Key        string
	Connection string
	Contact    platform.ContactRef
	At         time.Time
}

// Config is what the actions need.
type Config struct {
	// List returns the contact lists of a connection; nil when it has none or there is no such connection.
	List   func(connection string) platform.ContactList
	Policy Policy
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Jitter is a random number in [0, 1): what was moved to the same minute does not come all at once. Nil is none.
	Jitter func() float64
}

// office is what the actions share.
type office struct {
	Config
	mu   sync.Mutex
	busy map[platform.ContactRef]bool
	// fresh are the steps that have said what they are about to do in this process, and have not begun yet.
	fresh map[string]bool
}

// Actions returns the actions by their kinds. Each implements engine.Action and is safe for concurrent use.
func Actions(cfg Config) map[string]engine.Action {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Jitter == nil {
		cfg.Jitter = func() float64 { return 0 }
	}
	o := &office{Config: cfg, busy: map[platform.ContactRef]bool{}, fresh: map[string]bool{}}
	return map[string]engine.Action{kindGet: get{o}, kindCheck: check{o}, kindSubmit: submit{o}}
}

// seen is a contact as contact.get tells it to the steps after it.
type seen struct {
	Connection  string            `json:"connection"`
	List        string            `json:"list"`
	ID          string            `json:"id"`
	Callable    bool              `json:"callable"`
	Created     time.Time         `json:"created,omitzero"`
	LastAttempt time.Time         `json:"lastAttempt,omitzero"`
	LastResult  string            `json:"lastResult"`
	Data        map[string]string `json:"data,omitempty"`
	Zones       []string          `json:"zones,omitempty"`
}

func (s *seen) ref() platform.ContactRef { return platform.ContactRef{List: s.List, ID: s.ID} }

// mostTold is how much of a contact a step tells the ones after it.
const mostTold = 16 << 10

// tell makes a contact the result of a step.
func tell(connection string, c *platform.Contact) (json.RawMessage, error) {
	last := c.Last()
	s := seen{
		Connection: connection, List: c.List, ID: c.ID, Callable: c.Callable, Created: c.Created,
		LastAttempt: last.At, LastResult: last.Result, Data: c.Data, Zones: c.Zones,
	}
	answer := func() ([]byte, error) { return json.Marshal(map[string]any{"status": 200, "body": s}) }
	out, err := answer()
	if len(out) > mostTold {
		s.Data = nil
		out, err = answer()
	}
	return out, err
}

// refused is the outcome of a step that a list did not do as it was asked; of anything else when it is not known.
func refused(err error, now time.Time) engine.Outcome {
	e := platform.ListErrorOf(err)
	if e == nil {
		return engine.Again("list-unanswered", "the list did not answer: "+err.Error())
	}
	switch e.Kind {
	case platform.ListGone:
		return engine.Stop("contact-gone", "the contact is not in its list any more, or the list is gone")
	case platform.ListBusy:
		out := engine.Again("list-busy", e.Error())
		out.Until = now.Add(max(e.After, time.Second))
		return out
	case platform.ListDenied:
		return engine.Park("list-denied", e.Error(), time.Time{})
	}
	return engine.Kill("list-refused", e.Error())
}

// clock is a time as details of steps name it.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// list is the list of a connection, or the outcome that says that there is none.
func (o *office) list(connection string) (platform.ContactList, *engine.Outcome) {
	if l := o.List(connection); l != nil {
		return l, nil
	}
	out := engine.Kill("no-list", fmt.Sprintf("the connection %q is none, or has no contact lists", connection))
	return nil, &out
}
