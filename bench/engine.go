package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"sync"
	"text/tabwriter"
	"time"

	"cordboard/action/page"
	"cordboard/action/pop"
	"cordboard/action/record"
	"cordboard/engine"
	"cordboard/server"
	"cordboard/store/postgres"
	"cordboard/store/postgres/pgcost"
	"cordboard/store/sqlite"
)

// EngineOptions say how the engine is measured.
type EngineOptions struct {
	Producers int           // how many calls are told at the same time, each event when the one before it is durable
	Length    time.Duration // how long it is measured
	Warmup    time.Duration // how long it runs before that
	Store     string        // "sqlite", or the address of a PostgreSQL database: postgres://…
	Dir       string        // where an SQLite journal is made; "" is the folder for temporary files
	Profile   string        // the file for a processor profile of the measured time; "" for none
	Log       *slog.Logger
}

// EngineReport is what the engine did in the measured time.
type EngineReport struct {
	Machine   Machine `json:"machine"`
	Store     string  `json:"store"` // sqlite or postgres
	Producers int     `json:"producers"`
	Seconds   float64 `json:"seconds"`

	EventsPerSecond float64 `json:"events_per_second"` // accepted durably
	StepsPerSecond  float64 `json:"steps_per_second"`  // performed, their outcome durable
	EventsPerCommit float64 `json:"events_per_commit"`
	Acknowledged    Spread  `json:"accept_to_acknowledged_ms"`

	// Cost is this process's: the engine, an SQLite journal, and a little for making the events.
	Cost Cost `json:"cost"`
	// Database is the PostgreSQL server's part; nil without one.
	Database      *DatabaseCost `json:"database,omitempty"`
	Allocations   float64       `json:"allocations_per_event"`
	Allocated     float64       `json:"allocated_bytes_per_event"`
	BytesPerEvent float64       `json:"bytes_on_disk_per_event,omitempty"` // of the closed SQLite file

	Calls int64 `json:"calls"` // told in all, the warm-up's included; so are the next two
	Lost  int64 `json:"lost"`  // events and finished steps that should be there
	Dead  int64 `json:"dead"`
	Floor Floor `json:"floor"`
}

// stepsPerCall is what the recommended workflow does on a predictive call: a pop, a page, a call log and its update.
const stepsPerCall = 4

