package pop_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"cordboard/action/pop"
	"cordboard/crm"
	"cordboard/engine"
	"cordboard/screen"
	"cordboard/workflow"
)

// written remembers the arguments that it was asked to write.
type written struct{ args []string }

func (w *written) Do(_ context.Context, in engine.Input) engine.Outcome {
	w.args = append(w.args, string(in.Args))
	return engine.Did(nil)
}

// logStep is a step that links a record with the pop's, as the engine hands it over.
func logStep(t *testing.T, result json.RawMessage, needs ...string) engine.Input {
	t.Helper()
	plan := workflow.Planned{
		Kind: "create", Object: "Task", Args: map[string]any{"object": "Task", "set": map[string]any{"Subject": "Call"}},
		Later: map[string]string{"set/WhoId": "${pop.id}"}, Needs: needs,
	}
	results := workflow.Results{Pop: result}
	args, err := workflow.Resolve(plan, results)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	return engine.Input{Step: engine.Step{Plan: encoded, Heard: time.Now()}, Args: args, Results: results}
}

// A call log that is written after an outage names its customer, although the pop had to do without.
func TestARecordAsksAgain(t *testing.T) {
	const linked, alone = `{"object":"Task","set":{"Subject":"Call","WhoId":"003Wy00000AbCdEIAV"}}`, `{"object":"Task","set":{"Subject":"Call"}}`
	away := &people{err: &crm.Error{Kind: crm.Limited}}
	in := input(`{"by":"4155550132","find":["Contact"]}`)
	out := pop.New(away, &desk{outcome: screen.Shown}, pop.Options{}).Do(t.Context(), in)
	tooLate := in
	tooLate.Step.Heard = time.Now().Add(-time.Hour)
	late := pop.New(away, &desk{}, pop.Options{}).Do(t.Context(), tooLate)
	found := pop.New(&people{records: []crm.Record{ines}}, &desk{outcome: screen.Shown}, pop.Options{}).Do(t.Context(), in)
	for name, c := range map[string]struct {
		pop   json.RawMessage
		needs []string
		crm   people
		want  engine.StepState
		args  string
	}{
		"answered now":           {out.Result, []string{"pop"}, people{records: []crm.Record{ines}}, engine.Done, linked},
		"a late pop":             {late.Result, []string{"pop"}, people{records: []crm.Record{ines}}, engine.Done, linked},
		"nobody":                 {out.Result, []string{"pop"}, people{}, engine.Done, alone},
		"still away":             {out.Result, []string{"pop"}, people{err: &crm.Error{Kind: crm.Busy}}, engine.Retrying, ""},
		"still limited":          {out.Result, []string{"pop"}, people{err: &crm.Error{Kind: crm.Limited}}, engine.Parked, ""},
		"refused for now":        {out.Result, []string{"pop"}, people{err: &crm.Error{Kind: crm.Denied}}, engine.Retrying, ""},
		"refused for good":       {out.Result, []string{"pop"}, people{err: &crm.Error{Kind: crm.Invalid}}, engine.Done, alone},
		"it needs no pop":        {out.Result, nil, people{records: []crm.Record{ines}}, engine.Done, alone},
		"answered in time":       {found.Result, []string{"pop"}, people{err: &crm.Error{Kind: crm.Busy}}, engine.Done, linked},
		"there was no pop":       {nil, []string{"pop"}, people{records: []crm.Record{ines}}, engine.Done, alone},
		"no number to ask about": {json.RawMessage(`{"id":""}`), []string{"pop"}, people{records: []crm.Record{ines}}, engine.Done, alone},
	} {
		next := &written{}
		got := pop.Completed(next, &c.crm, pop.Options{Region: "US"}).Do(t.Context(), logStep(t, c.pop, c.needs...))
		args := ""
		if len(next.args) > 0 {
			args = next.args[0]
		}
		if got.State != c.want || args != c.args {
			t.Errorf("%s: %s with %s, want %s with %s", name, got.State, args, c.want, c.args)
		}
		if c.want != engine.Done && (got.Request == "" || got.Detail == "") {
			t.Errorf("%s: nothing says why it waits: %+v", name, got)
		}
	}
}
