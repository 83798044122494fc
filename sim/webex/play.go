package webex

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"cordboard/sim/scenario"
)

// Call is the call that a script is played with: who is in it and what it
// carries. Its zero value is a call with a made-up customer for the first
// agent who is free.
type Call struct {
	Agents    []string          // ids, in the order of the script's actors; a missing second agent becomes a number outside
	Customer  string            // the customer's number with its "+"; "" makes one up
	Colleague string            // the number that is consulted when there is no second agent
	Vars      map[string]string // LCMKey, "Campaign Group" and agent_ani as the flow writes them; all others are call associated data
	Campaign  string            // its name (campaignId); "" takes one of the mode
	Scale     float64           // times the script's pauses; 0 plays as fast as possible
	Timed     bool              // messages carry the script's times, as if its pauses had been waited for and it ended now
	Manual    bool              // agents answer and accept through REST; the script waits for them
	Ring      time.Duration     // how long it waits in that case until the offer goes away by itself; 0 means for ever
	Unwrapped bool              // no wrap-up
	Silent    bool              // no recording
}

// Result names what a call was made of. The ids are reserved before the first
// message; a reservation that the script has no use for stays unused.
type Result struct {
	Main        string `json:"main"`        // the interaction of the call
	Reservation string `json:"reservation"` // the interaction of the preview before it
	Customer    string `json:"customer"`    // the number as it stands in the messages
	Campaign    string `json:"campaign,omitempty"`
}

// errOver ends a script whose call an agent ended in another way.
var errOver = errors.New("the call ended before the script")

// A call is a script at play: the tasks that it is made of, and who is who.
// Guarded by Server.mu.
type call struct {
	s                 *Server
	spec              Call
	ids               Result
	mode              string
	agents            []*agent // by their place in the script
	far               string   // the number that a consult or transfer goes to without a second agent
	reservation, main *task
	clock             time.Time // zero: the real time
	noWrapUp, silent  bool
}

// Play plays the script to its end, as fast as call.Scale says, and blocks
// meanwhile. It fails when the script or an agent is unknown, an agent is
// signed out, a step does not fit the state that the call is in, or ctx ends.
func (s *Server) Play(ctx context.Context, script scenario.Script, call Call) (Result, error) {
	c, err := s.begin(script, call)
	if err != nil {
		return Result{}, err
	}
	return c.ids, s.run(ctx, script, c)
}

func (s *Server) begin(script scenario.Script, spec Call) (*call, error) {
	if err := script.Check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.life.Err(); err != nil {
		return nil, err
	}
	var agents []*agent
	for _, id := range spec.Agents {
		a := s.agent(id)
		if a == nil {
			return nil, fmt.Errorf("script %q: there is no agent %q", script.Name, id)
		}
		agents = append(agents, a)
	}
	if len(agents) == 0 {
		a := s.free()
		if a == nil {
			return nil, fmt.Errorf("script %q: no agent is free", script.Name)
		}
		agents = append(agents, a)
	}
	for _, a := range agents {
		if !a.signedIn {
			return nil, fmt.Errorf("script %q: agent %s is signed out", script.Name, a.id)
		}
	}
	for _, a := range agents {
		a.claims++
	}
	c := s.newCall(spec, agents)
	if spec.Timed {
		c.clock = time.Now().Add(-length(script))
	}
	return c, nil
}

func length(script scenario.Script) (sum time.Duration) {
	for _, step := range script.Steps {
		sum += step.After
	}
	return sum
}

// newCall reserves the ids, so that a caller knows them before the first
// message is out.
func (s *Server) newCall(spec Call, agents []*agent) *call {
	c := &call{s: s, spec: spec, agents: agents, far: cmp.Or(spec.Colleague, "+15555550150"), noWrapUp: spec.Unwrapped, silent: spec.Silent}
	c.ids = Result{Main: s.ids.uuid(), Reservation: s.ids.uuid(), Campaign: spec.Campaign}
	if c.spec.Customer == "" {
		c.spec.Customer = fmt.Sprintf("+1555555%04d", s.ids.random.Uint64()%10000)
	}
	c.ids.Customer = c.spec.Customer
	return c
}

// names are those of the call's own variables, in a fixed order.
func (c *call) names() []string { return sorted(c.spec.Vars) }

func sorted(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// campaignFor is the campaign of a call in the mode; one that does not exist
// yet is started.
func (c *call) campaignFor(mode string) string {
	name := cmp.Or(c.spec.Campaign, campaignOf[mode])
	if _, ok := c.s.campaigns[name]; !ok {
		c.s.campaigns[name] = campaign{ID: name, Type: campaignTypes[mode], EntryPoint: entryPointID, ANI: ownNumber}
	}
	c.ids.Campaign = name
	return name
}

// current is the task that a step is about: the call, or the reservation
// before there is one.
func (c *call) current() *task {
	if c.main != nil {
		return c.main
	}
	return c.reservation
}

func (s *Server) run(ctx context.Context, script scenario.Script, c *call) error {
	defer s.release(c)
	for i, step := range script.Steps {
		err := scenario.Pause(ctx, step.After, c.spec.Scale)
		if err == nil && c.spec.Manual && waits(step) {
			var handled bool
			if handled, err = s.waitForAgent(ctx, c, step); handled && err == nil {
				continue
			}
		}
		if err == nil {
			err = s.play(c, step)
		}
		if errors.Is(err, errRungOut) {
			return nil
		}
		if errors.Is(err, errOver) {
			continue // somebody was faster than the script; wrap-up may still be its part
		}
		if err != nil {
			return fmt.Errorf("script %q, step %d (%s): %w", script.Name, i+1, step.Verb, err)
		}
	}
	return nil
}

// release ends the script's claim on its agents.
func (s *Server) release(c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.clock = time.Time{}
	for _, a := range c.agents {
		a.claims--
	}
}

// playLater plays a begun script on its own.
func (s *Server) playLater(script scenario.Script, c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.life.Spawn(func(ctx context.Context) {
		if err := s.run(ctx, script, c); err != nil && ctx.Err() == nil {
			s.cfg.Log.Warn("script stopped", "error", err)
		}
	})
}
