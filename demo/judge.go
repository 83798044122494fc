package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"cordboard/engine"
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

// playAll plays the scripts of every site side by side, each call with agents of its own.
func (w *World) playAll(ctx context.Context, times int, scale float64) ([]Played, error) {
	var mu sync.Mutex
	var played []Played
	var failed []error
	var sites sync.WaitGroup
	for _, s := range w.sites {
		sites.Go(func() {
			w.playSite(ctx, s, times, scale, func(p Played, err error) {
				mu.Lock()
				defer mu.Unlock()
				played = append(played, p)
				failed = append(failed, err)
			})
		})
	}
	sites.Wait()
	return played, errors.Join(failed...)
}

func (w *World) playSite(ctx context.Context, s *site, times int, scale float64, done func(Played, error)) {
	free := make(chan string, len(s.agents))
	for _, a := range s.agents {
		free <- a
	}
	var calls sync.WaitGroup
	defer calls.Wait()
	for range times {
		for _, script := range s.scripts {
			agents, ok := take(ctx, free, actors(script))
			if !ok {
				return
			}
			person := w.nextPerson()
			calls.Go(func() {
				done(s.call(ctx, script, role{agents, person, scale}))
				for _, a := range agents {
					free <- a
				}
			})
		}
	}
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
	want, ok := p.site.expect[p.Script]
	if !ok {
		v.Wrong = append(v.Wrong, fmt.Sprintf("%s %s: nobody has written down what it should lead to", p.site.name, p.Script))
		return 0
	}
	wrong := func(format string, args ...any) {
		v.Wrong = append(v.Wrong, fmt.Sprintf("%s %s %v: ", p.site.name, p.Script, p.Refs)+fmt.Sprintf(format, args...))
	}
	for place, agent := range p.Agents {
		records, pages := w.shown(agent, p)
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
		if id, _ := log["CallObject"].(string); p.is(id) {
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

// is reports whether id is ours of the call.
func (p Played) is(id string) bool {
	return slices.ContainsFunc(p.Refs, func(ref string) bool { return id == p.site.name+":"+ref })
}

// shown counts what the agent's browser showed of a call: the person's record, and pages.
func (w *World) shown(agent string, p Played) (records, pages int) {
	b := w.Browsers[agent]
	if b == nil {
		return 0, 0
	}
	for _, pop := range b.Pops() {
		switch {
		case !p.is(pop.Call):
		case pop.Kind == "record" && pop.Record != nil && pop.Record.ID == p.Person.ID:
			records++
		case pop.Kind == "page":
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
