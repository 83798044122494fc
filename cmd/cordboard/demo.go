package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"cordboard/demo"
)

type demoCmd struct {
	Exit    bool          `help:"Play a fixed set of calls, judge every effect, and exit: 0 only when all are right."`
	JSON    bool          `help:"With --exit: print one JSON object."`
	Listen  string        `default:"127.0.0.1:0" help:"The address of the server's pages."`
	Agents  int           `default:"16" help:"How many agents work."`
	Times   int           `default:"3" help:"With --exit: how often every kind of call is played."`
	Pace    float64       `default:"0.35" help:"How slowly calls are played: 1 is as slow as life."`
	Timeout time.Duration `default:"2m" help:"With --exit: how long it may take."`
}

func (c demoCmd) Run(ctx context.Context, io streams, log *slog.Logger) error {
	if c.Exit {
		return c.judge(ctx, io, log)
	}
	visitor := "1001001"
	w, err := demo.Open(ctx, demo.Options{Agents: c.Agents, Listen: c.Listen, Visitor: visitor, Log: log, Version: version})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	if err := w.Await(ctx); err != nil {
		cancel()
		return first(<-ended, err)
	}
	fmt.Fprintf(io.out, `Cordboard %s: a simulated contact centre is at work, on this machine only.

  Watch the calls, and why what happened   %s/
  Be agent %s, in the CRM             %s/
  The simulated Salesforce org             %s/
  The configuration of this demo           %s

Ctrl-C ends it.
`, version, w.Server.URL(), visitor, w.HostURL(), w.Org.URL(), w.ConfigFile())
	err = w.Live(ctx, c.Pace)
	cancel()
	return first(<-ended, err)
}

// judge plays the fixed set of calls.
func (c demoCmd) judge(ctx context.Context, io streams, log *slog.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	verdict, err := inDemo(ctx, demo.Options{Agents: c.Agents, Listen: c.Listen, Log: log, Version: version}, func(w *demo.World) (demo.Verdict, error) {
		return w.Judge(ctx, c.Times, 0.02)
	})
	if err != nil {
		return err
	}
	c.print(io, verdict)
	if !verdict.Right() {
		return errFindings
	}
	return nil
}

// inDemo opens a demo, waits until everybody is at work, lets play play, and ends it.
func inDemo(ctx context.Context, o demo.Options, play func(*demo.World) (demo.Verdict, error)) (v demo.Verdict, err error) {
	w, err := demo.Open(ctx, o)
	if err != nil {
		return v, err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- w.Run(running) }()
	if err = w.Await(ctx); err == nil {
		v, err = play(w)
	}
	stop()
	return v, first(<-ended, err)
}

func (c demoCmd) print(io streams, v demo.Verdict) {
	if c.JSON {
		json.NewEncoder(io.out).Encode(v)
		return
	}
	fmt.Fprintf(io.out, "%d calls, %d events: %d pops shown, %d missed; %d records created, %d updated; %d doubled, %d lost, %d need a person\n",
		v.Calls, v.Events, v.Pops.Shown, v.Pops.Missed, v.Records.Created, v.Records.Updated, v.Duplicates, v.Lost, v.Dead)
	for _, wrong := range v.Wrong {
		fmt.Fprintln(io.out, "  wrong:", wrong)
	}
}

// first returns the first error that there is.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
