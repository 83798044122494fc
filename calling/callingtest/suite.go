// Package callingtest is the contract of [calling.Ledger] as tests, which every implementation runs.
package callingtest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cordboard/call"
	"cordboard/calling"
	"cordboard/engine"
)

// Subject is a store: what counts attempts is a journal, too, because events and attempts are stored together.
type Subject interface {
	calling.Ledger
	engine.Journal
	PruneAttempts(ctx context.Context, before time.Time, max int) (int, error)
	PruneDecisions(ctx context.Context, before time.Time, max int) (int, error)
}

const (
	ada   = "+12125550100"
	grace = "+12125550101"
)

var now = time.Date(2026, 11, 25, 17, 0, 0, 0, time.UTC)

// Run runs the suite. open returns a new store, and a function that closes it and opens it again.
func Run(t *testing.T, open func(t *testing.T) (s Subject, reopen func() Subject)) {
	for name, test := range map[string]func(t *testing.T, s Subject, reopen func() Subject){
		"each attempt counts once":                  once,
		"attempts of a contact's other numbers":     contacts,
		"attempts come with the events they are of": together,
		"the newest wish counts":                    wishes,
		"the list is read in pages":                 listed,
		"decisions are kept":                        decisions,
		"a refusal counts until it is settled":      refusals,
		"what is old is deleted":                    pruned,
		"a name may hold anything":                  names,
	} {
		t.Run(name, func(t *testing.T) {
			s, reopen := open(t)
			test(t, s, reopen)
		})
	}
}

func entry(kind calling.Kind, key, number, contact string, ago time.Duration) calling.Entry {
	return calling.Entry{Attempt: calling.Attempt{Kind: kind, At: now.Add(-ago)}, Key: key, Number: number, Contact: contact, Campaign: "Winback", Call: "north:1"}
}

