package server

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
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

// contactSteps are the actions about contacts of the connections' lists.
func (s *Server) contactSteps(managed []platform.Managed) (map[string]engine.Action, error) {
	policy, problems := s.cfg.readPolicy()
	if err := problems.Err(); err != nil {
		return nil, err
	}
	lists := map[string]platform.ContactList{}
	for i := range managed {
		if list, ok := managed[i].Connector.(platform.ContactList); ok {
			lists[managed[i].Name] = list
		}
	}
	return contact.Actions(contact.Config{
		List:   func(connection string) platform.ContactList { return lists[connection] },
		Policy: &callable{policy, s.cfg.region()},
		Jitter: rand.Float64,
	}), nil
}

// callable answers the steps about contacts by the calling policy. It has no book of what happened at a number before yet:
// hours, zones and numbers count, caps do not.
type callable struct {
	policy *calling.Policy
	region string
}

// Ask implements contact.Policy.
func (c *callable) Ask(_ context.Context, q contact.Question) (calling.Verdict, error) {
	number, err := calling.ReadNumber(q.Number, c.region)
	if err != nil && !errors.Is(err, calling.ErrNumber) {
		return calling.Verdict{}, err
	}
	q.Ask.Number = number
	return c.policy.Decide(q.Ask, calling.History{}), nil
}

// Submissions implements contact.Policy.
func (c *callable) Submissions(context.Context, string, platform.ContactRef) ([]time.Time, error) {
	return nil, nil
}

// Submitted implements contact.Policy.
func (c *callable) Submitted(context.Context, contact.Submitted) error { return nil }
