package platformtest

import (
	"fmt"
	"maps"
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
	b := newBook()
	b.hear(d, stream)
	b.fold(d.Flush(time.Time{}))
	return b.calls
}

// primer is a decoder that can go on with the calls of another.
type primer interface{ Prime([]platform.OpenLeg) }

// resumed is what Calls returns when another decoder takes over before a message, and the source begins again so long
// before it. What the first decoder held back is lost with it.
func resumed(decoder func() platform.Decoder, stream []platform.Message, at int, again time.Duration) map[call.ID]call.State {
	b := newBook()
	b.hear(decoder(), stream[:at])
	next := decoder()
	if p, ok := next.(primer); ok {
		p.Prime(b.open())
	}
	from := at
	for from > 0 && stream[at-1].At.Sub(stream[from-1].At) < again {
		from--
	}
	b.hear(next, stream[from:])
	b.fold(next.Flush(time.Time{}))
	return b.calls
}

// book is a journal in memory.
type book struct {
	calls map[call.ID]call.State
	known map[string]bool
	index *call.Index
}

func newBook() *book {
	return &book{calls: map[call.ID]call.State{}, known: map[string]bool{}, index: call.NewIndex()}
}

// hear decodes a stream.
func (b *book) hear(d platform.Decoder, stream []platform.Message) {
	var now time.Time
	for _, m := range stream {
		if m.At.After(now) { // what comes late does not turn the clock back
			now = m.At
			b.fold(d.Flush(now))
		}
		events, err := d.Decode(m)
		if err == nil {
			b.fold(events)
		}
	}
}

func (b *book) fold(events []call.Event) {
	for _, ev := range events {
		if b.known[ev.Key()] {
			continue
		}
		b.known[ev.Key()] = true
		b.index.Resolve(&ev)
		b.calls[ev.Call] = call.Apply(b.calls[ev.Call], &ev)
	}
}

// open are the legs that have not ended, in the order of their calls.
func (b *book) open() (open []platform.OpenLeg) {
	for _, id := range slices.Sorted(maps.Keys(b.calls)) {
		s := b.calls[id]
		open = append(open, platform.OpenLegsOf(&s)...)
	}
	return open
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
