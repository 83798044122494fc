package tabletest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/google/go-cmp/cmp"

	"cordboard/table"
)

// once makes the same change again, later and at the same time from many sides.
func once(s *suite) {
	s.define(put("a", 1))
	c := table.Change{Key: "a", Add: map[string]float64{"a_number": 1}, Once: "step-1"}
	first := s.change(c)[0]
	s.change(put("a", 10))
	for range 2 {
		if again := s.change(c)[0]; again.Version != first.Version || again.Values["a_number"] != json.Number("2") {
			s.Errorf("made again: %+v, want %+v", again, first)
		}
		s.Store = s.reopen()
	}
	if got := s.row("a").Values["a_number"]; got != json.Number("10") {
		s.Errorf("the row is %v", got)
	}
	gone := table.Change{Key: "a", Delete: true, Once: "step-2"}
	s.change(gone)
	s.change(put("a", 11))
	s.change(gone)
	if got := s.row("a").Values["a_number"]; got != json.Number("11") {
		s.Errorf("deleted again: %v", got)
	}
	c.Once = "step-3"
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if rows, err := s.Change(s.Context(), waits(), "side", []table.Change{c}); err != nil || rows[0].Values["a_number"] != json.Number("12") {
				s.Errorf("at the same time: %v, %v", rows, err)
			}
		})
	}
	all.Wait()
	if n := len(s.entries("a")); n != 6 {
		s.Errorf("%d changes in the history, want 6", n)
	}
	other := waits()
	other.Name = "other"
	if _, err := s.Define(s.Context(), other, "suite", nil); err != nil {
		s.Fatal(err)
	}
	if rows, err := s.Change(s.Context(), other, "suite", []table.Change{c}); err != nil || rows[0].Values["a_number"] != json.Number("1") {
		s.Errorf("the same key in another table: %v, %v", rows, err)
	}
}

func allOrNone(s *suite) {
	d := s.define(put("a", 1))
	for _, bad := range []table.Change{{Key: "c", Set: table.Values{}}, {Key: "c", Set: put("c", 1).Set, If: version(1)}} {
		before := len(s.entries(""))
		_, err := s.Change(s.Context(), d, "suite", []table.Change{put("a", 2), put("b", 2), bad, put("d", 2)})
		refused, ok := errors.AsType[*table.ChangeError](err)
		if !ok || refused.Index != 2 {
			s.Fatalf("%v, want a refusal of the third change", err)
		}
		if got := s.row("a").Values["a_number"]; got != json.Number("1") || len(s.entries("")) != before {
			s.Errorf("a part of it was stored: %v", got)
		}
	}
}

// many changes are made together, more than a store reads or writes at once.
func many(s *suite) {
	d := s.define()
	var changes []table.Change
	for i := range 2500 {
		changes = append(changes, put(fmt.Sprintf("k%04d", i), i))
	}
	rows := s.change(changes...)
	if last := rows[2499]; last.Version != s.row("k2499").Version || last.Values["a_number"] != json.Number("2499") {
		s.Errorf("the last one: %+v", last)
	}
	changes[2300].If = version(1)
	_, err := s.Change(s.Context(), d, "suite", changes)
	if refused, ok := errors.AsType[*table.ChangeError](err); !ok || refused.Index != 2300 {
		s.Errorf("%v, want a refusal of change 2300", err)
	}
	changes[2300].If = nil
	if s.change(changes...); len(s.entries("k0001")) != 1 {
		s.Error("an import of what is there already is in the history")
	}
}

