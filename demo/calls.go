package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	simfinesse "cordboard/sim/finesse"
	simsalesforce "cordboard/sim/salesforce"
	"cordboard/sim/scenario"
)

// Played is one call as the simulated site played it.
type Played struct {
	Script string
	Agents []string
	Person simsalesforce.Person
	Site   simfinesse.Result
}

// play plays one call of a script between agents and a person of the org.
func (w *World) play(ctx context.Context, name string, agents []Agent, person simsalesforce.Person, scale float64) (Played, error) {
	script, ok := simfinesse.Script(name)
	if !ok {
		return Played{}, fmt.Errorf("demo: no script is called %s", name)
	}
	p := Played{Script: name, Person: person}
	for _, a := range agents {
		p.Agents = append(p.Agents, a.ID)
	}
	var err error
	p.Site, err = w.Site.Play(ctx, script, simfinesse.Call{
		Agents: p.Agents, Customer: person.Number, Campaign: "Spring renewals", Scale: scale,
		Vars: callVars(name, person),
	})
	if err != nil {
		return p, fmt.Errorf("demo: script %s: %w", name, err)
	}
	return p, nil
}

// callVars is what the campaign put into the call's data. A preview's reservation carries no number, so a site puts the
// record's id there; other calls are found by number.
func callVars(script string, person simsalesforce.Person) map[string]string {
	vars := map[string]string{"LCMKey": fmt.Sprintf("57|3|%d", rand.N(1000))}
	if strings.Contains(script, "preview") {
		vars["SalesforceId"] = person.ID
	}
	return vars
}

// Live keeps agents busy with calls of every kind until ctx ends. pace is how much slower than the scripts' own pauses
// calls are played.
func (w *World) Live(ctx context.Context, pace float64) error {
	free := make(chan Agent, len(w.Agents))
	var calls sync.WaitGroup
	defer calls.Wait()
	for _, a := range w.Agents {
		if a.ID == w.opts.Visitor {
			calls.Go(func() { w.entertain(ctx, a, pace) })
		} else {
			free <- a
		}
	}
	scripts := simfinesse.Scripts()
	for n := 0; ; n++ {
		script := scripts[n%len(scripts)]
		agents := make([]Agent, 0, 2)
		for range actors(script) {
			select {
			case a := <-free:
				agents = append(agents, a)
			case <-ctx.Done():
				return nil
			}
		}
		person := w.People[rand.N(len(w.People))]
		calls.Go(func() {
			// A call that cannot be played (an agent signed out, say) is the site's business; the next one goes on.
			if _, err := w.play(ctx, script.Name, agents, person, pace); err != nil && ctx.Err() == nil {
				w.opts.Log.Warn("demo call", "error", err)
			}
			for _, a := range agents {
				free <- a
			}
		})
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Duration(float64(1500*time.Millisecond) * (0.5 + rand.Float64()))):
		}
	}
}

// entertain gives the visitor one call after another, of the kinds that pop a record.
func (w *World) entertain(ctx context.Context, visitor Agent, pace float64) {
	kinds := []string{"predictive_plain", "manual_outbound", "preview", "direct_preview"}
	for n := 0; ctx.Err() == nil; n++ {
		person := w.People[rand.N(len(w.People))]
		if _, err := w.play(ctx, kinds[n%len(kinds)], []Agent{visitor}, person, pace); err != nil && ctx.Err() == nil {
			w.opts.Log.Warn("demo call", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(2 * time.Second):
		}
	}
}

// actors is how many agents a script needs.
func actors(s scenario.Script) int {
	n := 1
	for _, step := range s.Steps {
		if i, ok := step.Agent(); ok {
			n = max(n, i+1)
		}
		if step.Verb == scenario.Consult || step.Verb == scenario.BlindTransfer {
			n = max(n, 2)
		}
	}
	return n
}
