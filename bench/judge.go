package bench

import (
	"strings"
	"time"
)

// judge compares the effects with the calls that were played, and takes the latencies of the measured time.
func (w *world) judge(l load, samples [][]sample, pops []popped, r *Report) {
	in := func(received time.Time) bool { return !received.Before(l.from) && received.Before(l.to) }
	r.judgeGenerator(l, in)
	heard := judgeEvents(l, samples, in, r)
	w.judgePops(l, pops, in, r)
	w.judgeRecords(l, heard, in, r)
}

// judgeGenerator looks whether the load was what was asked for. What is told and not read yet is not received yet: where
// each event is timed, the time from its telling to its acknowledgement shows that, too.
func (r *Report) judgeGenerator(l load, in func(time.Time) bool) {
	late := l.late
	var took []time.Duration
	if len(l.told) > 0 {
		late = nil
	}
	for _, t := range l.told {
		late = append(late, t.told.Sub(t.due))
		if in(t.told) {
			took = append(took, t.acknowledged.Sub(t.told))
		}
	}
	s := spreadOf(late)
	r.Generator = Generator{LateP99: s.P99, LateMax: s.Max, Behind: s.Max > milliseconds(behind)}
	r.Told = spreadOf(took)
}

// moment is one moment of a call.
type moment struct{ ref, name string }

const held = "OTHER_IN" // a dialer's call on Finesse before the message that tells its mode: it waits for that message

// judgeEvents looks at what became durable, and returns when the moments that records are written for were heard.
func judgeEvents(l load, samples [][]sample, in func(time.Time) bool, r *Report) map[moment]time.Time {
	heard := map[moment]time.Time{}
	accepted := 0
	var took []time.Duration
	for _, ofNode := range samples {
		for _, s := range ofNode {
			at := time.Unix(0, s.Received)
			if in(time.Unix(0, s.Accepted)) {
				accepted++
			}
			if s.Type == held {
				if in(at) {
					r.HeldOff++
				}
				continue
			}
			if m := (moment{s.Ref, s.Name}); heard[m].IsZero() {
				heard[m] = at
			}
			if in(at) {
				took = append(took, time.Duration(s.Accepted-s.Received))
			}
		}
	}
	r.EventsPerSecond = float64(accepted) / l.to.Sub(l.from).Seconds()
	r.Acknowledged = spreadOf(took)
	want := 0
	for _, c := range l.calls {
		want += c.story.stored
	}
	r.Lost += max(0, want-int(r.Events))
	r.Duplicates += max(0, int(r.Events)-want)
	return heard
}

// shown is one thing on one agent's screen.
type shown struct {
	agent      int
	call, what string
}

// judgePops looks at what came to each agent's desk: for each call of the agent its person's record and a page, as often
// as the story says. What came to somebody else is missing here and too much there.
func (w *world) judgePops(l load, pops []popped, in func(time.Time) bool, r *Report) {
	var records, pages []time.Duration
	seen := map[shown]int{}
	for _, p := range pops {
		took, heard := time.Duration(p.Arrived-p.Heard), time.Unix(0, p.Heard)
		s := shown{p.Agent, w.refOf(p.Call), p.Kind}
		switch p.Kind {
		case "record":
			s.what = p.Record
			if in(heard) {
				records = append(records, took)
			}
		case "page":
			if in(heard) {
				pages = append(pages, took)
			}
		}
		seen[s]++
	}
	for _, c := range l.calls {
		for what, want := range map[string]int{c.person.ID: c.story.pops, "page": c.story.pages} {
			s := shown{c.agent, c.id, what}
			n := seen[s]
			delete(seen, s)
			r.Duplicates += max(0, n-want)
			r.Lost += max(0, want-n)
		}
	}
	for s, n := range seen {
		if s.what != "note" {
			r.Misplaced += n
		}
	}
	r.Pop, r.Page = spreadOf(records), spreadOf(pages)
}

// judgeRecords looks at what the org holds: the finished call logs of each call. A write's latency counts from the moment
// that it tells of.
func (w *world) judgeRecords(l load, heard map[moment]time.Time, in func(time.Time) bool, r *Report) {
	r.Duplicates += len(w.org.Duplicates())
	finished := map[string]int{}
	for _, log := range w.org.Records("Task") {
		if log["Status"] == "Completed" {
			finished[w.refOf(log["CallObject"])]++
		}
	}
	stories := make(map[string]*story, len(l.calls))
	for _, c := range l.calls {
		r.Lost += max(0, c.story.logs-finished[c.id])
		r.Duplicates += max(0, finished[c.id]-c.story.logs)
		stories[c.id] = c.story
	}
	var took []time.Duration
	refs := map[string]string{} // by record id
	count := func(ref, name string, at time.Time) {
		if h, ok := heard[moment{ref, name}]; ok && in(h) {
			took = append(took, at.Sub(h))
		}
	}
	for _, write := range w.org.Writes("Task") {
		kind, _ := write.Fields["CallType"].(string)
		if ref := w.refOf(write.Fields["CallObject"]); stories[ref] != nil && kind != "Internal" { // not the log of a side talk
			refs[write.ID] = ref
			count(ref, stories[ref].made, write.At)
		}
		if ref := refs[write.ID]; ref != "" && write.Fields["Status"] == "Completed" {
			count(ref, stories[ref].finished, write.At)
		}
	}
	r.Record = spreadOf(took)
}

// refOf is the platform's id in a call's id.
func (w *world) refOf(callObject any) string {
	text, _ := callObject.(string)
	return strings.TrimPrefix(text, w.opts.connection+":")
}
