package genesys_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/call"

	sim "cordboard/sim/genesys"
)

// TestDisturbedWire plays calls while the org repeats, delays and swaps what it sends and its sockets break, and wants the
// moments that the same calls bring undisturbed: whatever was lost is made up for. Holds are left out, because one that
// begins and ends while nobody listens is never heard of.
func TestDisturbedWire(t *testing.T) {
	clean := newOrg(t, sim.Config{Users: 3})
	quiet := clean.listening(t, silent())
	o := newOrg(t, sim.Config{Users: 3, Seed: 7})
	o.quick = true
	sink := o.listening(t, silent())
	for _, f := range []sim.Fault{
		{Kind: sim.Duplicate, Probability: 0.3, Via: "socket"}, {Kind: sim.Swap, Probability: 0.1, Via: "socket"},
		{Kind: sim.Shuffle, Probability: 0.5, Via: "socket", Delay: sim.Delay(20 * time.Millisecond)}, {Kind: sim.Drop, Probability: 0.05, Via: "socket"},
	} {
		if err := o.AddFault(f); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cutting := make(chan struct{})
	go func() {
		defer close(cutting)
		r := rand.New(rand.NewPCG(1, 2))
		for ctx.Err() == nil {
			select {
			case <-ctx.Done():
			case <-time.After(time.Duration(r.IntN(400)) * time.Millisecond):
				_ = o.Cut("") // there may be nothing to cut
			}
		}
	}()
	for _, script := range []string{
		"inbound", "inbound_ring_no_answer", "inbound_consult_transfer", "inbound_consult_no_answer", "manual_outbound_blind_transfer",
		"predictive", "preview_dialed", "preview_skipped",
	} {
		want := clean.play(t, script, 0)
		got := o.playScaled(t, script, 0.03)
		settled := func(of *org, r sim.Result, events []call.Event) bool {
			return ended(ofCall(r, events)) >= len(of.tellers(r)) && of.wrapped(r, ofCall(r, events))
		}
		quiet.Await(t, "the end of "+script, func() bool { return settled(clean, want, quiet.Events()) })
		sink.Await(t, "the end of "+script, func() bool { return settled(o, got, sink.Events()) })
		if a, b := sentences(want, quiet.Events()), sentences(got, sink.Events()); !slices.Equal(a, b) {
			t.Errorf("%s:\nundisturbed %q\ndisturbed   %q", script, a, b)
		}
	}
	cancel()
	<-cutting
}

func ofCall(r sim.Result, events []call.Event) []call.Event {
	return slices.DeleteFunc(slices.Clone(events), func(ev call.Event) bool { return ev.Ref != r.Conversation })
}

// sentences are the moments of each part of a call, in the words that count for records.
func sentences(r sim.Result, events []call.Event) []string {
	state := fold(ofCall(r, events))
	var all []string
	for _, l := range state.Legs {
		place := slices.Index(r.Agents, l.Agent)
		var words []string
		for _, m := range l.Moments {
			if m.Name != "" && m.Name != "held" {
				words = append(words, m.Name)
			}
		}
		slices.Sort(words)
		all = append(all, fmt.Sprint(place, " ", state.Mode, " ", l.Wrapup, " ", state.Open(), " ", strings.Join(words, " ")))
	}
	slices.Sort(all)
	return all
}
