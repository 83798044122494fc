package console_test

import (
	"log/slog"
	"testing"
)

// quiet is a logger that fails the test when something goes wrong that nobody expected.
func quiet(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(complaint{t}, &slog.HandlerOptions{Level: slog.LevelError}))
}

type complaint struct{ t testing.TB }

func (c complaint) Write(line []byte) (int, error) {
	c.t.Errorf("the console complains: %s", line)
	return len(line), nil
}
