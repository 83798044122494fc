package wait

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cordboard/config"
	"cordboard/engine"
)

// Longest is the longest wait.
const Longest = 400 * 24 * time.Hour

// Expires is how late a step may go on where neither it nor the workflow says.
const Expires = 24 * time.Hour

// Waiting is the reason of a step that waits for its time: nothing is wrong with it.
const Waiting = "waiting"

// Action waits. It implements engine.Action and is safe for concurrent use.
type Action struct {
	now func() time.Time
}

// New returns the action; now is the clock, nil is time.Now.
func New(now func() time.Time) *Action {
	if now == nil {
		now = time.Now
	}
	return &Action{now}
}

// args are the step's arguments, as Spec describes them.
type args struct {
	For     string `json:"for,omitempty"`
	Until   string `json:"until,omitempty"`
	Expires string `json:"expires,omitempty"`
}

// decided is what a step that waits has decided: it holds until its arguments are changed.
type decided struct {
	For   string    `json:"for,omitempty"`
	Asked string    `json:"asked,omitempty"` // the argument until
	Until time.Time `json:"until"`
}

// Do implements engine.Action.
func (a *Action) Do(_ context.Context, in engine.Input) engine.Outcome {
	var g args
	if err := json.Unmarshal(in.Args, &g); err != nil {
		return engine.Kill("bad-arguments", "for, until and expires are texts: a span of time has a unit, such as 240m")
	}
	d, err := a.decide(&g, in.Step.Result)
	if err != nil {
		return engine.Kill("bad-arguments", err.Error())
	}
	expires := Expires
	if g.Expires != "" {
		span, err := config.ParseDuration(g.Expires)
		if err != nil {
			return engine.Kill("bad-arguments", "expires: "+err.Error())
		}
		expires = span.Std()
	}
	result, err := json.Marshal(d)
	if err != nil {
		return engine.Kill("bad-arguments", "until is no time that can be stored")
	}
	late := a.now().Sub(d.Until)
	switch {
	case late < 0:
		return engine.Wait(Waiting, "until "+Clock(d.Until), d.Until, result)
	case late > expires && len(in.Step.Result) > 0:
		return engine.Stop("expired", fmt.Sprintf("the time was %s, and the server came %s later", Clock(d.Until), late.Round(time.Second)))
	}
	return engine.Did(result)
}

// decide says until when the step waits: once, unless somebody has changed its arguments since.
func (a *Action) decide(g *args, before json.RawMessage) (decided, error) {
	var d decided
	if json.Unmarshal(before, &d) == nil && d.For == g.For && d.Asked == g.Until && !d.Until.IsZero() {
		return d, nil
	}
	d = decided{For: g.For, Asked: g.Until}
	now := a.now().UTC()
	switch {
	case (g.For == "") == (g.Until == ""):
		return d, errors.New("it wants either for or until, and what it was given is empty")
	case g.For != "":
		span, err := config.ParseDuration(g.For)
		if err != nil {
			return d, fmt.Errorf("for: %w", err)
		}
		d.Until = now.Add(span.Std()).Truncate(time.Millisecond)
	default:
		until, err := time.Parse(time.RFC3339, g.Until)
		if err != nil {
			return d, fmt.Errorf("until: %q is no time such as 2026-12-24T09:00:00Z", g.Until)
		}
		d.Until = until.UTC()
	}
	if d.Until.Sub(now) > Longest {
		return d, fmt.Errorf("that is longer than %d days", Longest/(24*time.Hour))
	}
	return d, nil
}

// Clock is a time as details of steps name it.
func Clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
