package when_test

import (
	"encoding/json"
	"testing"

	"cordboard/action/when"
	"cordboard/engine"
)

func TestConditionDecidesWhetherTheRuleGoesOn(t *testing.T) {
	for args, want := range map[string]engine.Outcome{
		`{"is":true}`:                          engine.Did(nil),
		`{"is":false}`:                         engine.Stop("not-met", "the condition does not hold"),
		`{"is":false,"why":"enough by today"}`: engine.Stop("not-met", "enough by today"),
		`{"is":"yes"}`:                         engine.Kill("bad-arguments", "the condition is neither true nor false"),
		`{"why":"no condition"}`:               engine.Kill("bad-arguments", "the condition is neither true nor false"),
		`{"is":null}`:                          engine.Kill("bad-arguments", "the condition is neither true nor false"),
	} {
		got := when.Action{}.Do(t.Context(), engine.Input{Args: json.RawMessage(args)})
		if got.State != want.State || got.Reason != want.Reason || got.Detail != want.Detail || got.Ends != want.Ends {
			t.Errorf("%s: %+v, want %+v", args, got, want)
		}
	}
}
