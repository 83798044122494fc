package bench

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"cordboard/engine"
	"cordboard/store/postgres/pgcost"
)

// settleLimit is how long the server may take to finish what the load began.
const settleLimit = 2 * time.Minute

// Run measures once. It fails when something did not work at all; what was lost or doubled stands in the report.
func Run(ctx context.Context, o Options) (r Report, err error) {
	m, err := o.check()
	if err != nil {
		return r, err
	}
	r = Report{Machine: machine(), Settings: o.settings()}
	dir, err := os.MkdirTemp(o.Dir, "cordboard-bench-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	if r.Floor, err = measureFloor(dir); err != nil {
		return r, fmt.Errorf("bench: the floor: %w", err)
	}
	w, err := newWorld(o, m)
	if err != nil {
		return r, err
	}
	outside, leave := context.WithCancel(context.WithoutCancel(ctx))
	defer func() {
		leave()
		w.tasks.Wait()
	}()
	w.start(outside, "the simulated Salesforce", w.org.Run)
	w.start(outside, "the simulated site", w.site.run)
	configs, err := w.configure(dir)
	if err != nil {
		return r, err
	}
	if w.database, err = openDatabase(ctx, o.Store); err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, w.database.close(context.WithoutCancel(ctx))) }()
	err = w.startServers(configs)
	if err == nil {
		err = w.measure(ctx, &r)
	}
	if err := errors.Join(err, w.stop()); err != nil {
		return r, err
	}
	if !o.shared() {
		size, err := sizeOf(filepath.Join(dir, "data-1"))
		r.BytesPerEvent = float64(size) / float64(max(1, r.Events))
		return r, err
	}
	return r, nil
}

// measure plays the load and fills the report.
func (w *world) measure(ctx context.Context, r *Report) (err error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	watching := make(chan struct{})
	defer close(watching)
	go func() {
		select {
		case err := <-w.failed:
			fail(err)
		case <-watching:
		}
	}()
	if w.desks, err = openDesks(ctx, w.opts, w.site.first(), w.servers); err != nil {
		return err
	}
	if err := w.site.connect(ctx, w.servers); err != nil {
		return err
	}
	return w.playAndJudge(ctx, r)
}

func (w *world) playAndJudge(ctx context.Context, r *Report) error {
	before, err := eachServer[engine.Counts](w, askCounts)
	if err != nil {
		return err
	}
	calls := w.org.Calls()
	used, _ := w.org.Usage()
	var begin, end costs
	l := w.play(ctx, func(first bool) error {
		if first {
			return begin.take(ctx, w, askBegin)
		}
		return end.take(ctx, w, askEnd)
	})
	if l.err != nil {
		return errors.Join(fmt.Errorf("bench: the load: %w", l.err), context.Cause(ctx))
	}
	counts, err := w.settle(ctx)
	if err != nil {
		return err
	}
	samples, err := eachServer[[]sample](w, askSamples)
	if err != nil {
		return err
	}
	pops, err := w.desks.pops()
	if err != nil {
		return err
	}
	r.Calls, r.Events, r.Dead = len(l.calls), counts.Events-before[0].Events, counts.Steps[engine.Dead]-before[0].Steps[engine.Dead]
	r.Desks = w.opts.Agents
	w.judge(l, samples, pops, r)
	end.since(begin, r)
	r.Database = w.database.cost(begin.database, end.database, max(1, end.events-begin.events), end.simulators.At.Sub(begin.simulators.At))
	r.APICalls = w.org.Calls()
	for kind, n := range calls {
		r.APICalls[kind] -= n
	}
	now, _ := w.org.Usage()
	r.APICallsPer1000 = float64(now-used) / float64(len(l.calls)) * 1000
	return nil
}

// settle waits until no call is open and no step has anything left to do. What the nodes share is counted at the first.
func (w *world) settle(ctx context.Context) (c engine.Counts, err error) {
	ctx, cancel := context.WithTimeout(ctx, settleLimit)
	defer cancel()
	for quiet, last := 0, int64(-1); quiet < 3; last = c.Events {
		c = engine.Counts{}
		if err := w.servers[0].ask(askCounts, &c); err != nil {
			return c, err
		}
		waiting := c.Steps[engine.Pending] + c.Steps[engine.Retrying] + c.Steps[engine.Parked]
		quiet++
		if waiting > 0 || c.Open > 0 || c.Events != last {
			quiet = 0
		}
		select {
		case <-ctx.Done():
			return c, fmt.Errorf("bench: %d calls and %d steps are still open: %w", c.Open, waiting, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
	return c, nil
}

// costs are what all processes have used until a moment.
type costs struct {
	servers           []usage
	desks, simulators usage
	database          pgcost.Usage
	events            int64 // that the servers stored
}

func (c *costs) take(ctx context.Context, w *world, question string) (err error) {
	if c.servers, err = eachServer[usage](w, question); err != nil {
		return err
	}
	for i := range c.servers {
		c.events += c.servers[i].Events
	}
	if c.database, err = w.database.used(ctx); err != nil {
		return err
	}
	if c.desks, err = w.desks.used(); err != nil {
		return err
	}
	c.simulators = usageNow()
	c.desks.At = c.simulators.At
	return nil
}

// since fills the report with what was used from begin on.
func (c *costs) since(begin costs, r *Report) {
	events, commits := max(1, c.events-begin.events), int64(0)
	for i := range c.servers {
		commits += c.servers[i].Commits - begin.servers[i].Commits
	}
	for i := range c.servers {
		one := costOf(begin.servers[i], c.servers[i], events)
		r.Nodes = append(r.Nodes, one)
		r.Server.CPUPer1000 += one.CPUPer1000
		r.Server.CPUShare += one.CPUShare
		r.Server.RSS = max(r.Server.RSS, one.RSS)
		r.Server.Written += one.Written
	}
	r.Simulators, r.Browsers = costOf(begin.simulators, c.simulators, events), costOf(begin.desks, c.desks, events)
	r.EventsPerCommit = float64(events) / float64(max(1, commits))
}

func costOf(begin, end usage, events int64) Cost {
	cpu, wall := end.CPU-begin.CPU, end.At.Sub(begin.At)
	return Cost{
		CPUPer1000: cpu.Seconds() / float64(events) * 1000, CPUShare: cpu.Seconds() / max(wall.Seconds(), 0.001), RSS: end.RSS,
		Written: float64(end.Written-begin.Written) / float64(events),
	}
}

// pages says how much was written, for people.
func (c Cost) pages() string {
	if c.Written <= 0 {
		return "not known how much was written"
	}
	return fmt.Sprintf("%.0f bytes written (%.1f pages of 4 KiB)", c.Written, c.Written/4096)
}

// sizeOf is what the files of a folder hold.
func sizeOf(dir string) (size int64, err error) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, err
		}
		size += info.Size()
	}
	return size, err
}

func machine() Machine {
	m := Machine{CPUs: runtime.NumCPU(), OS: runtime.GOOS, Arch: runtime.GOARCH, Go: runtime.Version()}
	if raw, err := os.ReadFile("/proc/loadavg"); err == nil {
		first, _, _ := strings.Cut(string(raw), " ")
		m.Load, _ = strconv.ParseFloat(first, 64)
	}
	return m
}
