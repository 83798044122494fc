package bench

import (
	"strings"
	"time"
)

// judge compares the effects with the calls that were played, and takes the latencies of the measured time.
func (w *world) judge(l load, samples []sample, r *Report) {
	in := func(received time.Time) bool { return !received.Before(l.from) && received.Before(l.to) }
	heard := w.judgeEvents(l, samples, in, r)
	w.judgePops(l, in, r)
	w.judgeRecords(l, heard, in, r)
}

// moment is one moment of a dialog.
type moment struct{ ref, name string }

const held = "OTHER_IN" // a dialer's call before the message that tells its mode: it waits for that message

// judgeEvents looks at what became durable, and returns when the moments that records are written for were heard.
func (w *world) judgeEvents(l load, samples []sample, in func(time.Time) bool, r *Report) map[moment]time.Time {
	heard := map[moment]time.Time{}
	accepted := 0
	var took []time.Duration
	for _, s := range samples {
		if in(s.Accepted) {
			accepted++
		}
		switch {
		case s.Type != held:
			heard[moment{s.Ref, s.Name}] = s.Received
			if in(s.Received) {
				took = append(took, s.Accepted.Sub(s.Received))
			}
		case in(s.Received):
			r.HeldOff++
		}
	}
	r.EventsPerSecond = float64(accepted) / l.to.Sub(l.from).Seconds()
	r.Acknowledged = spreadOf(took)
	r.Lost += max(0, len(l.calls)*eventsPerCall-int(r.Events))
	r.Duplicates += max(0, int(r.Events)-len(l.calls)*eventsPerCall)
	return heard
}

// judgePops looks at what the browsers were given: for each call its person's record and a page, once.
func (w *world) judgePops(l load, in func(time.Time) bool, r *Report) {
	var records, pages []time.Duration
	seen := map[moment]int{}
	for _, p := range w.pops.all {
		took := p.arrived.Sub(p.heard)
		switch p.kind {
		case "record":
			seen[moment{p.call, p.record}]++
			if in(p.heard) {
				records = append(records, took)
			}
		case "page":
			seen[moment{p.call, "page"}]++
			if in(p.heard) {
				pages = append(pages, took)
			}
		}
	}
	for _, c := range l.calls {
		for _, what := range []string{c.person.ID, "page"} {
			n := seen[moment{c.id, what}]
			r.Duplicates += max(0, n-1)
			r.Lost += max(0, 1-n)
		}
	}
	r.Pop, r.Page = spreadOf(records), spreadOf(pages)
}

// judgeRecords looks at what the org holds: one finished call log for each call. A write's latency counts from the
// moment that it tells of.
func (w *world) judgeRecords(l load, heard map[moment]time.Time, in func(time.Time) bool, r *Report) {
	r.Duplicates += len(w.org.Duplicates())
	finished := map[string]int{}
	for _, log := range w.org.Records("Task") {
		if log["Status"] == "Completed" {
			finished[dialogOf(log["CallObject"])]++
		}
	}
	for _, c := range l.calls {
		r.Lost += max(0, 1-finished[c.id])
	}
	var took []time.Duration
	dialogs := map[string]string{} // by record id
	for _, write := range w.org.Writes("Task") {
		if dialog := dialogOf(write.Fields["CallObject"]); dialog != "" {
			dialogs[write.ID] = dialog
			if at, ok := heard[moment{dialog, "ACTIVE"}]; ok && in(at) {
				took = append(took, write.At.Sub(at))
			}
		}
		if write.Fields["Status"] == "Completed" {
			if at, ok := heard[moment{dialogs[write.ID], "DROPPED"}]; ok && in(at) {
				took = append(took, write.At.Sub(at))
			}
		}
	}
	r.Record = spreadOf(took)
}

func dialogOf(callObject any) string {
	text, _ := callObject.(string)
	return strings.TrimPrefix(text, connection+":")
}
