package journaltest

import (
	"context"
	"maps"

	"cordboard/engine"
)

// places is what a journal may have beside the engine's part: how far connections have read.
type places interface {
	engine.Journal
	Positions(ctx context.Context, connection string) (map[string]string, error)
	SetPositions(ctx context.Context, connection string, positions map[string]string) error
}

// positions are kept by connection and name, replaced, forgotten, and there after a restart.
func positions(s *suite) {
	has := func(connection string, want map[string]string) {
		s.Helper()
		got, err := s.j.(places).Positions(s.Context(), connection)
		if err != nil || !maps.Equal(got, want) {
			s.Errorf("%s: %v, %v, want %v", connection, got, err, want)
		}
	}
	set := func(connection string, positions map[string]string) {
		s.Helper()
		if err := s.j.(places).SetPositions(s.Context(), connection, positions); err != nil {
			s.Error(err)
		}
	}
	if _, ok := s.j.(places); !ok {
		s.Skip("the journal keeps no positions")
	}
	has("one", map[string]string{})
	set("one", nil)
	set("one", map[string]string{"shard-0": "17", "shard-1": "end", `od\d` + "\x00": "π"})
	set("two", map[string]string{"shard-0": "3"})
	set("one", map[string]string{"shard-0": "18", "shard-1": "", "never": ""})
	for range 2 {
		has("one", map[string]string{"shard-0": "18", `od\d` + "\x00": "π"})
		has("two", map[string]string{"shard-0": "3"})
		s.j = s.reopen()
	}
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	if err := s.j.(places).SetPositions(ctx, "two", map[string]string{"shard-0": "4"}); err == nil {
		s.Error("set although its context had ended")
	}
	has("two", map[string]string{"shard-0": "3"})
}
