package tabletest

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"

	"cordboard/table"
)

func roundTrip(s *suite) {
	d := s.define()
	values, err := d.Read(table.Values{
		"a_text": "“π” \\0 \\ \u0001\n'; DROP TABLE tables", "a_number": "12345678901234567", "a_bool": "TRUE",
		"a_time": "2026-11-26T10:00:00+01:00", "a_duration": "3d", "a_hours": "9:00-24:00",
	})
	if err != nil {
		s.Fatal(err)
	}
	before := time.Now().Add(-time.Minute)
	told := s.change(table.Change{Key: `K\0`, Set: values})[0]
	got := s.row(`k\0`)
	want := table.Values{
		"a_text": values["a_text"], "a_number": json.Number("12345678901234567"), "a_bool": true,
		"a_time": "2026-11-26T09:00:00Z", "a_duration": "72h", "a_hours": "09:00-24:00",
	}
	if diff := cmp.Diff(want, got.Values); diff != "" || got.Key != `K\0` || got.By != "suite" || got.Version == 0 {
		s.Errorf("row %+v\n%s", got, diff)
	}
	if diff := cmp.Diff(told, got); diff != "" {
		s.Errorf("what Change told is not what was stored:\n%s", diff)
	}
	if got.Changed.Before(before) || got.Changed.After(time.Now().Add(time.Minute)) {
		s.Errorf("changed at %s", got.Changed)
	}
}

func keys(s *suite) {
	s.define(put("ININ-SKIPPED", 1))
	s.change(put("inin-Skipped", 2), put("Größe", 3))
	if r := s.row("inin-skipped"); r.Key != "inin-Skipped" || r.Values["a_number"] != json.Number("2") {
		s.Errorf("the newest writing of a key: %+v", r)
	}
	s.row("größe")
	exact := waits()
	exact.Name, exact.Key.IgnoreCase = "exact", false
	if _, err := s.Define(s.Context(), exact, "suite", []table.Change{put("A", 1), put("a", 2)}); err != nil {
		s.Fatal(err)
	}
	for id, want := range map[string]json.Number{"A": "1", "a": "2"} {
		if r, err := s.Row(s.Context(), "exact", id); err != nil || r.Values["a_number"] != want {
			s.Errorf("%s: %+v, %v", id, r, err)
		}
	}
}

func mergeAndDelete(s *suite) {
	s.define(put("a", 1))
	s.change(table.Change{Key: "a", Set: table.Values{"a_text": "x", "a_bool": true}})
	s.change(table.Change{Key: "a", Set: table.Values{"a_text": nil}, Add: map[string]float64{"a_number": 1.5}})
	if diff := cmp.Diff(table.Values{"a_number": json.Number("2.5"), "a_bool": true}, s.row("a").Values); diff != "" {
		s.Error(diff)
	}
	whole := put("a", 7)
	whole.Whole = true
	s.change(whole)
	if diff := cmp.Diff(table.Values{"a_number": json.Number("7")}, s.row("a").Values); diff != "" {
		s.Error(diff)
	}
	_, err := s.Change(s.Context(), waits(), "suite", []table.Change{{Key: "b", Set: table.Values{"a_text": "x"}}})
	if !errors.Is(err, table.ErrValue) || !strings.Contains(err.Error(), "a_number") {
		s.Errorf("a row without what is required: %v", err)
	}
	gone := s.change(table.Change{Key: "a", Delete: true})[0]
	if _, err := s.Row(s.Context(), "waits", "a"); !errors.Is(err, table.ErrNoRow) || gone.Values != nil {
		s.Errorf("deleted: %v, %+v", err, gone)
	}
	s.change(table.Change{Key: "a", Delete: true})
}

func versions(s *suite) {
	s.define()
	last := int64(0)
	for i := range 3 {
		r := s.change(put("a", i))[0]
		if r.Version <= last {
			s.Errorf("version %d after %d", r.Version, last)
		}
		last = r.Version
		if same := s.change(put("a", i))[0]; same.Version != last {
			s.Errorf("a change that changes nothing made version %d of %d", same.Version, last)
		}
		last = max(last, s.change(table.Change{Key: "a", Delete: true})[0].Version)
	}
}

func compareAndSet(s *suite) {
	d := s.define()
	try := func(c table.Change, want error) table.Row {
		s.Helper()
		rows, err := s.Change(s.Context(), d, "suite", []table.Change{c})
		if !errors.Is(err, want) {
			s.Fatalf("%v, want %v", err, want)
		}
		if refused, ok := errors.AsType[*table.ChangeError](err); ok {
			return refused.Row
		}
		return rows[0]
	}
	with := func(c table.Change, v int64) table.Change { c.If = version(v); return c }
	try(with(put("a", 1), 7), table.ErrChanged)
	first := try(with(put("a", 1), 0), nil)
	if now := try(with(put("a", 2), 0), table.ErrChanged); now.Version != first.Version || now.Values["a_number"] != json.Number("1") {
		s.Errorf("the refusal does not have the row as it is: %+v", now)
	}
	second := try(with(put("a", 2), first.Version), nil)
	try(with(put("a", 3), first.Version), table.ErrChanged)
	try(with(table.Change{Key: "a", Delete: true}, first.Version), table.ErrChanged)
	try(with(table.Change{Key: "a", Delete: true}, second.Version), nil)
	try(with(put("a", 4), second.Version), table.ErrChanged)
	try(with(put("a", 4), 0), nil)
}

// addedAtOnce counts one row up from many sides: no count is lost, also while the row is not there yet.
func addedAtOnce(s *suite) {
	const sides, each = 8, 10
	s.define()
	var all sync.WaitGroup
	for range sides {
		all.Go(func() {
			for range each {
				if _, err := s.Change(s.Context(), waits(), "side", []table.Change{{Key: "n", Add: map[string]float64{"a_number": 1}}}); err != nil {
					s.Errorf("add: %v", err)
					return
				}
			}
		})
	}
	all.Wait()
	if got := s.row("n").Values["a_number"]; got != json.Number("80") {
		s.Errorf("counted %v, want %d", got, sides*each)
	}
	if n := len(s.entries("n")); n != sides*each {
		s.Errorf("%d changes in the history", n)
	}
}

// oneWins lets many say "only if it is not there": one of them succeeds.
func oneWins(s *suite) {
	s.define()
	var all sync.WaitGroup
	won := make(chan int, 8)
	for i := range cap(won) {
		all.Go(func() {
			c := put("n", i)
			c.If = version(0)
			if _, err := s.Change(s.Context(), waits(), "side", []table.Change{c}); err == nil {
				won <- i
			} else if !errors.Is(err, table.ErrChanged) {
				s.Errorf("put: %v", err)
			}
		})
	}
	all.Wait()
	if len(won) != 1 {
		s.Errorf("%d of them succeeded", len(won))
	}
}
