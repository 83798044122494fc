package tabletest

import (
	"errors"

	"github.com/google/go-cmp/cmp"

	"cordboard/table"
)

func definitions(s *suite) {
	if _, err := s.Table(s.Context(), "waits"); !errors.Is(err, table.ErrNoTable) {
		s.Errorf("a table that is not there: %v", err)
	}
	if _, err := s.Change(s.Context(), waits(), "suite", []table.Change{put("a", 1)}); !errors.Is(err, table.ErrNoTable) {
		s.Errorf("a row of a table that is not there: %v", err)
	}
	d := s.define()
	other := table.Definition{Name: "a_limits", Key: table.Key{Name: "k"}, Columns: []table.Column{{Name: "n", Type: table.Number}}}
	if _, err := s.Define(s.Context(), other, "suite", nil); err != nil {
		s.Fatal(err)
	}
	d.Description, d.Default = "what waits how long", table.Values{"a_text": "later"}
	if fresh, err := s.Define(s.Context(), d, "suite", []table.Change{put("late", 1)}); err != nil || fresh {
		s.Errorf("define again: new %v, %v", fresh, err)
	}
	got, err := s.Table(s.Context(), "waits")
	if err != nil || !got.Same(&d) {
		s.Errorf("read again: %v\n%s", err, cmp.Diff(d, got))
	}
	all, err := s.Tables(s.Context())
	if err != nil || len(all) != 2 || all[0].Name != "a_limits" || all[1].Name != "waits" {
		s.Errorf("all tables: %v, %v", all, err)
	}
	if _, err := s.Row(s.Context(), "waits", "late"); !errors.Is(err, table.ErrNoRow) {
		s.Errorf("a first row came although the table was there: %v", err)
	}
}

func firstRows(s *suite) {
	d := s.define(put("a", 1), put("b", 2))
	if s.row("b").By != "suite" {
		s.Errorf("row %+v", s.row("b"))
	}
	s.change(table.Change{Key: "a", Delete: true})
	if _, err := s.Define(s.Context(), d, "suite", []table.Change{put("a", 1)}); err != nil {
		s.Fatal(err)
	}
	if _, err := s.Row(s.Context(), "waits", "a"); !errors.Is(err, table.ErrNoRow) {
		s.Errorf("a row that people deleted came back: %v", err)
	}
}

func dropped(s *suite) {
	s.define(put("a", 1))
	old := s.row("a").Version
	for _, want := range []error{nil, table.ErrNoTable} {
		if err := s.Drop(s.Context(), "waits", "suite"); !errors.Is(err, want) {
			s.Fatalf("drop: %v, want %v", err, want)
		}
	}
	if _, err := s.Row(s.Context(), "waits", "a"); !errors.Is(err, table.ErrNoRow) {
		s.Errorf("the row of a dropped table: %v", err)
	}
	s.define(put("a", 1))
	if s.row("a").Version <= old {
		s.Error("the version of a row of a former table came back")
	}
	if all := s.entries(""); len(all) != 5 {
		s.Errorf("%d changes, want 5: made with a row, dropped, made with a row", len(all))
	}
}
