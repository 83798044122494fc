package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"time"

	"cordboard/bench"
)

type benchCmd struct {
	Path     string  `default:"whole" enum:"whole,engine,webhook" help:"What is measured: the whole path over real sockets, the engine only, or the plain job of an integration tool: a webhook in, a condition, a request out (${enum})."`
	JSON     bool    `help:"Print one JSON object."`
	Platform string  `default:"cisco" enum:"cisco,connect-tethered" help:"Whose calls: of a Finesse site with a session for each agent, or of a dialer that tells all of them over one socket (${enum})."`
	Agents   int     `default:"200" help:"How many agents work, each with a desk."`
	Rate     int     `default:"1000" help:"Call events a second; a plain call has five."`
	Mix      string  `help:"Which calls the dialer tells, and how often: predictive, preview, consult; such as predictive=8,consult=2. Predictive calls if not given."`
	Seconds  float64 `default:"15" help:"How long it is measured."`
	Warmup   float64 `default:"3" help:"How long the load runs before that."`
	Store    string  `default:"sqlite" help:"The journal: sqlite, or the address of a PostgreSQL database, postgres://…"`
	Nodes    int     `default:"1" help:"How many servers share the PostgreSQL database, and the desks."`
	People   int     `default:"5000" help:"How many contacts and leads the org has."`
	IDs      bool    `name:"ids" help:"Calls carry the record's id, so that nobody is looked up by number."`
	Dir      string  `type:"existingdir" help:"Where the journal is put; the folder for temporary files if not given."`
	Profile  string  `type:"path" help:"Write a processor profile of the server to this file, and to the same name one of its memory with .heap and a trace of a second with .trace."`

	Producers int `default:"256" help:"Of the engine only: how many calls are told at the same time."`
	Clients   int `default:"64" help:"Of webhooks only: how many senders there are, each waiting until its job is done."`
}

// Run measures the whole path. The server runs as a process of its own, so that what it costs can be told from what the
// simulators cost.
func (c benchCmd) Run(ctx context.Context, std streams, log *slog.Logger) error {
	if c.Path == "engine" {
		return c.engine(ctx, std, log)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	server := func(config, profile string) *exec.Cmd {
		return exec.Command(self, "bench-server", "--profile", profile, config)
	}
	if c.Path == "webhook" {
		r, err := bench.RunJob(ctx, bench.JobOptions{
			Clients: c.Clients, Length: seconds(c.Seconds), Warmup: seconds(c.Warmup), Dir: c.Dir, Profile: c.Profile, Server: server, Stderr: std.err,
		})
		if err != nil {
			return err
		}
		return c.print(std, r)
	}
	r, err := bench.Run(ctx, bench.Options{
		Platform: c.Platform, Agents: c.Agents, Rate: c.Rate, Mix: c.Mix, Nodes: c.Nodes, Length: seconds(c.Seconds), Warmup: seconds(c.Warmup), Store: c.Store,
		People: c.People, IDs: c.IDs, Dir: c.Dir, Profile: c.Profile, Stderr: std.err, Log: log, Server: server,
		Desks: func() *exec.Cmd { return exec.Command(self, "bench-desks") },
	})
	if err != nil {
		return err
	}
	return c.print(std, r)
}

// engine measures the engine in this process.
func (c benchCmd) engine(ctx context.Context, std streams, log *slog.Logger) error {
	r, err := bench.RunEngine(ctx, bench.EngineOptions{
		Producers: c.Producers, Length: seconds(c.Seconds), Warmup: seconds(c.Warmup), Store: c.Store, Dir: c.Dir, Profile: c.Profile, Log: log,
	})
	if err != nil {
		return err
	}
	return c.print(std, r)
}

func (c benchCmd) print(std streams, report interface{ Print(io.Writer) error }) error {
	if c.JSON {
		return json.NewEncoder(std.out).Encode(report)
	}
	return report.Print(std.out)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// benchServerCmd is the measured process of benchCmd.
type benchServerCmd struct {
	Config  string `arg:""`
	Profile string
}

func (c benchServerCmd) Run(ctx context.Context, std streams, log *slog.Logger) error {
	return bench.Serve(ctx, c.Config, c.Profile, std.in, std.out, log)
}

// benchDesksCmd is a process of desks of benchCmd.
type benchDesksCmd struct{}

func (benchDesksCmd) Run(ctx context.Context, std streams) error {
	return bench.ServeDesks(ctx, std.in, std.out)
}
