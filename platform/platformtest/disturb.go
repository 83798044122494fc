package platformtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"cordboard/call"
	"cordboard/platform"
)

// Disturb repeats messages and moves each of them by up to window: what a network, a bus and two sources of one story do to
// a stream. The messages need their times.
func Disturb(r *rand.Rand, stream []platform.Message, window time.Duration) []platform.Message {
	type moved struct {
		at time.Time
		m  platform.Message
	}
	var all []moved
	for _, m := range stream {
		for range 1 + r.IntN(3) {
			all = append(all, moved{m.At.Add(time.Duration(r.Int64N(int64(window)))), m})
		}
	}
	slices.SortStableFunc(all, func(a, b moved) int { return a.at.Compare(b.at) })
	var out []platform.Message
	for _, a := range all {
		out = append(out, a.m)
	}
	return out
}

// Calls decodes a stream and folds it as the house does: what is known is dropped, everything else becomes part of a call.
// Messages that cannot be decoded are left out.
func Calls(d platform.Decoder, stream []platform.Message) map[call.ID]call.State {
	calls, known, x := map[call.ID]call.State{}, map[string]bool{}, call.NewIndex()
	fold := func(events []call.Event) {
		for _, ev := range events {
			if known[ev.Key()] {
				continue
			}
			known[ev.Key()] = true
			x.Resolve(&ev)
			calls[ev.Call] = call.Apply(calls[ev.Call], &ev)
		}
	}
	for _, m := range stream {
		events, err := d.Decode(m)
		if err == nil {
			fold(events)
		}
	}
	fold(d.Flush(time.Time{}))
	return calls
}

// Summary is what the records of calls are made of: for every leg its role, its times, how it ended and its wrap-up code.
func Summary(calls map[call.ID]call.State) map[string]string {
	end := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	all := map[string]string{}
	for id, s := range calls {
		all[string(id)] = fmt.Sprint(s.Mode, " ", s.Customer, " ", s.Campaign)
		for i := range s.Legs {
			l := &s.Legs[i]
			all[string(id)+" "+l.ID] = fmt.Sprint(l.Role, " ", l.Talk(end), "/", l.Hold(end), "/", l.Wrap(end), " ", l.Phase(), " ", l.Wrapup, " open ", l.Open())
		}
	}
	return all
}
