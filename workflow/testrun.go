package workflow

import (
	"encoding/json"
	"fmt"
	"slices"

	"cordboard/call"
	"cordboard/catalog"
)

// popKind is the kind of step whose result is simulated from what a test says can be found; showsArg is the name
// under which tests see what the agent would see.
const (
	popKind  = "pop"
	showsArg = "shows"
)

// RunTests runs a file of unit tests of workflows. load reads the workflow files that it names, by their path
// relative to the test file's folder. The problems are those of the test file and of the workflow files; with errors
// among them nothing is run.
//
// Events are folded into the call as the engine does it, a rule fires once a leg, and what steps leave for later is
// evaluated with the results that a simulated CRM gives: a pop finds what the test says, a record gets the id
// "Task-1"; requests are answered as the test says. Workflows in shadow are tested as if they were live.
func RunTests(file string, src []byte, load func(path string) ([]byte, error), specs []Spec, cat *catalog.Catalog) (TestReport, Problems) {
	s := newSource(file, src)
	report := TestReport{File: file}
	docs := s.documents()
	if len(docs) != 1 {
		if len(s.problems) == 0 {
			s.errorf(spot{1, 1}, "a file of tests is one YAML document")
		}
		return report, s.problems
	}
	f := &testFile{parsing: &parsing{docs[0], specs}, cat: cat}
	f.read()
	set, problems := f.compile(load)
	problems = append(s.sorted(), problems...)
	if problems.Errors() {
		return report, problems
	}
	for _, t := range f.tests {
		report.Tests = append(report.Tests, t.run(set))
	}
	return report, problems
}

func (f *testFile) compile(load func(string) ([]byte, error)) (*Set, Problems) {
	var all []*Workflow
	var problems Problems
	for _, name := range f.workflows {
		src, err := load(name)
		if err != nil {
			f.errorf(place(f.body), "cannot read %s: %v", name, err)
			continue
		}
		ws, ps := Parse(name, src, f.specs)
		problems = append(problems, ps...)
		for _, w := range ws {
			problems = append(problems, w.Check(f.cat)...)
		}
		all = append(all, ws...)
	}
	if problems.Errors() {
		return nil, problems
	}
	set, err := Compile(all)
	if err != nil {
		f.errorf(place(f.body), "%v", err)
	}
	return set, problems
}

// simulation is one test under way.
type simulation struct {
	test    *testCase
	set     *Set
	state   call.State
	fired   map[string]bool
	pops    map[string]json.RawMessage            // by agent
	records map[string]map[string]json.RawMessage // by workflow and leg, then by name
	replies map[string]map[string]json.RawMessage // likewise
	created map[string]int                        // by object
}

func (t *testCase) run(set *Set) TestResult {
	sim := &simulation{
		test: t, set: set, fired: map[string]bool{}, pops: map[string]json.RawMessage{},
		records: map[string]map[string]json.RawMessage{}, replies: map[string]map[string]json.RawMessage{}, created: map[string]int{},
	}
	res := TestResult{Name: t.name, Line: t.at.line, Passed: true}
	var all []effect
	at := t.start
	for i, ev := range t.events {
		if i > 0 {
			at = at.Add(ev.after)
		}
		ev.At, ev.ID = at, fmt.Sprint(i+1)
		got := sim.hear(&ev.Event)
		all = append(all, got...)
		if ev.asked {
			res.compare(fmt.Sprintf("at %s (line %d)", ev.text, ev.at.line), ev.want, got)
		}
	}
	if t.all {
		res.compare("in all", t.want, all)
	}
	for _, e := range all {
		res.Effects = append(res.Effects, e.String())
	}
	return res
}

func (sim *simulation) hear(ev *call.Event) []effect {
	before := sim.state
	sim.state = call.Apply(before, ev)
	match := func(ev *call.Event, s *call.State) []Plan { return sim.set.Match(Moment{Event: ev, State: s}) }
	due := Decided(match, &before, &sim.state, ev)
	for _, plan := range match(ev, &sim.state) {
		due = append(due, Late{*ev, plan})
	}
	var effects []effect
	for _, l := range due {
		key := l.Plan.Workflow + "\x1f" + l.Plan.Rule + "\x1f" + l.Event.Leg
		if l.Plan.Once && sim.fired[key] {
			continue
		}
		sim.fired[key] = true
		for _, p := range l.Plan.Steps {
			effects = append(effects, sim.perform(l.Plan.Workflow, &l.Event, p))
		}
	}
	return effects
}

func (sim *simulation) perform(workflow string, ev *call.Event, p Planned) effect {
	home := workflow + "\x1f" + ev.Leg
	if sim.records[home] == nil {
		sim.records[home] = map[string]json.RawMessage{}
	}
	e := effect{kind: p.Kind}
	raw, err := Resolve(p, Results{Pop: sim.pops[ev.Agent], Record: sim.records[home], Reply: sim.replies[home]})
	if err != nil {
		e.err = err.Error()
		return e
	}
	if err := json.Unmarshal(raw, &e.args); err != nil {
		e.err = err.Error()
		return e
	}
	switch {
	case p.Kind == popKind:
		sim.pop(ev.Agent, e.args)
	case p.Object != "":
		sim.write(home, p)
	case p.As != "" && sim.test.replies[p.As] != nil:
		if sim.replies[home] == nil {
			sim.replies[home] = map[string]json.RawMessage{}
		}
		sim.replies[home][p.As] = sim.test.replies[p.As]
	}
	return e
}

// pop finds what the test says can be found, and adds what the agent would see.
func (sim *simulation) pop(agent string, args map[string]any) {
	var hits []popView
	for _, object := range textsOf(args["find"]) {
		for _, r := range sim.test.found {
			if r.Type == object {
				hits = append(hits, r)
			}
		}
	}
	if id, _ := args["id"].(string); id != "" {
		if i := slices.IndexFunc(sim.test.found, func(r popView) bool { return r.ID == id }); i >= 0 {
			hits = sim.test.found[i : i+1]
		}
	}
	result := popView{Count: int64(len(hits))}
	switch many, _ := args["many"].(string); {
	case len(hits) == 0:
		args[showsArg] = args["none"]
	case len(hits) == 1 || many == "first":
		result.ID, result.Type, result.Name = hits[0].ID, hits[0].Type, hits[0].Name
		args[showsArg] = hits[0].Type + " " + hits[0].ID
	case many == "list":
		args[showsArg] = fmt.Sprintf("list of %d", len(hits))
	default:
		args[showsArg] = many
	}
	sim.pops[agent], _ = json.Marshal(result)
}

func (sim *simulation) write(home string, p Planned) {
	name := p.Object
	if p.As != "" {
		name = p.As
	}
	var r recordView
	if old, ok := sim.records[home][name]; ok && json.Unmarshal(old, &r) == nil {
		r.Created = false
	} else {
		sim.created[p.Object]++
		r = recordView{ID: fmt.Sprintf("%s-%d", p.Object, sim.created[p.Object]), Created: true}
	}
	sim.records[home][name], _ = json.Marshal(r)
}

func textsOf(x any) []string {
	list, _ := x.([]any)
	var texts []string
	for _, v := range list {
		if s, ok := v.(string); ok {
			texts = append(texts, s)
		}
	}
	return texts
}
