package demo

import (
	"context"

	simsalesforce "cordboard/sim/salesforce"
	"cordboard/sim/scenario"
)

// site is one simulated contact centre of the world: what differs from platform to platform. Each platform has a file
// that opens one.
type site struct {
	// name is the connection's, unique in the world; platform is the word of the configuration.
	name, platform string
	// settings are the connection's part of cordboard.yaml, and files what it names, by their names beside it.
	settings string
	files    map[string]string
	// agents are the platform's ids of the people who work here.
	agents  []string
	scripts []scenario.Script
	// expect says what a call of each script has to lead to.
	expect map[string]expectation

	// play plays one call to its end and returns the platform's ids of it.
	play func(ctx context.Context, script scenario.Script, c role) (refs []string, err error)
	// run serves the platform until ctx ends.
	run func(ctx context.Context) error
	// meet, if it is there, tells the site where the server is, for a platform that sends.
	meet func(server string)
	// watch, if it is there, shows in the agents' browsers what the platform's own client shows there.
	watch func(show func(agent string, picture []byte))
	// await blocks until the server's connection hears what happens to the agents; nil where the site cannot see that.
	await func(ctx context.Context) error
}

// role is who takes part in a call that is played.
type role struct {
	agents []string // as many as the script needs
	person simsalesforce.Person
	scale  float64 // times the script's pauses
}

// openSites opens every platform's site. A new platform adds one line here.
func openSites(o Options) ([]*site, error) {
	var sites []*site
	for _, open := range []func(Options) (*site, error){openCisco, openWebex, openGenesys, openConnect, openDialer, openOwnCalls} {
		s, err := open(o)
		if err != nil {
			return nil, err
		}
		sites = append(sites, s)
	}
	return sites, nil
}

// expectation is what one call of a script has to lead to, by the place of the agent in the call. It is written down
// from the pages' recommended tables, not from what the server does.
type expectation struct {
	records map[int]int // pops of the customer's record
	pages   map[int]int // pages opened
	logs    int         // call logs, one an agent's leg that the tables want logged
	alone   int         // of these, logs of legs that never had a pop, so that nobody knows whom they are about
}

// actors is how many agents a script needs.
func actors(s scenario.Script) int {
	n := max(1, s.Agents())
	for _, step := range s.Steps {
		if step.Verb == scenario.Consult || step.Verb == scenario.BlindTransfer {
			n = max(n, 2)
		}
	}
	return n
}
