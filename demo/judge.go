package demo

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"cordboard/engine"
	simfinesse "cordboard/sim/finesse"
	simsalesforce "cordboard/sim/salesforce"
)

// Verdict is what the fixed set of calls led to, as seen from the outside: by the browsers and by the org.
type Verdict struct {
	Calls      int     `json:"calls"`
	Events     int64   `json:"events"`
	Pops       Pops    `json:"pops"`
	Records    Records `json:"records"`
	Duplicates int     `json:"duplicates"` // records that share a key, and pops shown twice
	Lost       int     `json:"lost"`       // effects that should be there and are not
	Dead       int64   `json:"dead"`       // steps that need a person

	// Wrong says what is not as it should be, one sentence each.
	Wrong []string `json:"wrong,omitempty"`
}

// Pops counts what agents' screens showed.
type Pops struct {
	Shown  int `json:"shown"`
	Missed int `json:"missed"`
}

// Records counts what was written to the org.
type Records struct {
	Created int `json:"created"`
	Updated int `json:"updated"`
}

// Right reports whether every effect is right.
func (v Verdict) Right() bool {
	return len(v.Wrong) == 0 && v.Lost == 0 && v.Duplicates == 0 && v.Dead == 0 && v.Pops.Missed == 0
}

// expectation is what one call of a script has to lead to, by the place of the agent in the call. It was written down
// from the pages' recommended tables, not from what the server does.
type expectation struct {
	records map[int]int // pops of the customer's record
	pages   map[int]int // pages opened
	logs    int         // call logs, one an agent's leg that the tables want logged
	alone   int         // of these, logs of legs that never had a pop, so that nobody knows whom they are about
}

// expectations of every script, from Acqueon's "Cisco" page: Recommended Workflow Configurations.
var expectations = map[string]expectation{
	// Predictive: pop and page when the customer is put to the agent, and again when the consult call reaches the
	// consultant (both on the first agent's side); a log of the call and one of the consult call.
	"predictive":       {records: map[int]int{0: 2}, pages: map[int]int{0: 2}, logs: 2},
	"predictive_plain": {records: map[int]int{0: 1}, pages: map[int]int{0: 1}, logs: 1},
	// Progressive and inbound: the page recommends nothing.
	"progressive":                 {},
	"progressive_plain":           {},
	"inbound":                     {},
	"inbound_ring_no_answer":      {},
	"inbound_blind_transfer_to_b": {},
	"inbound_warm_transfer":       {},
	"inbound_consult_conference":  {},
	// Preview: pop and page at the offer, log when the customer answers; a skipped one is never logged.
	"preview":        {records: map[int]int{0: 1}, pages: map[int]int{0: 1}, logs: 1},
	"preview_skip":   {records: map[int]int{0: 1}, pages: map[int]int{0: 1}},
	"direct_preview": {records: map[int]int{0: 1}, pages: map[int]int{0: 1}, logs: 1},
	// Manual: pop and page when the customer's phone rings, log when the customer answers.
	"manual_outbound": {records: map[int]int{0: 1}, pages: map[int]int{0: 1}, logs: 1},
	// These begin when the call is up already. Preview logs at its ringing, which nobody saw; manual at its answer.
	// The consulted agent gets a pop, a page and a log.
	"preview_consult_conference":         {records: map[int]int{1: 1}, pages: map[int]int{1: 1}, logs: 1},
	"direct_preview_consult_conference":  {records: map[int]int{1: 1}, pages: map[int]int{1: 1}, logs: 1},
	"manual_outbound_consult_conference": {records: map[int]int{1: 1}, pages: map[int]int{1: 1}, logs: 2, alone: 1},
}

// Judge plays every script a number of times, waits until nothing is left to do, and judges the effects.
func (w *World) Judge(ctx context.Context, times int, scale float64) (Verdict, error) {
	played, err := w.playAll(ctx, times, scale)
	if err != nil {
		return Verdict{}, err
	}
	if err := w.settle(ctx); err != nil {
		return Verdict{}, err
	}
	return w.judge(ctx, played)
}

// playAll plays the scripts side by side, each call with agents of its own.
func (w *World) playAll(ctx context.Context, times int, scale float64) ([]Played, error) {
	free := make(chan Agent, len(w.Agents))
	for _, a := range w.Agents {
		free <- a
	}
	var mu sync.Mutex
	var played []Played
	var first error
	var calls sync.WaitGroup
	n := 0
	for range times {
		for _, script := range simfinesse.Scripts() {
			agents := []Agent{<-free}
			for len(agents) < actors(script) {
				agents = append(agents, <-free)
			}
			person := w.People[n%len(w.People)]
			n++
			calls.Go(func() {
				p, err := w.play(ctx, script.Name, agents, person, scale)
				mu.Lock()
				defer mu.Unlock()
				played = append(played, p)
				if err != nil && first == nil {
					first = err
				}
				for _, a := range agents {
					free <- a
				}
			})
		}
	}
	calls.Wait()
	return played, first
}