func pages(s *suite) {
	var first []table.Change
	for i := range 25 {
		first = append(first, put(fmt.Sprintf("K%02d", i), i))
	}
	s.define(first...)
	for _, c := range []struct {
		q              table.Query
		from, to       int // of the first and behind the last row
		earlier, later bool
	}{
		{table.Query{Limit: 10}, 0, 10, false, true},
		{table.Query{After: "k09", Limit: 10}, 10, 20, true, true},
		{table.Query{After: "k19", Limit: 10}, 20, 25, true, false},
		{table.Query{Before: "k20", Limit: 10}, 10, 20, true, true},
		{table.Query{Before: "k10", Limit: 10}, 0, 10, false, true},
		{table.Query{Limit: 25}, 0, 25, false, false},
		{table.Query{After: "k24", Limit: 5}, 0, 0, true, false},
	} {
		c.q.Count = true
		p, err := s.Page(s.Context(), "waits", c.q)
		var got, want []string
		for _, r := range p.Rows {
			got = append(got, r.Key)
		}
		for i := c.from; i < c.to; i++ {
			want = append(want, fmt.Sprintf("K%02d", i))
		}
		if !slices.Equal(got, want) || err != nil || p.Earlier != c.earlier || p.Later != c.later || p.Total != 25 {
			s.Errorf("%+v: %v, %v; earlier %v, later %v, total %d", c.q, got, err, p.Earlier, p.Later, p.Total)
		}
	}
}

func search(s *suite) {
	s.define(put("Alpha", 10), put("beta", 20), put("Gamma", 100))
	s.change(table.Change{Key: "beta", Set: table.Values{"a_text": `50% of_\ "ALPHA"`}})
	for text, want := range map[string][]string{
		"alpha": {"Alpha", "beta"}, "ALPHA": {"Alpha", "beta"}, "10": {"Alpha", "Gamma"}, "0%": {"beta"}, "_": {"beta"}, `\`: {"beta"}, "%": {"beta"}, "zeta": nil,
	} {
		p, err := s.Page(s.Context(), "waits", table.Query{Search: text, Limit: 10, Count: true})
		var got []string
		for _, r := range p.Rows {
			got = append(got, r.Key)
		}
		if !slices.Equal(got, want) || err != nil || p.Total != 3 {
			s.Errorf("%s: %v of %d, want %v; %v", text, got, p.Total, want, err)
		}
	}
}

func history(s *suite) {
	s.define()
	s.change(put("A", 1))
	s.change(put("b", 5))
	s.change(put("a", 2))
	s.change(table.Change{Key: "a", Delete: true})
	type told struct{ Key, Old, New any }
	var got []told
	last := int64(0)
	for _, e := range s.entries("") {
		if last != 0 && e.Number >= last || e.By != "suite" || e.At.IsZero() {
			s.Errorf("entry %+v behind number %d", e, last)
		}
		last = e.Number
		got = append(got, told{e.Key, e.Old["a_number"], e.New["a_number"]})
	}
	one, two := json.Number("1"), json.Number("2")
	want := []told{{"a", two, nil}, {"a", one, two}, {"b", nil, json.Number("5")}, {"A", nil, one}, {"", nil, nil}}
	if diff := cmp.Diff(want, got); diff != "" {
		s.Errorf("history (-want +got):\n%s", diff)
	}
	of := s.entries("a")
	if len(of) != 3 || of[0].New != nil || of[2].Old != nil {
		s.Fatalf("history of one row: %+v", of)
	}
	older, err := s.History(s.Context(), "waits", table.HistoryQuery{ID: "a", Before: of[0].Number, Limit: 1})
	if err != nil || len(older) != 1 || older[0].Number != of[1].Number {
		s.Errorf("older: %+v, %v", older, err)
	}
}

func reopenKeeps(s *suite) {
	d := s.define(put("a", 1))
	want, entries := s.row("a"), s.entries("")
	s.Store = s.reopen()
	if diff := cmp.Diff(want, s.row("a")); diff != "" {
		s.Error(diff)
	}
	if diff := cmp.Diff(entries, s.entries("")); diff != "" {
		s.Error(diff)
	}
	if got, err := s.Table(s.Context(), "waits"); err != nil || !got.Same(&d) {
		s.Errorf("table %+v, %v", got, err)
	}
	if v := s.change(put("b", 1))[0].Version; v <= entries[0].Number {
		s.Errorf("version %d after a restart, %d before", v, entries[0].Number)
	}
}

func cancelled(s *suite) {
	d := s.define(put("a", 1))
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	if _, err := s.Change(ctx, d, "suite", []table.Change{put("a", 2)}); err == nil {
		s.Error("changed although its context had ended")
	}
	if got := s.row("a").Values["a_number"]; got != json.Number("1") {
		s.Errorf("the row is %v", got)
	}
}
