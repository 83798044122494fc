package workflows_test

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"cordboard/action/contact"
	"cordboard/action/page"
	"cordboard/action/pop"
	"cordboard/action/record"
	"cordboard/action/table"
	"cordboard/action/wait"
	"cordboard/action/when"
	"cordboard/call"
	"cordboard/catalog"
	"cordboard/workflow"
	"cordboard/workflows"
)

func specs() []workflow.Spec {
	return slices.Concat([]workflow.Spec{pop.Spec(), page.Spec(), when.Spec(), wait.Spec()}, contact.Specs(), table.Specs(), record.Specs())
}

// all returns every shipped workflow.
func all(t testing.TB) []*workflow.Workflow {
	t.Helper()
	names, err := workflows.Recommended()
	if err != nil || len(names) < 4 {
		t.Fatal(names, err)
	}
	var all []*workflow.Workflow
	for _, name := range names {
		src, err := workflows.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		ws, problems := workflow.Parse(name, src, specs())
		for _, w := range ws {
			problems = append(problems, w.Check(catalog.Default())...)
		}
		for _, p := range problems {
			t.Errorf("%s\n%s", p, p.Snippet)
		}
		all = append(all, ws...)
	}
	return all
}

func TestShippedFilesAreFaultless(t *testing.T) {
	if _, err := workflow.Compile(all(t)); err != nil {
		t.Fatal(err)
	}
}

func TestShippedFilesDoWhatTheirTestsSay(t *testing.T) {
	names, err := fs.Glob(workflows.FS, "tests/*.yaml")
	if err != nil || len(names) < 4 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		src, err := workflows.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		report, problems := workflow.RunTests(name, src, workflows.FS.ReadFile, specs(), catalog.Default())
		for _, p := range problems {
			t.Errorf("%s\n%s", p, p.Snippet)
		}
		if report.Failed() > 0 || len(report.Tests) == 0 {
			var b strings.Builder
			report.WriteText(&b)
			t.Error(b.String())
		}
	}
}

// Every recommendation of the pages is done by a shipped file: the event alone, on the leg that the catalog names,
// starts at least what the page asks for.
func TestEveryRecommendationShips(t *testing.T) {
	set, err := workflow.Compile(all(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, rec := range catalog.Default().Recommended() {
		legs := []call.Role{call.ConsultLeg}
		if len(rec.Rows) > 0 {
			legs = nil
			for _, row := range rec.Rows {
				legs = append(legs, row.Leg)
			}
		}
		for _, leg := range legs {
			ev := &call.Event{
				Platform: rec.Platform, Mode: rec.Mode, CallType: rec.CallType, Name: rec.Event, Role: leg, Leg: "1", Agent: "1",
			}
			state := call.Apply(call.State{}, ev)
			did := map[string]bool{}
			for _, plan := range set.Match(workflow.Moment{Event: ev, State: &state}) {
				for _, step := range plan.Steps {
					did[step.Kind] = true
				}
			}
			for _, action := range rec.Actions {
				if !did[string(action)] {
					t.Errorf("%s %s %s %s on the %s leg: %s is recommended and does not happen", rec.Platform, rec.Mode, rec.CallType, rec.Event, leg, action)
				}
			}
		}
	}
}

// Every recommendation of ours happens at the row that it stands beside.
func TestEveryRecommendationOfOursShips(t *testing.T) {
	set, err := workflow.Compile(all(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range catalog.Default().Rows() {
		if !catalog.Default().Own(row.Platform) {
			continue
		}
		did := happens(set, row)
		for _, action := range row.Recommended {
			if !did[string(action)] {
				t.Errorf("%s %s %s %s on the %s leg: %s is recommended and does not happen", row.Platform, row.Mode, row.CallType, row.Event, row.Leg, action)
			}
		}
	}
}

// happens are the kinds of steps that a row's event starts.
func happens(set *workflow.Set, row catalog.Row) map[string]bool {
	ev := &call.Event{
		Platform: row.Platform, Mode: row.Mode, CallType: row.CallType, Name: row.Event, Role: row.Leg, Phase: row.Phase, Leg: "1", Agent: "1",
	}
	state := call.Apply(call.State{}, ev)
	did := map[string]bool{}
	for _, plan := range set.Match(workflow.Moment{Event: ev, State: &state}) {
		for _, step := range plan.Steps {
			did[step.Kind] = true
		}
	}
	return did
}

// Rows for which nothing is recommended start nothing but the end of a log.
func TestNothingElseHappens(t *testing.T) {
	set, err := workflow.Compile(all(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range catalog.Default().Rows() {
		ev := &call.Event{
			Platform: row.Platform, Mode: row.Mode, CallType: row.CallType, Name: row.Event, Role: row.Leg, Phase: row.Phase, Leg: "1", Agent: "1",
		}
		state := call.Apply(call.State{}, ev)
		for _, plan := range set.Match(workflow.Moment{Event: ev, State: &state}) {
			for _, step := range plan.Steps {
				wanted := step.Kind == "update" && row.Phase == call.Ended
				for _, action := range row.Recommended {
					wanted = wanted || string(action) == step.Kind
				}
				if !wanted {
					t.Errorf("%s %s %s %s on the %s leg: %s of %q happens and is not recommended", row.Platform, row.Mode, row.CallType, row.Event, row.Leg, step.Kind, path.Join(plan.Workflow, plan.Rule))
				}
			}
		}
	}
}

func BenchmarkMatchShipped(b *testing.B) {
	set, err := workflow.Compile(all(b))
	if err != nil {
		b.Fatal(err)
	}
	ev := &call.Event{
		Platform: call.Cisco, Mode: call.Predictive, CallType: "PREDICTIVE_OUTBOUND", RawType: "OUTBOUND", Name: "ACTIVE", Phase: call.Answered,
		Role: call.CustomerLeg, Leg: "1", Agent: "1", Customer: "+12025550143", Campaign: "Renewals", Vars: map[string]string{"LCMKey": "L7"},
	}
	state := call.Apply(call.State{}, ev)
	m := workflow.Moment{Event: ev, State: &state}
	b.ReportAllocs()
	for b.Loop() {
		if len(set.Match(m)) != 1 {
			b.Fatal("no match")
		}
	}
}