// RunEngine measures intake, state, rules and dispatch over a real journal, without sockets: the recommended workflows
// and the actions are the real ones, but what they ask answers at once. Every producer tells one call after the other,
// and of each call one event after the other, as quickly as they become durable.
func RunEngine(ctx context.Context, o EngineOptions) (r EngineReport, err error) {
	if o.Producers < 1 || o.Length < time.Second || o.Warmup < 0 {
		return r, errors.New("bench: it takes at least one producer and one second")
	}
	dir, err := os.MkdirTemp(o.Dir, "cordboard-bench-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	r = EngineReport{Machine: machine(), Store: "sqlite", Producers: o.Producers, Seconds: o.Length.Seconds()}
	if r.Floor, err = measureFloor(dir); err != nil {
		return r, fmt.Errorf("bench: the floor: %w", err)
	}
	journal, err := openJournal(ctx, o, dir)
	if err != nil {
		return r, err
	}
	if o.Store != r.Store {
		r.Store = "postgres"
	}
	err = measureEngine(ctx, o, journal, &r)
	if err := errors.Join(err, journal.Close()); err != nil {
		return r, err
	}
	if r.Store == "sqlite" {
		size, err := sizeOf(dir)
		r.BytesPerEvent = float64(size) / float64(max(1, r.Calls*eventsPerCall))
		return r, err
	}
	return r, nil
}

// journal is a store with its own work to do.
type journal interface {
	engine.Journal
	Counts(ctx context.Context) (engine.Counts, error)
	Run(ctx context.Context) error
	Close() error
}

func openJournal(ctx context.Context, o EngineOptions, dir string) (journal, error) {
	switch {
	case o.Store == "sqlite":
		return sqlite.Open(ctx, filepath.Join(dir, "cordboard.db"), sqlite.Options{Log: o.Log})
	case isDatabase(o.Store):
		return postgres.Open(ctx, o.Store, postgres.Options{Node: "bench", Schema: fmt.Sprint("cordboard_bench_", os.Getpid()), Log: o.Log})
	}
	return nil, fmt.Errorf("bench: there is no store %q; there is sqlite, and postgres://…", o.Store)
}

// measureEngine runs the journal, the engine and the producers.
func measureEngine(ctx context.Context, o EngineOptions, j journal, r *EngineReport) error {
	server.TuneMemory()
	rules, _, err := server.LoadWorkflows([]string{"recommended"}, nil)
	if err != nil {
		return err
	}
	far := &atOnce{}
	e := engine.New(engine.Config{Journal: j, Rules: rules, Log: o.Log, Actions: map[string]engine.Action{
		"pop": pop.New(far, far, pop.Options{}), "page": page.New(far, page.Options{}),
		"create": record.NewCreate(far), "update": record.NewUpdate(far),
	}})
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var parts sync.WaitGroup
	for _, run := range []func(context.Context) error{j.Run, e.Run} {
		parts.Go(func() {
			if err := run(running); err != nil {
				stop(err)
			}
		})
	}
	defer func() { stop(nil); parts.Wait() }()
	before, err := j.Counts(ctx)
	if err != nil {
		return err
	}
	p := newProducers(o, e)
	if p.database, err = openDatabase(ctx, o.Store); err != nil {
		return err
	}
	err = errors.Join(p.run(running, r), p.database.close(context.WithoutCancel(ctx)))
	if cause := context.Cause(running); cause != nil {
		return cause
	}
	if err != nil {
		return err
	}
	return r.judge(running, j, before, p.calls())
}

// judge waits until everything that the calls began is over, and counts what is missing.
func (r *EngineReport) judge(ctx context.Context, j journal, before engine.Counts, calls int64) error {
	ctx, cancel := context.WithTimeout(ctx, settleLimit)
	defer cancel()
	for {
		c, err := j.Counts(ctx)
		if err != nil {
			return err
		}
		events, done := c.Events-before.Events, c.Steps[engine.Done]-before.Steps[engine.Done]
		r.Calls, r.Dead = calls, c.Steps[engine.Dead]-before.Steps[engine.Dead]
		r.Lost = calls*eventsPerCall - events + calls*stepsPerCall - done
		if c.Steps[engine.Pending]+c.Steps[engine.Retrying] == before.Steps[engine.Pending]+before.Steps[engine.Retrying] {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("bench: %d steps are still open: %w", c.Steps[engine.Pending], ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// snapshot is what has been used and done until a moment.
type snapshot struct {
	usage
	steps   int64
	objects uint64
	bytes   uint64

	database pgcost.Usage
}

func (p *producers) take(ctx context.Context) (snapshot, error) {
	st := p.engine.Stats()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s := snapshot{usage: usageOf(st), objects: m.Mallocs, bytes: m.TotalAlloc}
	for _, n := range st.Attempts {
		s.steps += n
	}
	var err error
	s.database, err = p.database.used(ctx)
	return s, err
}

// between fills in what was done and used between two moments.
func (r *EngineReport) between(a, b snapshot) {
	events, seconds := max(1, b.Events-a.Events), b.At.Sub(a.At).Seconds()
	r.EventsPerSecond, r.StepsPerSecond = float64(b.Events-a.Events)/seconds, float64(b.steps-a.steps)/seconds
	r.EventsPerCommit = float64(events) / float64(max(1, b.Commits-a.Commits))
	r.Cost = costOf(a.usage, b.usage, events)
	r.Allocations, r.Allocated = float64(b.objects-a.objects)/float64(events), float64(b.bytes-a.bytes)/float64(events)
}

// profiled runs do under a processor profile that goes to a file, if there is one.
func profiled(file string, do func() error) error {
	if file == "" {
		return do()
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return errors.Join(err, f.Close())
	}
	err = do()
	pprof.StopCPUProfile()
	return errors.Join(err, f.Close())
}

// Print writes the report for people.
func (r EngineReport) Print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "machine\t%d CPUs, %s/%s, %s, load %.1f before\n", r.Machine.CPUs, r.Machine.OS, r.Machine.Arch, r.Machine.Go, r.Machine.Load)
	fmt.Fprintf(w, "engine only\t%s, %d producers, %g s\n", r.Store, r.Producers, r.Seconds)
	fmt.Fprintf(w, "accepted durably\t%.0f events/s, %.1f a commit\n", r.EventsPerSecond, r.EventsPerCommit)
	fmt.Fprintf(w, "steps performed\t%.0f a second\n", r.StepsPerSecond)
	fmt.Fprintf(w, "acknowledged after\tp50 %.1f, p99 %.1f, p99.9 %.1f, max %.1f ms\n", r.Acknowledged.P50, r.Acknowledged.P99, r.Acknowledged.P999, r.Acknowledged.Max)
	fmt.Fprintf(w, "cost\t%.3f CPU s per 1,000 events, %.2f CPUs, %.0f allocations and %.0f bytes an event, %d MiB\n",
		r.Cost.CPUPer1000, r.Cost.CPUShare, r.Allocations, r.Allocated, r.Cost.RSS>>20)
	r.Database.print(w)
	fmt.Fprintf(w, "disk\t%.0f bytes an event kept; %s\n", r.BytesPerEvent, r.Cost.pages())
	fmt.Fprintf(w, "of all %d calls\t%d events or steps lost, %d need a person\n", r.Calls, r.Lost, r.Dead)
	fmt.Fprintf(w, "floor\t%.0f fsync/s, %.0f JSON decodes/s\n", r.Floor.Fsyncs, r.Floor.Decodes)
	return w.Flush()
}
