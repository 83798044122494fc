package calling

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// memory is how far back attempts count at most: the longest window, and some.
const memory = 40 * day

// Gate answers questions from the ledger, and keeps what it decided. It is safe for concurrent use.
type Gate struct {
	policy *Policy
	ledger Ledger
	log    *slog.Logger
	keep   together[Decision]

	mu     sync.Mutex
	barred []func(ctx context.Context, numbers []string)
}

// NewGate returns a gate. A nil log discards.
func NewGate(p *Policy, l Ledger, log *slog.Logger) *Gate {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Gate{policy: p, ledger: l, log: log}
}

// Policy is the policy in force.
func (g *Gate) Policy() *Policy { return g.policy }

// Ask decides, and keeps the decision. A binding question that cannot be answered or whose answer cannot be kept is an error:
// nobody is called then.
func (g *Gate) Ask(ctx context.Context, stage Stage, q Question) (Verdict, error) {
	v, err := g.Try(ctx, q)
	if err != nil {
		return Verdict{}, err
	}
	if err := g.keep.store(ctx, Decision{At: q.At, Stage: stage, Question: q, Verdict: v}, g.ledger.Keep); err != nil {
		return Verdict{}, fmt.Errorf("keep why somebody may be called: %w", err)
	}
	return v, nil
}

// Try decides, and keeps nothing: for people who want to know.
func (g *Gate) Try(ctx context.Context, q Question) (Verdict, error) {
	h, err := g.ledger.Past(ctx, q.Number.E164, q.ContactKey(), q.At.Add(-memory))
	if err != nil {
		return Verdict{}, fmt.Errorf("whether somebody may be called: %w", err)
	}
	return g.policy.Decide(q, h), nil
}

// Wish stores what people wish. Who hears of barred numbers is told before it returns.
func (g *Gate) Wish(ctx context.Context, wishes []Wish) (changed int, err error) {
	if changed, err = g.ledger.Wish(ctx, wishes); err != nil || changed == 0 {
		return changed, err
	}
	var barred []string
	for _, w := range wishes {
		if w.What == NoCalls || w.What == Withdrew {
			barred = append(barred, w.Number)
		}
	}
	if len(barred) == 0 {
		return changed, nil
	}
	g.mu.Lock()
	hears := g.barred
	g.mu.Unlock()
	for _, hear := range hears {
		hear(ctx, barred)
	}
	return changed, nil
}

// settleEvery is the pause between two looks at what agents' wrap-ups say. Nobody is called meanwhile: a refusal counts before it is
// settled.
const settleEvery = time.Second

// Run turns refusals into wishes until ctx ends.
func (g *Gate) Run(ctx context.Context) error {
	tick := time.NewTicker(settleEvery)
	defer tick.Stop()
	for {
		if err := g.settle(ctx); err != nil && ctx.Err() == nil {
			g.log.Warn("people who do not want to be called could not be put on the list yet", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (g *Gate) settle(ctx context.Context) error {
	for {
		refused, err := g.ledger.Refused(ctx, 1000)
		if err != nil || len(refused) == 0 {
			return err
		}
		wishes := make([]Wish, len(refused))
		for i, e := range refused {
			wishes[i] = Wish{Number: e.Number, What: NoCalls, At: e.At, Who: "wrap-up", Why: "an agent's wrap-up of the call " + string(e.Call)}
		}
		if _, err := g.Wish(ctx, wishes); err != nil {
			return err
		}
		if err := g.ledger.Settle(ctx, refused); err != nil {
			return err
		}
	}
}

// OnBarred has somebody hear of numbers that must not be called any more, on this node: what waits for them can be cancelled. It
// may be told of some that were barred before. Whoever misses it is refused when he asks.
func (g *Gate) OnBarred(hear func(ctx context.Context, numbers []string)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.barred = append(g.barred[:len(g.barred):len(g.barred)], hear)
}
