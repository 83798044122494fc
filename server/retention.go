package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"cordboard/config"
	"cordboard/platform"
)

// RetentionConfig says for how long things are kept. What is older is deleted in small steps, all the time.
type RetentionConfig struct {
	// Messages is for how long the platforms' messages are kept as they came, 7d by default; 0 keeps them as long as
	// their calls. The events that were made of them stay with their calls; what could not be read goes.
	Messages config.Duration `yaml:"messages"`
	// Calls is for how long calls are kept after their last event, with everything that happened to them, 90d by
	// default; 0 keeps them for ever. A call that is open or has something left to do stays.
	Calls config.Duration `yaml:"calls"`
}

// shortestCalls keeps calls long enough that an event that is told again is known to be a duplicate.
const shortestCalls = 24 * time.Hour

// Check implements config's checking of what was read.
func (c *RetentionConfig) Check() error {
	if c.Calls != 0 && c.Calls.Std() < shortestCalls {
		return config.At("calls", fmt.Errorf("%s is too short: events that are told again are recognised by the calls that are kept; at least %s",
			c.Calls, shortestCalls))
	}
	return nil
}

// prunes is what a store deletes: at most max things older than before, in one small step. It returns how many, 0 when
// nothing more is that old.
type prunes func(ctx context.Context, before time.Time, max int) (int, error)

// The names of the metrics about what was deleted.
const (
	metricPrunedCalls    = "cordboard_pruned_calls_total"
	metricPrunedMessages = "cordboard_pruned_messages_total"

	metricPrunedAttempts  = "cordboard_pruned_attempts_total"
	metricPrunedDecisions = "cordboard_pruned_decisions_total"
)

// keepAttempts is how long offers and calls count, and some: no rule of the calling policy looks back further than 30 days.
const keepAttempts = 40 * 24 * time.Hour

var prunedHelp = map[string]string{
	metricPrunedCalls:    "Calls that were deleted because of their age.",
	metricPrunedMessages: "Events whose message was deleted because of its age, and unreadable messages.",

	metricPrunedAttempts:  "Offers and calls that no rule of the calling policy looks back to any more.",
	metricPrunedDecisions: "Reasons why somebody was called or not that were deleted because of their age.",
}

const (
	// pruneEvery is the pause between two looks at what has become old.
	pruneEvery = time.Minute
	// pruneShare bounds which part of the time is spent on deleting, when there is much to delete: commits wait for
	// a step that is under way.
	pruneShare = 5
)

// retention deletes what is older than the configuration wants.
type retention struct {
	log   *slog.Logger
	kinds []retained
}

// retained is one kind of thing that is kept for a time.
type retained struct {
	what   string
	keep   time.Duration
	prune  prunes
	atOnce int // few enough that no commit waits for long
	pruned prometheus.Counter
}

func newRetention(cfg RetentionConfig, decisions time.Duration, journal journal, metrics *prometheus.Registry, log *slog.Logger) *retention {
	r := &retention{log: log}
	counter := func(name string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: prunedHelp[name]})
		metrics.MustRegister(c)
		return c
	}
	for _, k := range []retained{
		{"messages", cfg.Messages.Std(), journal.PruneMessages, 100, counter(metricPrunedMessages)},
		{"calls", cfg.Calls.Std(), journal.Prune, 10, counter(metricPrunedCalls)},
		{"attempts", keepAttempts, journal.PruneAttempts, 100, counter(metricPrunedAttempts)},
		{"decisions", decisions, journal.PruneDecisions, 100, counter(metricPrunedDecisions)},
	} {
		if k.keep > 0 {
			r.kinds = append(r.kinds, k)
		}
	}
	return r
}

// run deletes until ctx ends. What fails is tried again with the next look.
func (r *retention) run(ctx context.Context) error {
	for {
		for _, k := range r.kinds {
			if err := k.sweep(ctx); err != nil && ctx.Err() == nil {
				r.log.Warn("what is old could not be deleted", "what", k.what, "error", err)
			}
		}
		if !platform.Pause(ctx, pruneEvery) {
			return nil
		}
	}
}

// sweep deletes everything that is old, step by step, with pauses that are longer than the steps.
func (k *retained) sweep(ctx context.Context) error {
	before := time.Now().Add(-k.keep)
	for {
		began := time.Now()
		n, err := k.prune(ctx, before, k.atOnce)
		if err != nil || n == 0 {
			return err
		}
		k.pruned.Add(float64(n))
		if !platform.Pause(ctx, max(10*time.Millisecond, (pruneShare-1)*time.Since(began))) {
			return errors.New("interrupted")
		}
	}
}
