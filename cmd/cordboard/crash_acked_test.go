package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
)

// acked is what the journal's API had shown before the kills.
type acked struct {
	events, runs, calls int64
	seen                map[string]map[string]bool   // event ids by call
	done                map[string]map[string]string // final states of steps, by call and step
	samples             int
}

func newAcked() *acked {
	return &acked{seen: map[string]map[string]bool{}, done: map[string]map[string]string{}}
}

// sample asks a server that is about to be killed what it has.
func (a *acked) sample(w *world, rng *rand.Rand) {
	var c counts
	if w.get("/api/v1/counts", &c) != nil {
		return // it does not listen yet
	}
	if c.Events < a.events || c.Runs < a.runs || c.Calls < a.calls {
		w.t.Errorf("acknowledged things went away: %+v, before the start %d events, %d runs, %d calls", c, a.events, a.runs, a.calls)
	}
	a.events, a.runs, a.calls = c.Events, c.Runs, c.Calls
	var list struct {
		Calls []struct {
			State struct {
				ID string `json:"id"`
			} `json:"state"`
		} `json:"calls"`
	}
	if w.get("/api/v1/calls?limit=10", &list) != nil || len(list.Calls) == 0 {
		return
	}
	id := list.Calls[rng.IntN(len(list.Calls))].State.ID
	var s story
	if w.get("/api/v1/calls/"+id, &s) != nil {
		return
	}
	a.samples++
	a.seen[id], a.done[id] = map[string]bool{}, map[string]string{}
	for _, m := range s.Timeline {
		a.seen[id][m.Event.ID] = true
		for _, st := range m.Steps {
			if st.State == "done" || st.State == "skipped" {
				a.done[id][st.ID] = st.State
			}
		}
	}
}

// lost compares the samples with what there is at the end.
func (a *acked) lost(w *world, total counts) (wrong []string) {
	if total.Events < a.events || total.Runs < a.runs || total.Calls < a.calls {
		wrong = append(wrong, fmt.Sprintf("acknowledged things went away: %+v", total))
	}
	for id, events := range a.seen {
		var s story
		if err := w.get("/api/v1/calls/"+id, &s); err != nil {
			wrong = append(wrong, fmt.Sprintf("call %s was there and is gone: %v", id, err))
			continue
		}
		left, steps := maps.Clone(events), maps.Clone(a.done[id])
		for _, m := range s.Timeline {
			delete(left, m.Event.ID)
			for _, st := range m.Steps {
				if steps[st.ID] == st.State {
					delete(steps, st.ID)
				}
			}
		}
		if len(left)+len(steps) > 0 {
			wrong = append(wrong, fmt.Sprintf("call %s lost events %v, or steps that were over changed: %v", id, left, steps))
		}
	}
	return wrong
}
