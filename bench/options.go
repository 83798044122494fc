package bench

import (
	"fmt"
	"io"
	"log/slog"
	"os/exec"
	"time"
)

// Options say what is measured.
type Options struct {
	Agents int           // signed-in agents, each with a desk
	Rate   int           // call events a second; a call has five
	Length time.Duration // how long it is measured
	Warmup time.Duration // how long the load runs before that
	Store  string        // the kind of journal: sqlite
	People int           // contacts and leads of the org; beyond that customers call again
	IDs    bool          // calls carry the record's id, so that nobody has to be looked up by number
	// Dir is where the journal's folder is made; "" is the folder for temporary files. Only a real disk shows what
	// durable costs: the report's fsyncs a second tell.
	Dir string
	// Profile is the file for a processor profile of the server while it is measured; "" for none.
	Profile string
	// Server makes the command that runs [Serve] on a configuration file, with the profile's file when that is not "".
	Server func(config, profile string) *exec.Cmd
	// Stderr is where the server process says what went wrong.
	Stderr io.Writer
	Log    *slog.Logger
}

// eventsPerCall is what one plain predictive call brings: OTHER_IN ALERTING, and PREDICTIVE_OUTBOUND ALERTING, ACTIVE,
// WRAP_UP and DROPPED.
const eventsPerCall = 5

func (o Options) check() error {
	switch {
	case o.Agents < 1 || o.Rate < eventsPerCall || o.People < 1:
		return fmt.Errorf("bench: it takes at least one agent, one person and %d events a second", eventsPerCall)
	case o.Length < time.Second || o.Warmup < 0:
		return fmt.Errorf("bench: less than a second is not worth measuring")
	case o.Store != "sqlite":
		return fmt.Errorf("bench: there is no store %q; there is: sqlite", o.Store)
	case o.Server == nil:
		return fmt.Errorf("bench: nobody says how to start the server")
	}
	return nil
}

// between is the pause between two calls.
func (o Options) between() time.Duration {
	return time.Second * eventsPerCall / time.Duration(o.Rate)
}

// calls is how many calls are played, and how many of them before it is measured.
func (o Options) calls() (all, warm int) {
	warm = int(o.Warmup / o.between())
	return warm + int(o.Length/o.between()), warm
}
