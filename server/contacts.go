package server

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"cordboard/action/contact"
	"cordboard/calling"
	"cordboard/config"
	"cordboard/engine"
	"cordboard/platform"
)

// CallingConfig says when people may be called.
type CallingConfig struct {
	// Policy is a file of rules of your own, on top of the strict ones that ship with Cordboard.
	Policy string `yaml:"policy"`
	// Region is the country of numbers that are written without a country code, such as US; salesforce.region by default.
	Region string `yaml:"region"`
	// DoNotCall are the wrap-up codes or names by which agents say that a person must not be called any more; case does not
	// count. None by default.
	DoNotCall []string `yaml:"do_not_call"`
	// Decisions is for how long is kept why somebody was called or not, 1825d by default, which is five years; 0 keeps it for ever.
	Decisions config.Duration `yaml:"decisions"`
}

// readPolicy reads the calling policy in force.
func (c *Config) readPolicy() (*calling.Policy, config.Problems) {
	if c.Calling.Policy == "" {
		return calling.Shipped(), nil
	}
	file := c.path(c.Calling.Policy)
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, config.Problems{{File: file, Message: fmt.Sprintf("calling: %v", err)}}
	}
	return calling.Read(file, src)
}

// region is the country of numbers without a country code.
func (c *Config) region() string {
	if c.Calling.Region == "" && c.Salesforce != nil {
		return c.Salesforce.Region
	}
	return c.Calling.Region
}

// openCalling prepares what says who may be called.
func (s *Server) openCalling() error {
	policy, problems := s.cfg.readPolicy()
	if err := problems.Err(); err != nil {
		return err
	}
	s.gate = calling.NewGate(policy, s.store, s.log)
	return nil
}

// listens says how the ledger reads events.
func (c *Config) listens() calling.Listener {
	return calling.Listener{Region: c.region(), Refusals: c.Calling.DoNotCall}
}

// contactSteps are the actions about contacts of the connections' lists.
func (s *Server) contactSteps(managed []platform.Managed) map[string]engine.Action {
	lists := map[string]platform.ContactList{}
	for i := range managed {
		if list, ok := managed[i].Connector.(platform.ContactList); ok {
			lists[managed[i].Name] = list
		}
	}
	return contact.Actions(contact.Config{
		List:   func(connection string) platform.ContactList { return lists[connection] },
		Policy: &callable{s.gate, s.store, s.cfg.region()},
		Jitter: rand.Float64,
	})
}

// callable answers the steps about contacts by the calling policy and the ledger.
type callable struct {
	gate   *calling.Gate
	ledger calling.Ledger
	region string
}

// Ask implements contact.Policy.
func (c *callable) Ask(ctx context.Context, q contact.Question) (calling.Verdict, error) {
	number, err := calling.ReadNumber(q.Number, c.region)
	if err != nil && !errors.Is(err, calling.ErrNumber) {
		return calling.Verdict{}, err
	}
	q.Ask.Number, q.Ask.Connection = number, q.Connection
	return c.gate.Ask(ctx, q.Stage, q.Ask)
}

// Submissions implements contact.Policy.
func (c *callable) Submissions(ctx context.Context, connection string, ref platform.ContactRef) ([]time.Time, error) {
	h, err := c.ledger.Past(ctx, "", calling.ContactKey(connection, ref.List, ref.ID), time.Now())
	slices.SortFunc(h.Submitted, func(a, b time.Time) int { return b.Compare(a) })
	return h.Submitted, err
}

// Submitted implements contact.Policy.
func (c *callable) Submitted(ctx context.Context, s contact.Submitted) error {
	return c.ledger.Record(ctx, []calling.Entry{{
		Attempt: calling.Attempt{Kind: calling.Submitted, At: s.At}, Key: string(calling.Submitted) + "\x1f" + s.Key,
		Contact: calling.ContactKey(s.Connection, s.Contact.List, s.Contact.ID),
	}})
}
