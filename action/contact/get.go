package contact

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"cordboard/config"
	"cordboard/engine"
	"cordboard/platform"
)

// get reads a contact.
type get struct{ *office }

// asked is how far a step has come that waits for the list to record an attempt.
type asked struct {
	Since time.Time `json:"since"`
	Times int       `json:"times"`
}

// The pauses between two readings double from the first to the longest.
const (
	firstPause   = time.Second
	longestPause = time.Minute
)

// slack is how much older than asked for an attempt may be: a skipped preview is recorded up to 200 ms before the session is
// told to be over, and where nothing was heard of the call before its end, that is all there is to compare with.
const slack = 5 * time.Second

// Do implements engine.Action.
func (a get) Do(ctx context.Context, in engine.Input) engine.Outcome {
	var g struct {
		Connection string `json:"connection"`
		List       string `json:"list"`
		ID         string `json:"id"`
		Attempt    string `json:"attempt"`
		Within     string `json:"within"`
	}
	if err := json.Unmarshal(in.Args, &g); err != nil {
		return engine.Kill("bad-arguments", "the step's arguments cannot be read")
	}
	if g.List == "" || g.ID == "" {
		return engine.Stop("no-contact", "nothing has told which contact of which list the call is about")
	}
	list, none := a.list(g.Connection)
	if none != nil {
		return *none
	}
	c, err := list.Contact(ctx, platform.ContactRef{List: g.List, ID: g.ID})
	if err != nil {
		return a.shown(refused(err, a.Now()), in.Step.Result)
	}
	if g.Attempt != "" {
		since, err := time.Parse(time.RFC3339, g.Attempt)
		if err != nil {
			return engine.Kill("bad-arguments", "attempt is no time such as 2026-12-24T09:00:00Z")
		}
		if c.Last().At.Before(since.Add(-slack)) {
			return a.shown(a.later(in.Step.Result, g.Within), nil)
		}
	}
	result, err := tell(g.Connection, &c)
	if err != nil {
		return engine.Kill("bug", "the contact cannot be told to later steps")
	}
	out := engine.Did(result)
	last := c.Last()
	out.Answer = fmt.Sprintf("callable %t, newest attempt %s %s", c.Callable, clock(last.At), last.Result)
	return a.shown(out, nil)
}

// shown says what was asked; kept is what a failed step has to remember.
func (get) shown(out engine.Outcome, kept json.RawMessage) engine.Outcome {
	out.Request = "read the contact"
	if len(out.Result) == 0 && out.State != engine.Done {
		out.Result = kept
	}
	return out
}

// later waits for the attempt to be recorded: what is not there yet is no answer.
func (a get) later(before json.RawMessage, within string) engine.Outcome {
	var n asked
	now := a.Now().UTC()
	if json.Unmarshal(before, &n) != nil || n.Since.IsZero() {
		n = asked{Since: now}
	}
	if d, err := config.ParseDuration(within); err == nil && now.Sub(n.Since) >= d.Std() {
		return engine.Stop("no-attempt", fmt.Sprintf("the list has recorded no attempt of this call within %s", d))
	}
	pause := longestPause
	if n.Times < 6 {
		pause = firstPause << n.Times
	}
	n.Times++
	result, err := json.Marshal(n)
	if err != nil {
		return engine.Kill("bug", "the time cannot be stored")
	}
	until := now.Add(pause)
	return engine.Wait("not-recorded", "the list has not recorded the attempt yet; it is read again at "+clock(until), until, result)
}
