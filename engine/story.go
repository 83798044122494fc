package engine

import (
	"context"
	"encoding/json"
	"time"

	"cordboard/call"
)

// Reader answers what pages and people ask of a journal. It never blocks the writer. It is safe for concurrent use.
type Reader interface {
	// Calls lists calls, the newest first.
	Calls(ctx context.Context, f Filter) ([]CallRow, error)
	// Story returns everything stored of one call, or ErrNotFound.
	Story(ctx context.Context, id call.ID) (Story, error)
	// Counts returns the totals of the journal.
	Counts(ctx context.Context) (Counts, error)
	// Failures lists dead steps, the newest first, at most max.
	Failures(ctx context.Context, max int) ([]Step, error)
	// KeptMessages lists messages that could not be decoded, the newest first, at most max.
	KeptMessages(ctx context.Context, max int) ([]KeptRow, error)
	// Step returns one step, or ErrNotFound.
	Step(ctx context.Context, ref StepRef) (Step, error)
}

// Filter narrows a list of calls. The zero value lists the newest calls of all.
type Filter struct {
	// Text is a number or its last digits, a platform's id, an agent, a record id or a call id.
	Text  string
	Agent string
	// State is "open", "ended", "failed" (a step is dead) or "waiting" (a step is retrying or parked); empty is all.
	State string
	// Before pages on: only calls that started before it; zero begins at the newest.
	Before time.Time
	// Limit is the most rows wanted; 0 means 100.
	Limit int
}

// CallRow is one call as a list shows it.
type CallRow struct {
	State call.State `json:"state"`
	// Steps counts the call's steps by state.
	Steps map[StepState]int `json:"steps,omitempty"`
	// Records are the CRM records that it wrote.
	Records []RecordRef `json:"records,omitempty"`
	// Pops are the newest results of pops by agent, for who shows them.
	Pops map[string]json.RawMessage `json:"-"`
}

// Story is everything stored of one call.
type Story struct {
	Call   Call
	Refs   []call.Ref
	Events []call.Event // in the order in which they were committed, with Raw
	Runs   []Run
	Steps  []Step // by Seq
}

// Counts are the totals of a journal.
type Counts struct {
	Events int64               `json:"events"`
	Calls  int64               `json:"calls"`
	Open   int64               `json:"open"`
	Runs   int64               `json:"runs"`
	Steps  map[StepState]int64 `json:"steps"`
	Kept   int64               `json:"kept"`
}

// KeptRow is a stored message that could not be decoded.
type KeptRow struct {
	ID int64     `json:"id"`
	At time.Time `json:"at"`
	Kept
}
