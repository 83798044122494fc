package pop

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"cordboard/crm"
	"cordboard/engine"
	"cordboard/workflow"
)

// completed performs another action's steps, with the answer that a pop did not get in time.
type completed struct {
	next   engine.Action
	finder crm.Finder
	region string
}

// Completed returns next for steps that mention the pop. An agent's screen does not wait for a CRM that is away; a record
// does: a step of next whose pop had to end without an answer asks again before it is performed, for as long as the engine
// tries. So a call log written after an outage names its customer all the same.
func Completed(next engine.Action, finder crm.Finder, options Options) engine.Action {
	return &completed{next: next, finder: finder, region: options.Region}
}

// Do implements engine.Action.
func (c *completed) Do(ctx context.Context, in engine.Input) engine.Outcome {
	if !bytes.Contains(in.Results.Pop, []byte(`"open":`)) { // almost always: a text within it would have its quotes escaped
		return c.next.Do(ctx, in)
	}
	var known result
	// What is no result of ours leaves nothing open.
	if json.Unmarshal(in.Results.Pop, &known) != nil || known.Open == nil {
		return c.next.Do(ctx, in)
	}
	var plan workflow.Planned
	if json.Unmarshal(in.Step.Plan, &plan) != nil || !slices.Contains(plan.Needs, "pop") {
		return c.next.Do(ctx, in)
	}
	records, err := find(ctx, c.finder, *known.Open, c.region)
	if err != nil {
		return c.unanswered(ctx, in, *known.Open, err)
	}
	answer, err := json.Marshal(choose(*known.Open, records).result)
	if err != nil {
		return engine.Kill("bad-result", err.Error())
	}
	in.Results.Pop = answer
	if in.Args, err = workflow.Resolve(plan, in.Results); err != nil {
		return engine.Kill("bad-arguments", err.Error())
	}
	return c.next.Do(ctx, in)
}

// refusals is how long a question that the CRM refuses is asked again: a token that ended in the middle, or rights that an
// administrator is mending.
const refusals = 10 * time.Minute

// unanswered waits for what passes. A question that the CRM goes on refusing costs the record its link, not its being.
func (c *completed) unanswered(ctx context.Context, in engine.Input, open args, err error) engine.Outcome {
	const detail = "the customer of the record could not be looked up"
	var out engine.Outcome
	switch e, _ := errors.AsType[*crm.Error](err); {
	case ctx.Err() != nil:
		return engine.Again("stopped", "the server stopped before the CRM answered")
	case crm.KindOf(err) == crm.Busy, crm.KindOf(err) == crm.Denied && in.Step.Heard.Add(refusals).After(time.Now()):
		out = engine.Again("crm-"+string(crm.KindOf(err)), detail)
	case crm.KindOf(err) == crm.Limited:
		out = engine.Park("parked-limit", detail, e.Retry)
	default:
		return c.next.Do(ctx, in)
	}
	out.Request, out.Answer = open.describe(), code(err)
	return out
}
