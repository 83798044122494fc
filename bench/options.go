package bench

import (
	"fmt"
	"io"
	"log/slog"
	"os/exec"
	"strconv"
	"time"
)

// Options say what is measured.
type Options struct {
	Platform string        // cisco, or connect-tethered, whose dialer tells all calls over one socket
	Agents   int           // agents, each with a desk
	Rate     int           // call events a second
	Mix      string        // which kinds of calls, such as "predictive=8,consult=2"; "" is predictive calls
	Length   time.Duration // how long it is measured
	Warmup   time.Duration // how long the load runs before that, at least until the first calls are over
	Store    string        // the journal: sqlite, or the address of a PostgreSQL database, postgres://…
	Nodes    int           // servers on that database; agents' desks are shared out to them
	People   int           // contacts and leads of the org; beyond that customers call again
	IDs      bool          // calls carry the record's id, so that nobody has to be looked up by number
	// Dir is where the journal's folder is made; "" is the folder for temporary files. Only a real disk shows what
	// durable costs: the report's fsyncs a second tell.
	Dir string
	// Profile is the file for a processor profile of the first server while it is measured; "" for none.
	Profile string
	// Server makes the command that runs [Serve] on a configuration file, with the profile's file when that is not "",
	// Desks the one that runs [ServeDesks].
	Server func(config, profile string) *exec.Cmd
	Desks  func() *exec.Cmd
	// Stderr is where the processes say what went wrong.
	Stderr io.Writer
	Log    *slog.Logger

	// connection is what the configuration calls the link to the site. In a database that was measured with before it is
	// another one each time: the calls of a connection are known by their ids.
	connection string
}

// connection is what calls' ids begin with.
const connection = "site"

// shared reports whether the journal is a database that several nodes share.
func (o *Options) shared() bool { return isDatabase(o.Store) }

// check fills what was left out, and reports what cannot be measured.
func (o *Options) check() (mix, error) {
	if o.Nodes == 0 {
		o.Nodes = 1
	}
	if o.connection = connection; o.shared() {
		o.connection += "-" + strconv.FormatInt(time.Now().UnixMilli(), 36)
	}
	if o.Mix == "" {
		o.Mix = "predictive"
	}
	known := dialerStories
	switch o.Platform {
	case "connect-tethered":
	case "cisco", "":
		o.Platform, known = "cisco", []story{ciscoStory}
	default:
		return nil, fmt.Errorf("bench: %q is no platform that can be played; there are: cisco, connect-tethered", o.Platform)
	}
	m, err := readMix(o.Mix, known)
	switch {
	case err != nil:
		return nil, err
	case o.Agents < 1 || o.Rate < 1 || o.People < 1:
		return nil, fmt.Errorf("bench: it takes at least one agent, one person and one event a second")
	case o.Length < time.Second || o.Warmup < 0:
		return nil, fmt.Errorf("bench: less than a second is not worth measuring")
	case o.Store != "sqlite" && !o.shared():
		return nil, fmt.Errorf("bench: there is no store %q; there are: sqlite, postgres://…", o.Store)
	case o.Nodes < 1 || o.Nodes > 1 && !o.shared():
		return nil, fmt.Errorf("bench: several nodes take a PostgreSQL database")
	case o.Server == nil || o.Desks == nil:
		return nil, fmt.Errorf("bench: nobody says how to start the processes")
	}
	return m, nil
}

// pace is when calls begin.
type pace struct {
	mix       mix
	between   time.Duration // two calls
	hold      time.Duration // until an agent gets the next call
	all, warm int           // calls, and how many of them before it is measured
}

func (o *Options) pace(m mix) pace {
	p := pace{mix: m, between: time.Duration(float64(time.Second) * m.events() / float64(o.Rate))}
	p.hold = p.between * time.Duration(o.Agents)
	warmup := o.Warmup
	for _, s := range m { // before the first calls are over there are fewer events than asked for
		warmup = max(warmup, p.pause(s)*time.Duration(len(s.told)))
	}
	p.warm = int(warmup / p.between)
	p.all = p.warm + max(1, int(o.Length/p.between))
	return p
}

// pause is how long after each other the events of a call are told: so that they fall between those of the calls that
// began before, and the call is over before its agent gets the next one.
func (p *pace) pause(s *story) time.Duration {
	n := time.Duration(len(s.told))
	return min(p.hold/(n+1), longest).Truncate(p.between) + p.between/n
}
