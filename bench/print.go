package bench

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Print writes the report for people.
func (r Report) Print(out io.Writer) error {
	s := r.Settings
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "machine\t%d CPUs, %s/%s, %s, load %.1f before\n", r.Machine.CPUs, r.Machine.OS, r.Machine.Arch, r.Machine.Go, r.Machine.Load)
	fmt.Fprintf(w, "asked for\t%d events/s for %g s after %g s, %s, %s, %d agents, %d people, %s, nodes: %d, ids in calls: %v\n",
		s.Rate, s.Seconds, s.Warmup, s.Platform, s.Mix, s.Agents, s.People, s.Store, s.Nodes, s.IDs)
	fmt.Fprintf(w, "generator\t%.1f ms late at p99, %.1f ms at most; fell behind: %v\n", r.Generator.LateP99, r.Generator.LateMax, r.Generator.Behind)
	fmt.Fprintf(w, "accepted durably\t%.0f events/s, %.1f a commit\n", r.EventsPerSecond, r.EventsPerCommit)
	fmt.Fprintf(w, "of all %d calls\t%d events, %d doubled, %d lost, %d at the wrong desk, %d need a person\n\t\n", r.Calls, r.Events, r.Duplicates, r.Lost, r.Misplaced, r.Dead)
	fmt.Fprintf(w, "from received to\tp50\tp99\tp99.9\tmax  (ms)\tof\n")
	for _, l := range []struct {
		name string
		Spread
	}{{"acknowledged, from told", r.Told}, {"acknowledged", r.Acknowledged}, {"pop", r.Pop}, {"page", r.Page}, {"record written", r.Record}} {
		if l.Count == 0 {
			continue
		}
		fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%.1f\t%.1f\t%d\n", l.name, l.P50, l.P99, l.P999, l.Max, l.Count)
	}
	fmt.Fprintf(w, "\t\n")
	for _, c := range []struct {
		name string
		Cost
	}{{"server", r.Server}, {"site and org", r.Simulators}, {fmt.Sprintf("%d desks", r.Desks), r.Browsers}} {
		fmt.Fprintf(w, "%s\t%.2f CPU s per 1,000 events, %.2f CPUs, %d MiB\n", c.name, c.CPUPer1000, c.CPUShare, c.RSS>>20)
	}
	r.Database.print(w)
	if r.BytesPerEvent > 0 {
		fmt.Fprintf(w, "disk\t%.0f bytes an event kept; %s\n", r.BytesPerEvent, r.Server.pages())
	}
	fmt.Fprintf(w, "API calls\t%.0f per 1,000 calls %v\n", r.APICallsPer1000, r.APICalls)
	fmt.Fprintf(w, "floor\t%.0f fsync/s, %.0f JSON decodes/s\n", r.Floor.Fsyncs, r.Floor.Decodes)
	return w.Flush()
}

// print writes the line of a database, if there is one.
func (d *DatabaseCost) print(w io.Writer) {
	if d != nil {
		fmt.Fprintf(w, "database\t%.3f CPU s per 1,000 events, %.2f CPUs, %.0f bytes of WAL and %.0f of growth an event\n", d.CPUPer1000, d.CPUShare, d.WALPerEvent, d.GrowthPerEvent)
	}
}
