package main

import (
	"fmt"
	"net/url"
	"slices"
	"sync"

	"cordboard/sim/browser"
	simsalesforce "cordboard/sim/salesforce"
)

// verdict counts what a fault has broken.
type verdict struct {
	calls, messages, pops, late int

	lost    int // acknowledged messages that are not in the journal, or without their effects
	doubled int // effects beyond the one that there may be
	swapped int // messages of a call that are not in the order in which they were sent
	stuck   int // steps that are not over
	wrong   []string
}

func (v *verdict) say(count *int, format string, args ...any) {
	*count++
	v.wrong = append(v.wrong, fmt.Sprintf(format, args...))
}

func (v *verdict) String() string {
	return fmt.Sprintf("%d calls, %d acknowledged messages, %d pops shown, %d too late; %d lost, %d doubled, %d out of order, %d stuck",
		v.calls, v.messages, v.pops, v.late, v.lost, v.doubled, v.swapped, v.stuck)
}

// clean fails the test of a verdict that is not.
func (v *verdict) clean(w *world) {
	w.t.Helper()
	w.t.Log(v)
	for _, s := range v.wrong[:min(len(v.wrong), 20)] {
		w.t.Error(s)
	}
	if v.calls == 0 || v.pops == 0 {
		w.t.Error("nothing was tried")
	}
}

// judge waits until everything is over and looks at it from the outside: what the dialer was told, what the journal
// tells of it, what the org has and what the browsers showed. The dialer has ended.
func (f *feed) judge() *verdict {
	f.t.Helper()
	total := f.quiet()
	v := &verdict{calls: len(f.told), messages: f.messages}
	if total.Open > 0 {
		v.say(&v.stuck, "%d calls are still open", total.Open)
	}
	if n := total.Steps["dead"]; n > 0 || total.Kept > 0 {
		v.say(&v.stuck, "%d steps are dead, %d messages were not understood", n, total.Kept)
	}
	tasks := map[string][]simsalesforce.Record{}
	for _, task := range f.org.Records("Task") {
		id, _ := task["CallObject"].(string)
		tasks[id] = append(tasks[id], task)
	}
	for _, d := range f.org.Duplicates() {
		v.say(&v.doubled, "records share the key %s: %v", d.Key, d.IDs)
	}
	pops := map[string][]browser.Pop{}
	for agent, b := range f.browsers {
		for _, p := range b.Pops() {
			pops[p.Call+" "+agent] = append(pops[p.Call+" "+agent], p)
		}
	}
	stories := f.stories()
	for i, c := range f.told {
		id := "dialer:" + c.id
		v.call(c, stories[i])
		v.logs(c, tasks[id])
		v.screen(c, stories[i], pops[id+" "+c.agent], f.browsers[c.agent] != nil)
	}
	return v
}

// quiet waits until no step has anything left to do.
func (f *feed) quiet() (c counts) {
	f.t.Helper()
	quiet := 0
	f.await("no step is unfinished", func() bool {
		if f.get("/api/v1/counts", &c) != nil {
			return false
		}
		if quiet++; c.Steps["pending"]+c.Steps["retrying"]+c.Steps["parked"] > 0 {
			quiet = 0
		}
		return quiet > 5
	})
	return c
}

// stories are what the journal tells of each call; nil where it has none.
func (f *feed) stories() []*story {
	all := make([]*story, len(f.told))
	var asking sync.WaitGroup
	for part := range 8 {
		asking.Go(func() {
			for i := part; i < len(all); i += 8 {
				var s story
				if f.get("/api/v1/calls/"+url.PathEscape("dialer:"+f.told[i].id), &s) == nil {
					all[i] = &s
				}
			}
		})
	}
	asking.Wait()
	return all
}

// call compares what was acknowledged of a call with what the journal tells.
func (v *verdict) call(c *fedCall, s *story) {
	if s == nil {
		v.say(&v.lost, "call %s was acknowledged and is not there", c.id)
		return
	}
	var told []string
	for _, m := range s.Timeline {
		if m.Event.Name != "" {
			told = append(told, m.Event.Name)
		}
		for _, st := range m.Steps {
			if st.State != "done" && st.State != "skipped" {
				v.say(&v.stuck, "call %s: the step %s is %s: %s %s", c.id, st.Kind, st.State, st.Reason, st.Detail)
			}
		}
	}
	for _, word := range fedWords {
		switch n := len(told) - len(slices.DeleteFunc(slices.Clone(told), func(s string) bool { return s == word })); {
		case n == 0:
			v.say(&v.lost, "call %s: %s was acknowledged and is not there", c.id, word)
		case n > 1:
			v.say(&v.doubled, "call %s: %s is there %d times%s", c.id, word, n, s.told())
		}
	}
	if len(told) == len(fedWords) && !slices.Equal(told, fedWords) {
		v.say(&v.swapped, "call %s is told in another order%s", c.id, s.told())
	}
}

// logs wants one finished log that leads to the right person.
func (v *verdict) logs(c *fedCall, tasks []simsalesforce.Record) {
	switch {
	case len(tasks) == 0:
		v.say(&v.lost, "call %s has no log", c.id)
		return
	case len(tasks) > 1:
		v.say(&v.doubled, "call %s has %d logs", c.id, len(tasks))
	}
	if s := tasks[0]["Status"]; s != "Completed" {
		v.say(&v.lost, "call %s: its log is %v", c.id, s)
	}
	if who := tasks[0]["WhoId"]; who != c.person.ID {
		v.say(&v.lost, "call %s: its log leads to %v, want %s", c.id, who, c.person.ID)
	}
}

// screen wants one record and one page on the agent's screen, or the reason why it came too late.
func (v *verdict) screen(c *fedCall, s *story, shown []browser.Pop, open bool) {
	if s == nil {
		return
	}
	late := map[string]int{}
	for _, m := range s.Timeline {
		for _, st := range m.Steps {
			if st.State == "skipped" && (st.Reason == "late" || st.Reason == "no-desk") {
				late[st.Kind]++
				v.late++
			}
		}
	}
	if !open {
		return
	}
	for _, kind := range []string{"pop", "page"} {
		n := 0
		for _, p := range shown {
			if (p.Kind == "page") == (kind == "page") {
				n++
			}
		}
		v.pops += n
		switch {
		case n > 1:
			v.say(&v.doubled, "call %s: its %s was shown %d times", c.id, kind, n)
		case n+late[kind] == 0:
			v.say(&v.lost, "call %s: its %s was not shown", c.id, kind)
		}
	}
}
