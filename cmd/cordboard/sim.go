package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	simconnect "cordboard/sim/connect"
	simfinesse "cordboard/sim/finesse"
	simgenesys "cordboard/sim/genesys"
	simsalesforce "cordboard/sim/salesforce"
	simwebex "cordboard/sim/webex"
)

type simCmd struct {
	Platform string `arg:"" help:"What to simulate: cisco, connect, genesys, salesforce or webex."`
	Listen   string `default:"127.0.0.1:0" help:"The address to listen on."`
	Agents   int    `default:"50" help:"How many agents a contact centre has."`
	People   int    `default:"500" help:"How many contacts and leads an org has."`
}

// simulator is what every simulator can do.
type simulator interface {
	Listen() error
	Ready() map[string]any
	Run(ctx context.Context) error
}

// simulators makes each simulator. A new one adds a line here.
var simulators = map[string]func(c simCmd, log *slog.Logger) simulator{
	"cisco": func(c simCmd, log *slog.Logger) simulator {
		return simfinesse.New(simfinesse.Config{HTTPAddr: c.Listen, Agents: c.Agents, Log: log})
	},
	"connect": func(c simCmd, log *slog.Logger) simulator {
		return simconnect.New(simconnect.Config{Addr: c.Listen, Agents: c.Agents, Log: log})
	},
	"genesys": func(c simCmd, log *slog.Logger) simulator {
		return simgenesys.New(simgenesys.Config{Addr: c.Listen, Users: c.Agents, Contacts: c.People, Log: log})
	},
	"salesforce": func(c simCmd, log *slog.Logger) simulator {
		org := simsalesforce.New(simsalesforce.Config{Addr: c.Listen, Log: log})
		org.Seed(c.People)
		return org
	},
	"webex": func(c simCmd, log *slog.Logger) simulator {
		return simwebex.New(simwebex.Config{Addr: c.Listen, Agents: c.Agents, Log: log})
	},
}

// Run prints one JSON line when the simulator is ready; what it logs goes to standard error.
func (c simCmd) Run(ctx context.Context, io streams, log *slog.Logger) error {
	name := strings.ToLower(c.Platform)
	if name == "finesse" {
		name = "cisco"
	}
	open, ok := simulators[name]
	if !ok {
		var names []string
		for n := range simulators {
			names = append(names, n)
		}
		slices.Sort(names)
		return fmt.Errorf("there is no simulator of %q; there are: %s", c.Platform, strings.Join(names, ", "))
	}
	sim := open(c, log)
	if err := sim.Listen(); err != nil {
		return err
	}
	line, err := json.Marshal(sim.Ready())
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(io.out, "%s\n", line); err != nil {
		return err
	}
	return sim.Run(ctx)
}
