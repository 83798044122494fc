package server

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const ninetyDays = 90 * 24 * time.Hour

// Ensure that what is old is deleted soon and in small steps with pauses, and that a failure is tried again.
func TestRetention(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		store := &fakePruner{old: 1000, slow: 5 * time.Millisecond}
		r := &retention{log: slog.New(slog.DiscardHandler), kinds: []retained{
			{"calls", ninetyDays, store.prune, 10, prometheus.NewCounter(prometheus.CounterOpts{Name: "x"})},
		}}
		began := time.Now()
		ended := make(chan error, 1)
		go func() { ended <- r.run(ctx) }()
		time.Sleep(30 * time.Second)
		store.mu.Lock()
		if store.old != 0 || store.steps < 100 {
			t.Errorf("after 30 s %d of 1,000 are left after %d steps", store.old, store.steps)
		}
		if took := store.ended.Sub(began); store.busy*(pruneShare-1) > took {
			t.Errorf("the journal was busy with it for %v of %v", store.busy, took)
		}
		if age := began.Sub(store.before); age != ninetyDays {
			t.Errorf("deleted what is older than %v", age)
		}
		store.old, store.fails = 5, 1
		store.mu.Unlock()
		time.Sleep(2 * pruneEvery)
		store.mu.Lock()
		if store.old != 0 {
			t.Errorf("%d are left although the journal failed only once", store.old)
		}
		store.mu.Unlock()
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// Ensure that what is to be kept for ever is not even looked at.
func TestRetentionForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if err := newRetention(RetentionConfig{}, 0, unasked{}, prometheus.NewRegistry(), nil).run(ctx); err != nil {
			t.Error(err)
		}
	})
}

// unasked is a journal that nobody asks for anything.
type unasked struct{ journal }

func (unasked) Prune(context.Context, time.Time, int) (int, error)         { panic("asked") }
func (unasked) PruneAttempts(context.Context, time.Time, int) (int, error) { return 0, nil } // no rule needs the old ones
func (unasked) PruneMessages(context.Context, time.Time, int) (int, error) { panic("asked") }

type fakePruner struct {
	slow time.Duration

	mu                sync.Mutex
	old, steps, fails int
	busy              time.Duration
	before, ended     time.Time
}

func (f *fakePruner) prune(_ context.Context, before time.Time, max int) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fails > 0 {
		f.fails--
		return 0, errors.New("not now")
	}
	if f.old > 0 {
		time.Sleep(f.slow)
		f.busy, f.before, f.ended = f.busy+f.slow, before, time.Now()
		f.steps++
	}
	n := min(max, f.old)
	f.old -= n
	return n, nil
}

func TestRetentionSettings(t *testing.T) {
	for _, c := range []struct {
		text        string
		keep, calls time.Duration
		wrong       string
	}{
		{"{}", 7 * 24 * time.Hour, ninetyDays, ""},
		{"{messages: 0, calls: 0}", 0, 0, ""},
		{"{messages: 12h, calls: 365d}", 12 * time.Hour, 365 * 24 * time.Hour, ""},
		{"{calls: 23h}", 0, 0, "too short"},
		{"{messages: -1h}", 0, 0, "negative"},
	} {
		file := filepath.Join(t.TempDir(), "cordboard.yaml")
		if err := os.WriteFile(file, []byte("retention: "+c.text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, problems := LoadConfig(file)
		switch err := problems.Err(); {
		case c.wrong != "":
			if err == nil || !strings.Contains(err.Error(), c.wrong) || !strings.Contains(err.Error(), "cordboard.yaml:1:") {
				t.Errorf("%s: %v", c.text, err)
			}
		case err != nil:
			t.Errorf("%s: %v", c.text, err)
		case cfg.Retention.Messages.Std() != c.keep || cfg.Retention.Calls.Std() != c.calls:
			t.Errorf("%s: %+v", c.text, cfg.Retention)
		}
	}
}
