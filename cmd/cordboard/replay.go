package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"

	"log/slog"

	"cordboard/call"
	"cordboard/engine"
	"cordboard/platform"
	"cordboard/server"
	"cordboard/workflow"
)

type recordCmd struct {
	Config string `short:"c" default:"cordboard.yaml" help:"The configuration whose connections to listen to."`
	Out    string `short:"o" required:"" help:"The trace to write; an existing file is extended."`
}

// Run runs the server as serve does, and writes every raw message before it is decoded.
func (c recordCmd) Run(ctx context.Context, io streams, log *slog.Logger) error {
	f, err := os.OpenFile(c.Out, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	var mu sync.Mutex
	tap := func(m platform.Message) {
		mu.Lock()
		defer mu.Unlock()
		if err := platform.WriteTrace(f, m); err != nil {
			log.Error("the trace cannot be written", "error", err)
		}
	}
	return serve(ctx, io, log, serveCmd{Config: c.Config}, server.Options{Tap: tap})
}

type replayCmd struct {
	Platform  string   `arg:"" help:"Whose messages: cisco, connect-hvoc, connect-tethered, genesys or webex."`
	File      string   `arg:"" help:"The trace; - for standard input."`
	Workflows []string `short:"w" default:"recommended" help:"Workflow files to run it through."`
	JSON      bool     `help:"Print one JSON object a line."`
}

// would is one step that a workflow would take.
type would struct {
	Call     call.ID        `json:"call"`
	Agent    string         `json:"agent"`
	Event    string         `json:"event"`
	Workflow string         `json:"workflow"`
	Rule     string         `json:"rule"`
	Step     string         `json:"step"`
	Object   string         `json:"object,omitempty"`
	Args     map[string]any `json:"args,omitempty"`
	Later    any            `json:"later,omitempty"`
}

// Run folds the trace's events and matches them as the engine does, and prints the steps instead of taking them.
func (c replayCmd) Run(io streams) error {
	set, problems, err := server.LoadWorkflows(c.Workflows, func(p string) string { return p })
	for _, p := range problems {
		fmt.Fprintln(io.err, p)
	}
	if err != nil {
		return err
	}
	in, closeIn, err := openTrace(c.File, io.in)
	if err != nil {
		return err
	}
	defer closeIn()
	states := map[call.ID]call.State{}
	fired := map[string]bool{}
	seen := map[string]bool{}
	bad := 0
	match := func(ev *call.Event, s *call.State) []workflow.Plan {
		return set.Match(workflow.Moment{Event: ev, State: s})
	}
	err = decodeTrace(call.Platform(c.Platform), in, func(ev *call.Event) error {
		if seen[ev.Key()] {
			return nil
		}
		seen[ev.Key()] = true
		before := states[ev.Call]
		state := call.Apply(before, ev)
		states[ev.Call] = state
		due := workflow.Decided(match, &before, &state, ev)
		for _, plan := range match(ev, &state) {
			due = append(due, workflow.Late{Event: *ev, Plan: plan})
		}
		for _, l := range due {
			once := string(ev.Call) + "\x1f" + l.Event.Leg + "\x1f" + l.Plan.Workflow + "\x1f" + l.Plan.Rule
			if l.Plan.Once && fired[once] {
				continue
			}
			fired[once] = true
			c.print(io, &l.Event, l.Plan)
		}
		return nil
	}, func(line int, err error) {
		bad++
		fmt.Fprintf(io.err, "%s:%d: %v\n", c.File, line, err)
	})
	if err == nil && bad > 0 {
		return errFindings
	}
	return err
}

func (c replayCmd) print(io streams, ev *call.Event, plan workflow.Plan) {
	for _, step := range plan.Steps {
		w := would{ev.Call, ev.Agent, ev.CallType + " " + ev.Name, plan.Workflow, plan.Rule, step.Kind, step.Object, step.Args, step.Later}
		if c.JSON {
			json.NewEncoder(io.out).Encode(w)
			continue
		}
		args, _ := json.Marshal(step.Args)
		fmt.Fprintf(io.out, "%s  agent %s  %-36s %s, %s: %s %s %s\n", ev.At.Format("15:04:05.000"), ev.Agent, w.Event, plan.Workflow, plan.Rule, step.Kind, step.Object, args)
	}
}

type explainCmd struct {
	Call string `arg:"" help:"A call id, platform id, number, agent or record id."`
	URL  string `default:"http://127.0.0.1:8484" help:"The server to ask." env:"CORDBOARD_URL"`
	// The password comes by environment or file only: a command line is seen by everybody on the machine.
	PasswordFile string `type:"existingfile" help:"The file with the console's password; or set CORDBOARD_CONSOLE_PASSWORD."`
	JSON         bool   `help:"Print the whole timeline as JSON."`
}

func (c explainCmd) Run(ctx context.Context, io streams) error {
	from, err := c.server()
	if err != nil {
		return err
	}
	id, err := from.findCall(ctx, c.Call)
	if err != nil {
		return err
	}
	raw, err := from.get(ctx, "/api/v1/calls/"+id)
	if err != nil {
		return err
	}
	if c.JSON {
		_, err = io.out.Write(append(raw, '\n'))
		return err
	}
	var story struct {
		Call     call.State         `json:"call"`
		Timeline []engine.Explained `json:"timeline"`
	}
	if err := json.Unmarshal(raw, &story); err != nil {
		return fmt.Errorf("the server's answer: %w", err)
	}
	tell(io, story.Call, story.Timeline)
	return nil
}
