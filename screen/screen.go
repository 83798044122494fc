// Package screen says what workflows need of an agent's screen, whichever host shows it.
package screen

import (
	"context"
	"time"

	"cordboard/crm"
)

// Screen shows things to agents. It is safe for concurrent use.
type Screen interface {
	// Show puts p before the agent and returns what the browser said it did. It waits for a desk to appear and
	// to answer, but not beyond p.Until: then the receipt says Late or NoDesk. Showing a Pop with the same Key
	// again shows nothing twice. The error is non-nil only when ctx ended.
	Show(ctx context.Context, agent string, p Pop) (Receipt, error)
}

// Pop is one thing to open on one agent's screen.
type Pop struct {
	// Key is the identity of this moment on this agent's screen: one pop per key.
	Key  string `json:"key"`
	Call string `json:"call"`
	Kind Kind   `json:"kind"`
	// Record is what to open for KindRecord, Records are the candidates for KindList.
	Record  *crm.Record  `json:"record,omitempty"`
	Records []crm.Record `json:"records,omitempty"`
	// New is the object to create for KindNew, with the fields already known.
	New    string            `json:"new,omitempty"`
	Fields map[string]string `json:"fields,omitempty"`
	// URL is the page to open for KindPage.
	URL string `json:"url,omitempty"`
	// Title is one line for people: the customer's name or masked number, campaign, mode.
	Title string `json:"title,omitempty"`
	// Why says in a few words how this was chosen, such as "by id in the call's data".
	Why string `json:"why,omitempty"`
	// Heard is when the event that led to it was received, by the server's clock.
	Heard time.Time `json:"heard,omitzero"`
	// Until is the time after which showing it would be worse than not showing it.
	Until time.Time `json:"until"`
}

// Kind says what a Pop opens.
type Kind string

// The kinds of pops.
const (
	KindRecord Kind = "record"
	KindList   Kind = "list"
	KindNew    Kind = "new"
	KindPage   Kind = "page"
	KindNote   Kind = "note" // nothing was found and nothing is to be opened: a line in the panel
)

// Receipt is what became of a Pop.
type Receipt struct {
	Outcome Outcome `json:"outcome"`
	// At is when the browser had done it, by the server's clock.
	At time.Time `json:"at"`
	// Detail is what the host said, for people.
	Detail string `json:"detail,omitempty"`
	// Tab names the browser tab that did it.
	Tab string `json:"tab,omitempty"`
}

// Outcome is the closed list of what can become of a Pop.
type Outcome string

// The outcomes of a Pop.
const (
	Shown    Outcome = "shown"    // on the screen
	Offered  Outcome = "offered"  // a chip offers it, because the page has unsaved changes
	Already  Outcome = "already"  // this key was shown before
	Late     Outcome = "late"     // a desk was there but did not manage it in time
	NoDesk   Outcome = "no-desk"  // the agent has no desk open
	Declined Outcome = "declined" // the host refused: Detail says why
)
