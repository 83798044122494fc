package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"cordboard/engine"
	"cordboard/server"
)

// pointEnv names the point at which a child kills itself, "name:n": the nth time that it comes there.
const pointEnv = "CORDBOARD_TEST_POINT"

// The points between two steps of the engine.
const (
	afterCommit   = "after-commit"   // events are on disk, and nobody was told
	beforeOutcome = "before-outcome" // the org has the record, or the agent saw the pop, and the journal does not know
	ackFirst      = "ack-first"      // a control: events are acknowledged before they are on disk
	passOver      = "pass-over"      // a control: nothing is killed, and a failure of the storage counts as success
)

// serveUntil is the server as every other, with something between the engine and its journal that kills the process.
func serveUntil(point string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	d := &deadly{}
	var n int
	if _, err := fmt.Sscanf(strings.Replace(point, ":", " ", 1), "%s %d", &d.point, &n); err != nil {
		fmt.Fprintln(os.Stderr, point, err)
		return exitUsage
	}
	d.left = n
	between := func(j engine.Journal) engine.Journal { d.Journal = j; return d }
	io := streams{os.Stdin, os.Stdout, os.Stderr}
	err := serve(ctx, io, newLog(io.err, "json", false), serveCmd{Config: os.Args[len(os.Args)-1]}, server.Options{Journal: between})
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, err)
		return exitFailed
	}
	return exitOK
}

// deadly is a journal at which the process dies.
type deadly struct {
	engine.Journal
	point string
	left  int
}

// Commit implements [engine.Journal]. It is called by one goroutine at a time.
func (d *deadly) Commit(ctx context.Context, g engine.Group) error {
	if d.point == passOver {
		if err := d.Journal.Commit(ctx, g); !errors.Is(err, engine.ErrBroken) {
			return err
		}
		return nil
	}
	if !d.here(&g) {
		return d.Journal.Commit(ctx, g)
	}
	if d.left--; d.left > 0 {
		return d.Journal.Commit(ctx, g)
	}
	switch d.point {
	case afterCommit:
		if err := d.Journal.Commit(ctx, g); err != nil {
			return err
		}
	case ackFirst:
		if d.left < 0 {
			select {} // nothing more is stored, and nothing more is acknowledged
		}
		time.AfterFunc(time.Second, die)
		return nil
	}
	die()
	return nil
}

// here reports whether a group is one that the point is about.
func (d *deadly) here(g *engine.Group) bool {
	if d.point == beforeOutcome {
		return slices.ContainsFunc(g.Steps, func(s engine.Step) bool { return s.State == engine.Done })
	}
	return len(g.Events) > 0
}

func die() {
	syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}
