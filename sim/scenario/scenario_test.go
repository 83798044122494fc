package scenario_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cordboard/sim/scenario"
)

func TestCheckNamesEveryFault(t *testing.T) {
	good := scenario.Script{Name: "two", Steps: []scenario.Step{
		{Verb: scenario.Offer}, {Verb: scenario.Answer, Actor: "1", After: time.Second}, {Verb: scenario.Hangup, Actor: scenario.Customer}}}
	if err := good.Check(); err != nil {
		t.Errorf("a good script is refused: %v", err)
	}
	if n := good.Agents(); n != 2 {
		t.Errorf("Agents() = %d, want 2", n)
	}
	bad := scenario.Script{Steps: []scenario.Step{{Verb: "sing"}, {Verb: scenario.Hold, Actor: "boss"}, {Verb: scenario.Hold, After: -1}}}
	err := bad.Check()
	if err == nil {
		t.Fatal("a bad script passes")
	}
	for _, want := range []string{"needs a name", "unknown verb", `actor "boss"`, "negative pause"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error does not say %q: %v", want, err)
		}
	}
	if err := (scenario.Script{Name: "empty"}).Check(); err == nil {
		t.Error("a script without steps passes")
	}
}

func TestScriptIsPlainData(t *testing.T) {
	in := scenario.Script{Name: "x", Steps: []scenario.Step{{Verb: scenario.Data, After: time.Second, Args: map[string]string{"a": "b"}}}}
	raw, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out scenario.Script
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	if out.Steps[0].After != time.Second || out.Steps[0].Args["a"] != "b" {
		t.Errorf("after JSON: %+v", out)
	}
}

func TestPauseScales(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		_ = scenario.Pause(t.Context(), time.Hour, 0)
		if d := time.Since(start); d != 0 {
			t.Errorf("scale 0 waited %v", d)
		}
		_ = scenario.Pause(t.Context(), 10*time.Second, 0.5)
		if d := time.Since(start); d != 5*time.Second {
			t.Errorf("scale 0.5 waited %v, want 5s", d)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := scenario.Pause(ctx, time.Hour, 1); err == nil {
			t.Error("a pause outlives its context")
		}
	})
}
