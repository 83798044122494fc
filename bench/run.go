package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"cordboard/engine"
)

// settleLimit is how long the server may take to finish what the load began.
const settleLimit = 2 * time.Minute

// Run measures once. It fails when something did not work at all; what was lost or doubled stands in the report.
func Run(ctx context.Context, o Options) (r Report, err error) {
	if err := o.check(); err != nil {
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
	w, err := newWorld(o)
	if err != nil {
		return r, err
	}
	outside, leave := context.WithCancel(context.WithoutCancel(ctx))
	defer func() {
		leave()
		w.tasks.Wait()
		http.DefaultClient.CloseIdleConnections()
	}()
	w.start(outside, "simulated Finesse", w.site.Run)
	w.start(outside, "simulated Salesforce", w.org.Run)
	config, err := w.configure(dir)
	if err != nil {
		return r, err
	}
	server, err := startChild(o, config)
	if err != nil {
		return r, err
	}
	err = w.measure(ctx, outside, server, &r)
	leave() // the browsers do not come back to a server that stops
	if err := errors.Join(err, server.stop()); err != nil {
		return r, err
	}
	size, err := sizeOf(filepath.Join(dir, "data"))
	r.BytesPerEvent = float64(size) / float64(max(1, r.Events))
	return r, err
}

// measure plays the load and fills the report.
func (w *world) measure(ctx, outside context.Context, server *child, r *Report) error {
	if err := w.openDesks(ctx, outside, server.url); err != nil {
		return err
	}
	calls := w.org.Calls()
	used, _ := w.org.Usage()
	var begin, end, mineBegin, mineEnd usage
	l := w.play(ctx, func(first bool) error {
		if first {
			mineBegin = usageOf(engine.Stats{})
			return server.ask(askBegin, &begin)
		}
		mineEnd = usageOf(engine.Stats{})
		return server.ask(askEnd, &end)
	})
	if l.err != nil {
		return fmt.Errorf("bench: the load: %w", l.err)
	}
	counts, err := settle(ctx, server)
	if err != nil {
		return err
	}
	var samples []sample
	if err := server.ask(askSamples, &samples); err != nil {
		return err
	}
	r.Calls, r.Events, r.Dead = len(l.calls), counts.Events, counts.Steps[engine.Dead]
	late := spreadOf(l.late)
	r.Generator = Generator{LateP99: late.P99, LateMax: late.Max, Behind: late.Max > milliseconds(behind)}
	w.judge(l, samples, r)
	events := max(1, end.Events-begin.Events)
	r.Server, r.Simulators = costOf(begin, end, events), costOf(mineBegin, mineEnd, events)
	r.EventsPerCommit = float64(events) / float64(max(1, end.Commits-begin.Commits))
	r.APICalls = w.org.Calls()
	for kind, n := range calls {
		r.APICalls[kind] -= n
	}
	now, _ := w.org.Usage()
	r.APICallsPer1000 = float64(now-used) / float64(len(l.calls)) * 1000
	return nil
}

// settle waits until no call is open and no step has anything left to do.
func settle(ctx context.Context, server *child) (c engine.Counts, err error) {
	ctx, cancel := context.WithTimeout(ctx, settleLimit)
	defer cancel()
	for quiet, last := 0, int64(-1); quiet < 3; last = c.Events {
		c = engine.Counts{}
		if err := server.ask(askCounts, &c); err != nil {
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

func costOf(begin, end usage, events int64) Cost {
	cpu, wall := end.CPU-begin.CPU, end.At.Sub(begin.At)
	return Cost{CPUPer1000: cpu.Seconds() / float64(events) * 1000, CPUShare: cpu.Seconds() / max(wall.Seconds(), 0.001), RSS: end.RSS}
}

func sizeOf(dir string) (size int64, err error) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		info, err := e.Info()
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
