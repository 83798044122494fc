package console

import (
	"net/http"
	"regexp"
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

// storyEvent is one event with what followed from it.
type storyEvent struct {
	engine.Explained
	After time.Duration // since the call's start
	// Fired are the rules that matched, Near the ones that are about this event and missed by their leg or condition,
	// Rest all others.
	Fired, Near, Rest []workflow.Verdict
	Sentence          string
	Steps             []storyStep
	Raw               string
}

type storyStep struct {
	engine.Step
	Word    outcome
	Took    time.Duration // from hearing the event to the end of the step
	Link    string
	Summary string
}

type recordLink struct {
	engine.RecordRef
	URL string
}

func (c *Console) story(r *http.Request) (engine.Story, []engine.Explained, error) {
	s, err := c.cfg.Journal.Story(r.Context(), call.ID(r.PathValue("id")))
	if err != nil {
		return s, nil, err
	}
	return s, engine.Timeline(s, c.cfg.Rules()), nil
}

func (c *Console) storyPage(w http.ResponseWriter, r *http.Request) {
	s, told, err := c.story(r)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	st := s.Call.State
	d := storyData{ID: st.ID, State: st, Refs: s.Refs, Length: st.Last.Sub(st.Started), Outcome: outcomeOf(rowOf(s))}
	for i := range st.Legs {
		d.Lanes = append(d.Lanes, newLane(&st.Legs[i], st.Started, st.Last))
	}
	for _, x := range told {
		d.Events = append(d.Events, c.storyEvent(x, st.Started))
	}
	for _, rec := range s.Call.Records {
		d.Records = append(d.Records, recordLink{rec, c.recordURL(rec.Object, rec.ID)})
	}
	c.render(w, r, "story", page{Title: "Call " + mask(st.Customer), Place: "calls", Data: d})
}

func (c *Console) storyJSON(w http.ResponseWriter, r *http.Request) {
	s, told, err := c.story(r)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	for i := range told {
		told[i].State = maskState(told[i].State)
		told[i].Event.Customer = mask(told[i].Event.Customer)
	}
	answer(w, map[string]any{"call": maskState(s.Call.State), "records": s.Call.Records, "timeline": told})
}

func rowOf(s engine.Story) engine.CallRow {
	row := engine.CallRow{State: s.Call.State, Steps: map[engine.StepState]int{}}
	for _, st := range s.Steps {
		row.Steps[st.State]++
	}
	return row
}

func newLane(l *call.Leg, start, end time.Time) lane {
	out := lane{Leg: l, Bars: drawLeg(l, start, end), Talk: l.Talk(end), Hold: l.Hold(end), Wrap: l.Wrap(end)}
	for _, m := range l.Moments {
		out.Ticks = append(out.Ticks, share(m.At.Sub(start), max(end.Sub(start), time.Second)))
	}
	return out
}

func (c *Console) storyEvent(x engine.Explained, start time.Time) storyEvent {
	e := storyEvent{Explained: x, After: x.Event.At.Sub(start), Raw: maskRaw(x.Event)}
	for _, v := range x.Verdicts {
		switch {
		case v.Matched:
			e.Fired = append(e.Fired, v)
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
	out := storyStep{Step: s, Word: stepWord(s.State)}
	if !s.Ended.IsZero() && !s.Heard.IsZero() {
		out.Took = s.Ended.Sub(s.Heard)
	}
	var result struct{ ID, Type, Object, Name string }
	if decode(s.Result, &result) {
		out.Summary = result.Name
		out.Link = c.recordURL(first(result.Type, result.Object, objectOf(s)), result.ID)
	}
	return out
}

// sentence says in one line what the event led to.
func sentence(e *storyEvent) string {
	switch {
	case e.Event.DataOnly():
		return "Brought data only: no rule is asked."
	case len(e.Fired) == 0 && len(e.Near) == 0:
		return "No rule is about this event."
	case len(e.Fired) == 0:
		return "No rule fired. " + e.Near[0].Workflow + ", " + e.Near[0].Rule + ": " + e.Near[0].Detail
	case len(e.Runs) == 0:
		return "The rule had fired for this leg before, so nothing was done again."
	}
	return ""
}

// longDigits are the digit runs in raw messages that may be people's numbers.
var longDigits = regexp.MustCompile(`\+?\d{7,15}`)

// maskRaw shows the raw message with the customer's number masked wherever it stands.
func maskRaw(ev call.Event) string {
	digits := tail(ev.Customer)
	return longDigits.ReplaceAllStringFunc(string(ev.Raw), func(s string) string {
		if digits != "" && tail(s) == digits {
			return mask(s)
		}
		return s
	})
}

// tail is the last seven digits of a number: enough to know it again in another format.
func tail(number string) string {
	var digits []byte
	for i := range len(number) {
		if number[i] >= '0' && number[i] <= '9' {
			digits = append(digits, number[i])
		}
	}
	if len(digits) < 7 {
		return ""
	}
	return string(digits[len(digits)-7:])
}
