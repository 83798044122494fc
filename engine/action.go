package engine

import (
	"context"
	"encoding/json"
	"time"

	"cordboard/workflow"
)

// Action performs the steps of one kind. It is safe for concurrent use.
type Action interface {
	// Do performs one step and says what became of it. Do may be called again with the same Input.Key after a crash
	// or a lost answer: the effect happens once. Do classifies; when and how often to try again is the engine's.
	// Whatever waits before it acts asks ctx.Err, of this very ctx, right before it does: another node may have taken
	// over while this one was frozen.
	Do(ctx context.Context, in Input) Outcome
}

// Input is what an Action gets.
type Input struct {
	Step Step
	// Key is Step.Key: the idempotency key of the effect.
	Key string
	// Args are the step's arguments, everything in them evaluated.
	Args json.RawMessage
	// Results are what Args were evaluated with: what the call's earlier steps brought.
	Results workflow.Results
	// Known is the record that Key wrote before, if it did.
	Known *RecordRef
	// Early makes a result known to the call's other steps before the step is over; it may be nil.
	Early func(result json.RawMessage)
}

// Outcome is what an Action did. Make it with Did, Skip, Again, Park, Kill, Wait or Stop.
type Outcome struct {
	State  StepState
	Reason string
	Detail string
	// Result is what later steps may refer to: for a pop {id,type,name,count}, for a record {id,created}.
	Result json.RawMessage
	// Record is the CRM record that the step wrote.
	Record *RecordRef
	// Until is when a parked step is tried again or a waiting one goes on, and before when a retried one is not; zero lets
	// the engine choose.
	Until time.Time
	// Ends says that the later steps of the run have nothing to do any more: they are skipped for the same reason.
	Ends            bool
	Request, Answer string // masked
}

// Did says that the effect is there.
func Did(result json.RawMessage) Outcome { return Outcome{State: Done, Result: result} }

// Skip says that nothing was done, on purpose. Reason is a code of the closed list.
func Skip(reason, detail string) Outcome {
	return Outcome{State: Skipped, Reason: reason, Detail: detail}
}

// Again says that it failed for now and is worth trying again soon.
func Again(reason, detail string) Outcome {
	return Outcome{State: Retrying, Reason: reason, Detail: detail}
}

// Park says that a limit is in the way until a time; the zero time lets the engine choose.
func Park(reason, detail string, until time.Time) Outcome {
	return Outcome{State: Parked, Reason: reason, Detail: detail, Until: until}
}

// Wait says that all is well and that there is nothing to do before until: the step is performed again then. What result
// says is stored before that and found in Input.Step.Result: so an action can say what it is about to do before it does it.
func Wait(reason, detail string, until time.Time, result json.RawMessage) Outcome {
	return Outcome{State: Pending, Reason: reason, Detail: detail, Until: until, Result: result}
}

// Stop is Skip, and ends the run: its later steps are skipped for the same reason.
func Stop(reason, detail string) Outcome {
	return Outcome{State: Skipped, Reason: reason, Detail: detail, Ends: true}
}

// Kill says that it will never work as it is: a person has to look at it.
func Kill(reason, detail string) Outcome { return Outcome{State: Dead, Reason: reason, Detail: detail} }
