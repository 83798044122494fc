package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	simfinesse "cordboard/sim/finesse"
	"cordboard/sim/scenario"
)

// ciscoSite is a simulated Finesse site: every agent has an XMPP session of its own.
type ciscoSite struct {
	opts   Options
	sim    *simfinesse.Server
	ready  map[string]any
	agents struct {
		FirstID        int    `json:"first_id,string"`
		FirstExtension int    `json:"first_extension,string"`
		Password       string `json:"password"`
	}
}

func openCisco(o Options) (*ciscoSite, error) {
	s := &ciscoSite{opts: o, sim: simfinesse.New(simfinesse.Config{Agents: o.Agents})}
	if err := s.sim.Listen(); err != nil {
		return nil, err
	}
	s.ready = s.sim.Ready()
	raw, err := json.Marshal(s.ready["agents"])
	if err == nil {
		err = json.Unmarshal(raw, &s.agents)
	}
	if err != nil {
		return nil, fmt.Errorf("bench: the site's readiness line: %w", err)
	}
	return s, nil
}

func (s *ciscoSite) platform() string { return "cisco" }
func (s *ciscoSite) first() int       { return s.agents.FirstID }

func (s *ciscoSite) settings() string {
	return fmt.Sprintf(`{ url: "%v", xmpp: "%v", agents_file: agents.csv }`, s.ready["url"], s.ready["ws_url"])
}

// files holds the list of agents.
func (s *ciscoSite) files() map[string]string {
	var text strings.Builder
	for i := range s.opts.Agents {
		fmt.Fprintf(&text, "%d,%s,%d\n", s.agents.FirstID+i, s.agents.Password, s.agents.FirstExtension+i)
	}
	return map[string]string{"agents.csv": text.String()}
}

func (s *ciscoSite) run(ctx context.Context) error { return s.sim.Run(ctx) }

func (s *ciscoSite) connect(ctx context.Context, _ []*serverChild) error {
	return s.sim.AwaitSessions(ctx, s.opts.Agents)
}

// call plays a plain predictive call.
func (s *ciscoSite) call(ctx context.Context, c plannedCall) (string, error) {
	step := func(actor, verb string, args map[string]string) scenario.Step {
		return scenario.Step{After: c.pause, Actor: actor, Verb: verb, Args: args}
	}
	steps := []scenario.Step{
		step("0", scenario.Offer, map[string]string{"mode": "predictive"}),
		step("0", scenario.Ring, nil),
		step("0", scenario.Answer, nil),
		step(scenario.Customer, scenario.Hangup, nil),
		step("0", scenario.WrapupDone, map[string]string{"reason": "Sale"}),
	}
	steps[0].After = 0 // it begins now
	script := scenario.Script{Name: "bench", Description: "A plain predictive call at an even pace.", Steps: steps}
	ids, err := s.sim.Play(ctx, script, simfinesse.Call{
		Agents: []string{strconv.Itoa(c.agent)}, Customer: c.person.Number, Campaign: "Spring renewals", Scale: 1, Vars: c.vars,
	})
	return ids.Main, err
}

func (s *ciscoSite) finish(context.Context) ([]telling, error) { return nil, nil }
