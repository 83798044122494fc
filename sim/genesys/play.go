package genesys

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"cordboard/sim/scenario"
)

// Call is the call that a script is played with: who is in it and what it carries. Its zero value is a call for the
// first agent who is free, with the next contact of the list where the script is of a campaign.
type Call struct {
	// Agents are ids, e-mail addresses or places in the list, in the order of the script's actors; a missing second
	// agent becomes a number outside.
	Agents    []string
	Customer  string            // the customer's number; "" is the contact's, or made up
	Colleague string            // the number that is consulted when there is no second agent
	Campaign  string            // id; "" is the first of the script's dialing mode
	Contact   string            // id of the contact; "next" is the next one of the list; "" likewise, or made up when there is none
	Queue     string            // id or name of an inbound call's queue; "" is Support
	Vars      map[string]string // attributes of the customer's participant
	Scale     float64           // times the script's pauses; 0 plays as fast as possible
	// Start, where it is set, gives the call a clock of its own: its times begin there and pass as the script says,
	// whatever Scale is.
	Start        time.Time
	Manual       bool // agents answer and accept through REST; the script waits for them
	UserEndFirst bool // the end of a skipped preview is told before its wrap-up
}

// Result names what a call was made of.
type Result struct {
	Conversation string   `json:"conversation"`
	Customer     string   `json:"customer"`
	Campaign     string   `json:"campaign,omitempty"`
	ContactList  string   `json:"contact_list,omitempty"`
	Contact      string   `json:"contact,omitempty"`
	Agents       []string `json:"agents"` // the users' ids
}

// errOver ends a script whose call ended in another way.
var errOver = errors.New("the call ended before the script")

// A play is a script on its way.
type play struct {
	c      *conversation
	spec   Call
	agents []*user
	result Result
}

// Play plays the script to its end, as fast as call.Scale says, and blocks meanwhile. It fails when the script, an
// agent or a contact is unknown, a step does not fit the state that the call is in, or ctx ends.
func (s *Server) Play(ctx context.Context, script scenario.Script, call Call) (Result, error) {
	p, err := s.begin(script, call)
	if err != nil {
		return Result{}, err
	}
	return p.result, s.run(ctx, script, p)
}

// Start plays the script without waiting for its end; what it ends with is logged.
func (s *Server) Start(script scenario.Script, call Call) (Result, error) {
	p, err := s.begin(script, call)
	if err != nil {
		return Result{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	began := s.life.Spawn(func(ctx context.Context) {
		if err := s.run(ctx, script, p); err != nil && ctx.Err() == nil {
			s.cfg.Log.Warn("script ended early", "script", script.Name, "error", err)
		}
	})
	if !began {
		return Result{}, s.life.Err()
	}
	return p.result, nil
}

func (s *Server) begin(script scenario.Script, spec Call) (*play, error) {
	if err := script.Check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &play{spec: spec}
	for _, who := range spec.Agents {
		u := s.org.find(who)
		if u == nil {
			return nil, fmt.Errorf("script %q: there is no user %q", script.Name, who)
		}
		p.agents = append(p.agents, u)
	}
	for len(p.agents) == 0 && script.Agents() > 0 {
		u := s.org.free()
		if u == nil {
			return nil, fmt.Errorf("script %q: no agent is free", script.Name)
		}
		p.agents = append(p.agents, u)
	}
	if err := s.cast(p, script); err != nil {
		return nil, fmt.Errorf("script %q: %w", script.Name, err)
	}
	for _, u := range p.agents {
		u.claims++
		p.result.Agents = append(p.result.Agents, u.id)
	}
	return p, nil
}

// cast makes the conversation: its mode is said by the script's first step.
func (s *Server) cast(p *play, script scenario.Script) error {
	mode := script.Steps[0].Args["mode"]
	if script.Steps[0].Verb == scenario.Dial {
		mode = "manual"
	}
	direction := "outbound"
	if mode == "inbound" {
		direction = "inbound"
	}
	c := s.newConversation(mode, direction, p.spec.Customer)
	c.scripted, c.at, c.vars, c.userEndFirst = true, p.spec.Start, maps.Clone(p.spec.Vars), p.spec.UserEndFirst
	p.c = c
	if mode != "inbound" && mode != "manual" {
		if err := s.castContact(p, or(p.spec.Campaign, mode)); err != nil {
			return err
		}
	}
	if c.customer == "" {
		s.org.lists[0].count++
		c.customer = fmt.Sprintf("+1555%07d", 5560000+s.org.lists[0].count)
	}
	p.result = Result{Conversation: c.id, Customer: c.customer}
	if c.campaign != nil {
		p.result.Campaign, p.result.ContactList, p.result.Contact = c.campaign.id, c.campaign.list.id, c.contact.id
	}
	return nil
}

func (s *Server) castContact(p *play, campaign string) error {
	c := p.c
	k := s.org.campaign(campaign)
	if k == nil || k.mode != c.mode {
		return fmt.Errorf("there is no %s campaign %q", c.mode, campaign)
	}
	c.campaign, c.column, c.queue = k, k.columns[0].Name, k.queue
	switch p.spec.Contact {
	case "", "next":
		if c.contact = k.list.next(c.column); c.contact == nil {
			if p.spec.Contact == "next" {
				return errors.New("no contact is left to be dialed")
			}
			c.contact = k.list.invent(time.Now(), p.spec.Customer)
		}
	default:
		if c.contact = k.list.contacts[p.spec.Contact]; c.contact == nil {
			return fmt.Errorf("there is no contact %q", p.spec.Contact)
		}
		k.list.unqueue(c.contact.id)
	}
	if c.customer == "" {
		c.customer = c.contact.data[c.column]
	}
	return nil
}

// run plays the steps one by one.
func (s *Server) run(ctx context.Context, script scenario.Script, p *play) error {
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		p.c.scripted = false // from here on far ends answer by themselves
		for _, u := range p.agents {
			u.claims--
		}
	}()
	for i, step := range script.Steps {
		if err := scenario.Pause(ctx, step.After, p.spec.Scale); err != nil {
			return err
		}
		if p.spec.Manual {
			if err := s.wait(ctx, p, step); err != nil {
				return err
			}
		}
		if err := s.step(p, step); err != nil {
			return fmt.Errorf("script %q, step %d (%s): %w", script.Name, i+1, step.Verb, err)
		}
	}
	return nil
}

// wait waits in a manual call for what an agent has to do through REST.
func (s *Server) wait(ctx context.Context, p *play, step scenario.Step) error {
	n, isAgent := step.Agent()
	switch step.Verb {
	case scenario.Accept, scenario.Answer, scenario.ConsultAnswer:
	default:
		return nil
	}
	if !isAgent || n >= len(p.agents) {
		return nil
	}
	u := p.agents[n]
	return s.life.Await(ctx, func() bool {
		part := p.c.partyOf(u)
		return part == nil || !part.talk().is(alerting)
	})
}