func record(t *testing.T, s Subject, entries ...calling.Entry) {
	t.Helper()
	if err := s.Record(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
}

// history wants what is known of a number and a contact.
func history(t *testing.T, s Subject, number, contact string, want calling.History) {
	t.Helper()
	got, err := s.Past(t.Context(), number, contact, now.Add(-40*24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
}

func attempts(entries ...calling.Entry) calling.History {
	var h calling.History
	for _, e := range entries {
		h.Attempts = append(h.Attempts, e.Attempt)
	}
	return h
}

func once(t *testing.T, s Subject, reopen func() Subject) {
	offer, placed := entry(calling.Offered, "o", ada, "", 2*time.Hour), entry(calling.Placed, "p", ada, "", time.Hour)
	record(t, s, offer, placed, offer)
	record(t, s, placed, entry(calling.Placed, "p", grace, "", time.Hour))
	record(t, s)
	history(t, s, ada, "", attempts(offer, placed))
	s = reopen()
	record(t, s, placed)
	history(t, s, ada, "", attempts(offer, placed))
	history(t, s, "", "", calling.History{})
	got, err := s.Past(t.Context(), ada, "", now.Add(-90*time.Minute))
	if err != nil || len(got.Attempts) != 1 {
		t.Errorf("since an hour and a half: %+v, %v", got, err)
	}
}

func contacts(t *testing.T, s Subject, _ func() Subject) {
	first, second := calling.ContactKey("north", "list", "1"), calling.ContactKey("north", "list", "2")
	home, work := entry(calling.Placed, "a", ada, first, 3*time.Hour), entry(calling.Placed, "b", grace, first, 2*time.Hour)
	other := entry(calling.Offered, "c", grace, second, time.Hour)
	record(t, s, home, work, other)
	long, lately := entry(calling.Submitted, "s1", ada, first, 300*24*time.Hour), entry(calling.Submitted, "s2", ada, first, time.Hour)
	record(t, s, long, lately, entry(calling.Submitted, "s3", grace, second, time.Hour))
	want := attempts(home, work)
	want.Submitted = []time.Time{long.At, lately.At}
	history(t, s, ada, first, want)
	want = attempts(home, work, other)
	want.Submitted = []time.Time{long.At, lately.At}
	history(t, s, grace, first, want)
	history(t, s, grace, "", attempts(work, other))
}

// together commits attempts with a group, as the engine does, and the group again as after a crash that swallowed the answer.
func together(t *testing.T, s Subject, reopen func() Subject) {
	placed := entry(calling.Placed, "p", ada, "", time.Hour)
	group := func(i int) engine.Group {
		st := call.State{ID: call.ID(fmt.Sprint("north:", i)), Platform: call.Genesys, Connection: "north", Version: 1, Started: now, Last: now}
		ev := call.Event{ID: "e", Connection: "north", Platform: call.Genesys, Call: st.ID, Ref: fmt.Sprint(i), Leg: "1", At: now, Name: "dialing", Phase: call.Dialing}
		ev.ID = fmt.Sprint("e", i)
		return engine.Group{Events: []call.Event{ev}, Calls: []engine.Call{{State: st}}, Refs: map[call.Ref]call.ID{{Connection: "north", Ref: ev.Ref}: st.ID}, Attempts: []calling.Entry{placed}}
	}
	if err := s.Commit(t.Context(), group(1)); err != nil {
		t.Fatal(err)
	}
	history(t, s, ada, "", attempts(placed))
	if err := s.Commit(t.Context(), group(1)); err == nil {
		t.Error("the same group was stored twice")
	}
	if err := s.Commit(t.Context(), group(2)); err != nil { // another call tells of the same attempt
		t.Fatal(err)
	}
	history(t, reopen(), ada, "", attempts(placed))
}

func wish(t *testing.T, s Subject, want int, wishes ...calling.Wish) {
	t.Helper()
	if n, err := s.Wish(t.Context(), wishes); err != nil || n != want {
		t.Errorf("%d wishes changed something, want %d (%v)", n, want, err)
	}
}

func wishes(t *testing.T, s Subject, reopen func() Subject) {
	bar := calling.Wish{Number: ada, What: calling.NoCalls, At: now, Who: "ines", Why: "said so"}
	wish(t, s, 0, calling.Wish{Number: ada, What: calling.CallsAgain, At: now, Who: "x"}) // he is not on it
	wish(t, s, 1, bar, bar)
	wish(t, s, 0, calling.Wish{Number: ada, What: calling.NoCalls, At: now.Add(time.Hour), Who: "import"})
	wish(t, s, 1, calling.Wish{Number: ada, What: calling.Agreed, At: now, Who: "ines"})
	history(t, s, ada, "", calling.History{DoNotCall: "own list", Consent: calling.Given})
	wish(t, s, 2, calling.Wish{Number: ada, What: calling.Withdrew, At: now.Add(time.Minute), Who: "ines"}, calling.Wish{Number: ada, What: calling.CallsAgain, At: now, Who: "lead"})
	s = reopen()
	history(t, s, ada, "", calling.History{Consent: calling.Withdrawn})
	history(t, s, grace, "", calling.History{})
	story, err := s.WishesOf(t.Context(), ada)
	if err != nil || len(story) != 4 || story[0].What != calling.Withdrew || story[1].What != calling.CallsAgain || !story[1].At.After(now) {
		t.Errorf("%+v, %v", story, err)
	}
	if diff := cmp.Diff(bar, story[3]); diff != "" && cmp.Diff(bar, story[2]) != "" {
		t.Errorf("who, when and why (-want +got):\n%s", diff)
	}
}

func listed(t *testing.T, s Subject, _ func() Subject) {
	var all []calling.Wish
	for i := range 25 {
		all = append(all, calling.Wish{Number: fmt.Sprintf("+1212555%04d", i), What: calling.NoCalls, At: now, Who: "import"})
	}
	wish(t, s, 25, all...)
	wish(t, s, 1, calling.Wish{Number: all[3].Number, What: calling.CallsAgain, At: now, Who: "lead"})
	wish(t, s, 1, calling.Wish{Number: all[4].Number, What: calling.Withdrew, At: now, Who: "lead"})
	var got []string
	for after := ""; ; {
		page, err := s.Listed(t.Context(), after, 7)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, w := range page {
			got = append(got, w.Number)
		}
		after = got[len(got)-1]
	}
	if len(got) != 24 || got[3] != all[4].Number {
		t.Errorf("%d listed: %v", len(got), got)
	}
}

func decisions(t *testing.T, s Subject, reopen func() Subject) {
	for i := range 3 {
		d := calling.Decision{At: now.Add(time.Duration(i) * time.Minute), Stage: calling.Planning}
		d.Question = calling.Question{Number: calling.Number{E164: ada, Zones: []string{"America/New_York"}}, Connection: "north", List: "l", Contact: fmt.Sprint(i), Purpose: calling.Sales, At: d.At}
		d.Verdict = calling.Verdict{Reason: calling.OutsideHours, Rule: "us", Version: "1", Next: now.Add(time.Hour), Text: "It is late."}
		if err := s.Keep(t.Context(), []calling.Decision{d}); err != nil {
			t.Fatal(err)
		}
	}
	s = reopen()
	for _, c := range []struct {
		number, contact string
		want            int
	}{{ada, "", 3}, {"", calling.ContactKey("north", "l", "1"), 1}, {"", "", 3}, {grace, "", 0}} {
		got, err := s.DecisionsOf(t.Context(), c.number, c.contact, 10)
		if err != nil || len(got) != c.want {
			t.Fatalf("%d decisions, want %d: %v", len(got), c.want, err)
		}
		if c.want == 3 && (!got[0].At.Equal(now.Add(2*time.Minute)) || got[0].Verdict.Text != "It is late." || got[0].Question.Number.Zones[0] != "America/New_York" || got[0].Verdict.Reason != calling.OutsideHours) {
			t.Errorf("%+v", got[0])
		}
	}
	if got, err := s.DecisionsOf(t.Context(), "", "", 2); err != nil || len(got) != 2 {
		t.Errorf("%d, %v", len(got), err)
	}
}

func refusals(t *testing.T, s Subject, reopen func() Subject) {
	no, other := entry(calling.Refused, "r", ada, "", time.Hour), entry(calling.Refused, "r", grace, "", 50*24*time.Hour)
	record(t, s, no, other, entry(calling.Placed, "p", ada, "", time.Hour))
	s = reopen()
	for _, number := range []string{ada, grace} {
		if h, err := s.Past(t.Context(), number, "", now.Add(-40*24*time.Hour)); err != nil || h.DoNotCall == "" {
			t.Errorf("%+v, %v", h, err)
		}
	}
	got, err := s.Refused(t.Context(), 10)
	if err != nil || len(got) != 2 || got[0].Call != no.Call {
		t.Fatalf("%+v, %v", got, err)
	}
	if err := s.Settle(t.Context(), got); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Refused(t.Context(), 10); err != nil || len(got) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	history(t, s, ada, "", attempts(entry(calling.Placed, "p", ada, "", time.Hour)))
}

func pruned(t *testing.T, s Subject, _ func() Subject) {
	contact := calling.ContactKey("north", "list", "1")
	old, recent := entry(calling.Placed, "old", ada, "", 39*24*time.Hour), entry(calling.Placed, "new", ada, "", time.Hour)
	record(t, s, old, recent, entry(calling.Submitted, "s", ada, contact, 39*24*time.Hour))
	if n, err := s.PruneAttempts(t.Context(), now.Add(-24*time.Hour), 10); n != 1 || err != nil {
		t.Errorf("pruned %d, %v", n, err)
	}
	want := attempts(recent)
	want.Submitted = []time.Time{now.Add(-39 * 24 * time.Hour)}
	history(t, s, ada, contact, want)
	if err := s.Keep(t.Context(), []calling.Decision{{At: now, Question: calling.Question{Number: calling.Number{E164: ada}}}}); err != nil {
		t.Fatal(err)
	}
	if n, err := s.PruneDecisions(t.Context(), now, 10); n != 1 || err != nil { // the submission
		t.Errorf("pruned %d, %v", n, err)
	}
	if n, err := s.PruneDecisions(t.Context(), now.Add(time.Hour), 10); n != 1 || err != nil {
		t.Errorf("pruned %d, %v", n, err)
	}
	history(t, s, ada, contact, attempts(recent))
}

func names(t *testing.T, s Subject, reopen func() Subject) {
	odd := calling.ContactKey("nörth", `a\b`, "x\x00y")
	e := entry(calling.Offered, "k\x00\\", ada, odd, time.Hour)
	record(t, s, e, e)
	wish(t, s, 1, calling.Wish{Number: ada, What: calling.NoCalls, At: now, Who: "a\x00b", Why: `c\d`})
	s = reopen()
	history(t, s, "", odd, attempts(e))
	if story, err := s.WishesOf(t.Context(), ada); err != nil || len(story) != 1 || story[0].Who != "a\x00b" || story[0].Why != `c\d` {
		t.Errorf("%+v, %v", story, err)
	}
}
