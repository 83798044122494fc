package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"os/exec"
	"time"

	"cordboard/bench"
)

type benchCmd struct {
	JSON    bool    `help:"Print one JSON object."`
	Agents  int     `default:"200" help:"How many agents work, each with a desk."`
	Rate    int     `default:"1000" help:"Call events a second; a call has five."`
	Seconds float64 `default:"15" help:"How long it is measured."`
	Warmup  float64 `default:"3" help:"How long the load runs before that."`
	Store   string  `default:"sqlite" enum:"sqlite" help:"The kind of journal: ${enum}."`
	People  int     `default:"5000" help:"How many contacts and leads the org has."`
	IDs     bool    `name:"ids" help:"Calls carry the record's id, so that nobody is looked up by number."`
	Dir     string  `type:"existingdir" help:"Where the journal is put; the folder for temporary files if not given."`
	Profile string  `type:"path" help:"Write a processor profile of the server to this file."`
}

// Run measures the whole path. The server runs as a process of its own, so that what it costs can be told from what the
// simulators cost.
func (c benchCmd) Run(ctx context.Context, io streams, log *slog.Logger) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	seconds := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	r, err := bench.Run(ctx, bench.Options{
		Agents: c.Agents, Rate: c.Rate, Length: seconds(c.Seconds), Warmup: seconds(c.Warmup), Store: c.Store,
		People: c.People, IDs: c.IDs, Dir: c.Dir, Profile: c.Profile, Stderr: io.err, Log: log,
		Server: func(config, profile string) *exec.Cmd {
			return exec.Command(self, "bench-server", "--profile", profile, config)
		},
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(io.out).Encode(r)
	}
	return r.Print(io.out)
}

// benchServerCmd is the measured process of benchCmd.
type benchServerCmd struct {
	Config  string `arg:""`
	Profile string
}

func (c benchServerCmd) Run(ctx context.Context, io streams, log *slog.Logger) error {
	return bench.Serve(ctx, c.Config, c.Profile, io.in, io.out, log)
}
