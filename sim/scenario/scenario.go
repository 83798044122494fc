// Package scenario is the one script language of all the simulators: what
// happens in a call, in what order and after what pauses, said in words that
// belong to no vendor. A simulator translates each verb into its vendor's
// messages and documents which verbs it knows; the script itself is plain
// data, so it can be listed, printed and sent as JSON.
package scenario

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Script is one call's story.
type Script struct {
	Name        string `json:"name"`        // the word people ask for, unique within a simulator
	Description string `json:"description"` // one sentence for a list
	Steps       []Step `json:"steps"`       // in the order in which they happen
}

// Step is one thing that somebody does.
type Step struct {
	After time.Duration     `json:"after,omitempty"` // the pause before it, before scaling
	Actor string            `json:"actor,omitempty"` // "customer" or an agent's place in the call: "0", "1" …; empty means agent "0"
	Verb  string            `json:"verb"`            // one of Verbs
	Args  map[string]string `json:"args,omitempty"`  // details that the simulator documents
}

// Customer is the actor who is not an agent.
const Customer = "customer"

// The verbs. What each looks like on the wire is the simulator's business.
const (
	Offer         = "offer"          // a call, or a preview contact, appears at an agent
	Reserve       = "reserve"        // the agent is bound to it
	Accept        = "accept"         // the agent takes a preview contact
	Skip          = "skip"           // the agent passes on a preview contact
	Dial          = "dial"           // a device goes off the hook and dials
	Ring          = "ring"           // the far end is reached
	Answer        = "answer"         // the actor picks up
	Hold          = "hold"           // the agent puts the customer on hold
	Retrieve      = "retrieve"       // and takes the customer back
	Consult       = "consult"        // the agent calls a colleague about the call
	ConsultAnswer = "consult-answer" // the colleague picks up
	Conference    = "conference"     // all three talk
	Transfer      = "transfer"       // the consulting agent hands the call over and leaves
	BlindTransfer = "blind-transfer" // hands it over without asking
	Leave         = "leave"          // one agent leaves a call that goes on
	Hangup        = "hangup"         // the actor ends the call
	Data          = "data"           // call variables are set
	WrapupDone    = "wrapup-done"    // the agent finishes the work after the call
	NoAnswer      = "no-answer"      // nobody picked up in time
)

// The faults: what a network and a platform do to messages.
const (
	Duplicate = "duplicate" // the last message to the actor is sent again
	Cut       = "cut"       // the actor's connection breaks without a good-bye
	Swap      = "swap"      // the next two messages to the actor come in reverse order
)

// Verbs lists every verb and fault.
func Verbs() []string {
	return []string{Offer, Reserve, Accept, Skip, Dial, Ring, Answer, Hold, Retrieve, Consult, ConsultAnswer,
		Conference, Transfer, BlindTransfer, Leave, Hangup, Data, WrapupDone, NoAnswer, Duplicate, Cut, Swap}
}

// Agent says which agent of the call the step's actor is, counted from 0; it
// is false for the customer.
func (s Step) Agent() (int, bool) {
	if s.Actor == Customer {
		return 0, false
	}
	if s.Actor == "" {
		return 0, true
	}
	n, err := strconv.Atoi(s.Actor)
	return n, err == nil && n >= 0
}

// Agents is the number of agents that the script speaks of.
func (s Script) Agents() int {
	most := 0
	for _, step := range s.Steps {
		if n, ok := step.Agent(); ok && n+1 > most {
			most = n + 1
		}
	}
	return most
}

// Check reports everything in the script that no simulator could play: an
// empty name, no steps, an unknown verb, an actor that is neither an agent nor
// the customer, a negative pause. It returns nil or all errors joined.
func (s Script) Check() error {
	var errs []error
	if s.Name == "" {
		errs = append(errs, errors.New("a script needs a name"))
	}
	if len(s.Steps) == 0 {
		errs = append(errs, fmt.Errorf("script %q has no steps", s.Name))
	}
	verbs := Verbs()
	for i, step := range s.Steps {
		where := fmt.Sprintf("script %q, step %d (%s)", s.Name, i+1, step.Verb)
		if !slices.Contains(verbs, step.Verb) {
			errs = append(errs, fmt.Errorf("%s: unknown verb", where))
		}
		if _, ok := step.Agent(); !ok && step.Actor != Customer {
			errs = append(errs, fmt.Errorf("%s: actor %q is neither an agent's number nor %q", where, step.Actor, Customer))
		}
		if step.After < 0 {
			errs = append(errs, fmt.Errorf("%s: negative pause %v", where, step.After))
		}
	}
	return errors.Join(errs...)
}

// Pause waits d times scale, or until ctx ends, whose error it returns. A
// scale of 0 (or less) does not wait at all.
func Pause(ctx context.Context, d time.Duration, scale float64) error {
	wait := time.Duration(float64(d) * scale)
	if wait <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Find is the script of that name.
func Find(scripts []Script, name string) (Script, bool) {
	i := slices.IndexFunc(scripts, func(s Script) bool { return s.Name == name })
	if i < 0 {
		return Script{}, false
	}
	return scripts[i], true
}

// Names are the scripts' names, in their order.
func Names(scripts []Script) []string {
	names := make([]string, len(scripts))
	for i, s := range scripts {
		names[i] = s.Name
	}
	return names
}
