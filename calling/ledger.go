package calling

import (
	"context"
	"time"

	"cordboard/call"
)

// Entry is an attempt as the ledger keeps it.
type Entry struct {
	Attempt
	// Key is the same whenever the same attempt is told again; the ledger keeps each once.
	Key string
	// Number is the number in the form of [Number.E164]; empty when only the contact is known.
	Number string
	// Contact is the contact of its list, see [ContactKey]; empty when the platform told none.
	Contact  string
	Campaign string
	Call     call.ID
}

// Submitted is the kind of an entry about a contact that was submitted to its list again. It is no attempt: it counts for
// [History.Submitted].
const Submitted Kind = "submitted"

// Refused is the kind of an entry about a person who does not want to be called any more, as an agent's wrap-up says. It forbids
// calls until it is settled: until a [Wish] says the same.
const Refused Kind = "refused"

// ContactKey names a contact of a platform's contact list, over all numbers that it has.
func ContactKey(connection, list, contact string) string {
	if contact == "" {
		return ""
	}
	return connection + "\x1f" + list + "\x1f" + contact
}

// Wish is what a person said about being called, as somebody wrote it down.
type Wish struct {
	Number string    `json:"number"`
	What   What      `json:"what"`
	At     time.Time `json:"at"`
	Who    string    `json:"who"` // who wrote it down: a person, an import, a workflow
	Why    string    `json:"why,omitempty"`
}

// What is what a person wishes.
type What string

// The wishes. The first two are about the same, and so are the last two: the newest counts.
const (
	NoCalls    What = "no-calls"    // never call
	CallsAgain What = "calls-again" // taken off the list
	Agreed     What = "agreed"      // to be called
	Withdrew   What = "withdrew"    // that consent
)

// Topic is what a wish is about: of one topic the newest wish counts.
func (w What) Topic() string {
	if w == NoCalls || w == CallsAgain {
		return "calls"
	}
	return "consent"
}

// Stage is why somebody asked.
type Stage string

// The stages.
const (
	Planning Stage = "planning" // to know when: nothing follows at once
	Binding  Stage = "binding"  // what is allowed is done at once
)

// Decision is a question with its answer, as it is kept.
type Decision struct {
	At       time.Time `json:"at"`
	Stage    Stage     `json:"stage"`
	Question Question  `json:"question"`
	Verdict  Verdict   `json:"verdict"`
}

// Ledger keeps what was tried to reach people and what they wish, over all connections and campaigns. Numbers are in the form of
// [Number.E164]. It is safe for concurrent use; what a method has acknowledged is durable. Every implementation passes the
// suite in callingtest.
type Ledger interface {
	// Record stores entries, each once. What events tell comes with the journal's groups instead.
	Record(ctx context.Context, entries []Entry) error
	// Past is what is known of a number and a contact, either of which may be empty: attempts since a time, and everything
	// else since ever.
	Past(ctx context.Context, number, contact string, since time.Time) (History, error)
	// Wish stores wishes that change something, and returns how many did: who is on the list already stays as he is.
	Wish(ctx context.Context, wishes []Wish) (changed int, err error)
	Wishes
	Refusals
	Decisions
}

// Refusals are entries of kind [Refused] that no wish says yet.
type Refusals interface {
	// Refused are at most max of them, in no order. What was committed in the last second may be missing.
	Refused(ctx context.Context, max int) ([]Entry, error)
	// Settle forgets them.
	Settle(ctx context.Context, entries []Entry) error
}

// Wishes are the reading side of what people wish.
type Wishes interface {
	// Listed are the newest wishes of those who are not to be called, in the order of their numbers, from after one on.
	Listed(ctx context.Context, after string, max int) ([]Wish, error)
	// WishesOf are all wishes of a number, the newest first.
	WishesOf(ctx context.Context, number string) ([]Wish, error)
}

// Decisions keeps what was decided.
type Decisions interface {
	// Keep stores decisions, all or none.
	Keep(ctx context.Context, all []Decision) error
	// DecisionsOf are the newest decisions about a number or a contact; about everybody when both are empty.
	DecisionsOf(ctx context.Context, number, contact string, max int) ([]Decision, error)
}

// Before is the wish of somebody who has said nothing about its topic, if that is a wish at all: nobody need be taken off a list
// that he is not on.
func (w What) Before() What {
	if w.Topic() == NoCalls.Topic() {
		return CallsAgain
	}
	return ""
}

// ownList is who forbids calls when the ledger does.
const ownList = "own list"

// Add takes in what a ledger holds of an attempt. Submissions are counted where they are the contact's.
func (h *History) Add(a Attempt, contact bool) {
	switch {
	case a.Kind == Refused:
		h.DoNotCall = ownList
	case a.Kind != Submitted:
		h.Attempts = append(h.Attempts, a)
	case contact:
		h.Submitted = append(h.Submitted, a.At)
	}
}

// Wish takes in the newest wish about a topic.
func (h *History) Wish(w What) {
	switch w {
	case NoCalls:
		h.DoNotCall = ownList
	case Agreed:
		h.Consent = Given
	case Withdrew:
		h.Consent = Withdrawn
	}
}

// Word says a wish to people; empty when it is none.
func (w What) Word() string {
	switch w {
	case NoCalls:
		return "do not call"
	case CallsAgain:
		return "may be called again"
	case Agreed:
		return "agreed to be called"
	case Withdrew:
		return "withdrew the consent"
	}
	return ""
}
