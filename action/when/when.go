// Package when holds the step that lets a rule go on or ends it: by what earlier steps have brought.
package when

import (
	"context"
	"encoding/json"

	"cordboard/engine"
	"cordboard/workflow"
)

// Spec describes what a workflow may write about the step.
func Spec() workflow.Spec {
	return workflow.Spec{
		Kind: "when", Lane: workflow.WorkLane, Holds: true, Title: "Only when", Primary: "is",
		Doc: "Lets the rule go on when a condition holds, and ends it otherwise: the steps after it are skipped. Unlike the `when` of a rule it may ask for what earlier steps have brought. Steps for an agent's screen cannot come after it.",
		Args: []workflow.Arg{
			{Name: "is", Type: workflow.Expression, Required: true, Doc: "The condition.", Example: "reply.score.body.points > 50"},
			{Name: "why", Type: workflow.Text, Doc: "What is shown when it does not hold.", Example: "nobody of this score is called again"},
		},
	}
}

// Action is the step. It implements engine.Action and is safe for concurrent use.
type Action struct{}

// Do implements engine.Action.
func (Action) Do(_ context.Context, in engine.Input) engine.Outcome {
	var args struct {
		Is  *bool  `json:"is"`
		Why string `json:"why"`
	}
	switch err := json.Unmarshal(in.Args, &args); {
	case err != nil, args.Is == nil:
		return engine.Kill("bad-arguments", "the condition is neither true nor false")
	case *args.Is:
		return engine.Did(nil)
	case args.Why != "":
		return engine.Stop("not-met", args.Why)
	}
	return engine.Stop("not-met", "the condition does not hold")
}