// settle waits until every event is taken and no step has anything left to do.
func (w *World) settle(ctx context.Context) error {
	quiet, last := 0, engine.Counts{}
	for quiet < 5 {
		c, err := w.Server.Journal().Counts(ctx)
		if err != nil {
			return err
		}
		open := c.Steps[engine.Pending] + c.Steps[engine.Retrying] + c.Steps[engine.Parked]
		if open == 0 && c.Open == 0 && c.Events == last.Events {
			quiet++
		} else {
			quiet = 0
		}
		last = c
		select {
		case <-ctx.Done():
			return fmt.Errorf("demo: %d calls and %d steps are still open: %w", c.Open, open, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}

func (w *World) judge(ctx context.Context, played []Played) (Verdict, error) {
	counts, err := w.Server.Journal().Counts(ctx)
	if err != nil {
		return Verdict{}, err
	}
	tasks := w.Org.Counts()["Task"]
	v := Verdict{Calls: len(played), Events: counts.Events, Dead: counts.Steps[engine.Dead],
		Records: Records{Created: tasks.Created, Updated: tasks.Updated}, Duplicates: len(w.Org.Duplicates())}
	for _, b := range w.Browsers {
		v.Pops.Shown += len(b.Pops())
		v.Duplicates += b.Twice()
	}
	logs := w.Org.Records("Task")
	used := 0
	for _, p := range played {
		used += w.judgeCall(p, logs, &v)
	}
	if used != len(logs) {
		v.Wrong = append(v.Wrong, fmt.Sprintf("%d call logs belong to no call that should have one", len(logs)-used))
	}
	slices.Sort(v.Wrong)
	return v, nil
}

// judgeCall compares one call with its expectation and returns how many logs it has.
func (w *World) judgeCall(p Played, logs []simsalesforce.Record, v *Verdict) int {
	want, ok := expectations[p.Script]
	if !ok {
		v.Wrong = append(v.Wrong, fmt.Sprintf("%s: nobody has written down what it should lead to", p.Script))
		return 0
	}
	wrong := func(format string, args ...any) {
		v.Wrong = append(v.Wrong, p.Script+" "+p.Site.Main+": "+fmt.Sprintf(format, args...))
	}
	ids := []string{p.Site.Main, p.Site.Reservation, p.Site.Consult}
	for place, agent := range p.Agents {
		records, pages := w.shown(agent, ids, p.Person.ID)
		if d := want.records[place] - records; d > 0 {
			v.Pops.Missed += d
			v.Lost += d
		}
		if d := want.pages[place] - pages; d > 0 {
			v.Pops.Missed += d
			v.Lost += d
		}
		if records != want.records[place] || pages != want.pages[place] {
			wrong("agent %d saw %d records and %d pages, want %d and %d", place+1, records, pages, want.records[place], want.pages[place])
		}
	}
	n, alone := 0, 0
	for _, log := range logs {
		if slices.ContainsFunc(ids, func(id string) bool { return id != "" && log["CallObject"] == "finesse:"+id }) {
			n++
			judgeLog(log, wrong)
			if who, _ := log["WhoId"].(string); who != p.Person.ID && who != "" {
				wrong("call log %v is linked to %s, want %s", log["Id"], who, p.Person.ID)
			} else if who == "" {
				alone++
			}
		}
	}
	if n != want.logs {
		v.Lost += max(0, want.logs-n)
		wrong("has %d call logs, want %d", n, want.logs)
	}
	if alone != want.alone {
		wrong("%d call logs are linked to nobody, want %d", alone, want.alone)
	}
	return n
}

// shown counts what the agent's browser showed of a call: the person's record, and pages.
func (w *World) shown(agent string, ids []string, person string) (records, pages int) {
	b := w.Browsers[agent]
	if b == nil {
		return 0, 0
	}
	for _, p := range b.Pops() {
		if !slices.ContainsFunc(ids, func(id string) bool { return id != "" && p.Call == "finesse:"+id }) {
			continue
		}
		switch {
		case p.Kind == "record" && p.Record != nil && p.Record.ID == person:
			records++
		case p.Kind == "page":
			pages++
		}
	}
	return records, pages
}

// judgeLog looks at the fields that every finished call log must have.
func judgeLog(log simsalesforce.Record, wrong func(string, ...any)) {
	if log["Status"] != "Completed" {
		wrong("call log %v is %v, want Completed", log["Id"], log["Status"])
	}
	if key, _ := log["Cordboard_Key__c"].(string); key == "" {
		wrong("call log %v has no key", log["Id"])
	}
}
