package console

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"cordboard/call"
	"cordboard/engine"
	"cordboard/workflow"
)

// storyData is one call's page.
type storyData struct {
	ID      call.ID
	State   call.State
	Outcome outcome
	Length  time.Duration
	Lanes   []lane
	Rows    []runRow
	Events  []storyEvent
	Refs    []call.Ref
	Records []recordLink
}

// lane is one leg on the call's time axis.
type lane struct {
	Leg   *call.Leg
	Bars  []bar
	Ticks []float64
	Talk  time.Duration
	Hold  time.Duration
	Wrap  time.Duration
}

// runRow is one run of a rule on the call's time axis.
type runRow struct {
	Step, Rule, Agent string // Step is the id of its first
	Word              outcome
	Strokes           []stroke
}

// storyEvent is one event with what followed from it.
type storyEvent struct {
	engine.Explained
	After time.Duration // since the call's start
	Fired []firedRule
	// Near are the rules that are about this event and missed by their leg or condition, Rest all others.
	Near, Rest []workflow.Verdict
	Sentence   string
	Steps      []storyStep
	Raw        string
}

type storyStep struct {
	engine.Step
	Word    outcome
	Took    time.Duration // from hearing the event to the end of the step
	Tried   int           // how often, also before a person drove it again
	Link    string
	Summary string
	// Args are what was planned, Later what was left for the results of earlier steps.
	Args, Later any
}

type recordLink struct {
	engine.RecordRef
	URL string
}

// story reads a call and explains it, with the numbers of people hidden in all of it.
func (c *Console) story(r *http.Request) (engine.Story, []engine.Explained, error) {
	s, err := c.cfg.Journal.Story(r.Context(), call.ID(r.PathValue("id")))
	if err != nil {
		return s, nil, err
	}
	told := engine.Timeline(s, c.cfg.Rules())
	m := maskerOf(&s)
	s.Call, s.Steps = masked(m, s.Call), masked(m, s.Steps)
	return s, masked(m, told), nil
}

func (c *Console) storyPage(w http.ResponseWriter, r *http.Request) {
	s, told, err := c.story(r)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	st := s.Call.State
	a := axisOf(&st, told, time.Now())
	until := st.Last
	if st.Open() {
		until = a.end
	}
	d := storyData{ID: st.ID, State: st, Refs: s.Refs, Length: until.Sub(st.Started), Outcome: outcomeOf(rowOf(s))}
	for i := range st.Legs {
		d.Lanes = append(d.Lanes, a.lane(&st.Legs[i], until))
	}
	for i := range told {
		d.Rows = append(d.Rows, a.rows(&told[i])...)
		d.Events = append(d.Events, c.storyEvent(told[i], st.Started))
	}
	for _, rec := range s.Call.Records {
		d.Records = append(d.Records, recordLink{rec, c.recordURL(rec.Object, rec.ID)})
	}
	title := "Call " + first(st.Customer, "without a number")
	c.render(w, r, "story", page{Title: title, Place: "calls", Data: d})
}

func (c *Console) storyJSON(w http.ResponseWriter, r *http.Request) {
	s, told, err := c.story(r)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	answer(w, map[string]any{"call": s.Call.State, "records": s.Call.Records, "timeline": told})
}

func rowOf(s engine.Story) engine.CallRow {
	row := engine.CallRow{State: s.Call.State, Steps: map[engine.StepState]int{}}
	for _, st := range s.Steps {
		row.Steps[st.State]++
	}
	return row
}

func (a axis) lane(l *call.Leg, last time.Time) lane {
	out := lane{Leg: l, Bars: a.leg(l, last), Talk: l.Talk(last), Hold: l.Hold(last), Wrap: l.Wrap(last)}
	for _, m := range l.Moments {
		out.Ticks = append(out.Ticks, a.at(m.At))
	}
	return out
}

// rows are the runs that an event started, each with the state of the step that matters most.
func (a axis) rows(x *engine.Explained) []runRow {
	var rows []runRow
	for _, r := range x.Runs {
		row := runRow{Rule: r.Rule, Agent: r.Agent}
		worst := -1
		for i := range x.Steps {
			s := &x.Steps[i]
			if s.Run != r.ID {
				continue
			}
			row.Step = first(row.Step, s.ID)
			row.Strokes = append(row.Strokes, a.step(s, lag(x, s))...)
			if n := slices.Index(gravity, s.State); n > worst {
				worst, row.Word = n, wordOf(s)
			}
		}
		if worst >= 0 {
			rows = append(rows, row)
		}
	}
	return rows
}

// gravity orders states of steps by how much they matter to a person.
var gravity = []engine.StepState{engine.Skipped, engine.Done, engine.Pending, engine.Retrying, engine.Parked, engine.Dead}

func (c *Console) storyEvent(x engine.Explained, start time.Time) storyEvent {
	e := storyEvent{Explained: x, After: x.Event.At.Sub(start), Raw: pretty(x.Event.Raw), Fired: c.firedRules(&x)}
	for _, v := range x.Verdicts {
		switch {
		case v.Matched:
		case len(e.Near) < 3 && v.Near():
			e.Near = append(e.Near, v)
		default:
			e.Rest = append(e.Rest, v)
		}
	}
	for _, s := range x.Steps {
		e.Steps = append(e.Steps, c.storyStep(s))
	}
	e.Sentence = sentence(&e)
	return e
}

func (c *Console) storyStep(s engine.Step) storyStep {
	out := storyStep{Step: s, Word: wordOf(&s), Tried: max(s.Attempt, len(s.Tries))}
	if !s.Ended.IsZero() && !s.Heard.IsZero() {
		out.Took = s.Ended.Sub(s.Heard)
	}
	var plan struct{ Args, Later map[string]any }
	if decode(s.Plan, &plan) && len(plan.Args)+len(plan.Later) > 0 {
		out.Args, out.Later = anyOf(plan.Args), anyOf(plan.Later)
	}
	var result struct{ ID, Type, Object, Name string }
	if decode(s.Result, &result) {
		out.Summary = first(result.Name, result.ID)
		out.Link = c.recordURL(first(result.Type, result.Object, objectOf(s)), result.ID)
	}
	return out
}

// anyOf is m, or nothing when it is empty, as templates ask.
func anyOf(m map[string]any) any {
	if len(m) == 0 {
		return nil
	}
	return m
}

// sentence says in one line what the event led to.
func sentence(e *storyEvent) string {
	switch {
	case len(e.Event.Log) > 0:
		return "The agent wrote " + strings.Join(slices.Sorted(maps.Keys(e.Event.Log)), ", ") + " into the log."
	case !e.Event.IsMoment():
		return "Brought data only: no rule is asked."
	case len(e.Fired) == 0 && len(e.Near) == 0:
		return "No rule is about this event."
	case len(e.Fired) == 0:
		return "No rule fired. " + e.Near[0].Workflow + ", " + e.Near[0].Rule + ": " + e.Near[0].Detail
	case len(e.Runs) == 0:
		return "What matched had fired for this leg before, so nothing was done again."
	}
	return ""
}
