package calling

import (
	"context"
	"sync"
)

// together stores what several callers bring at the same time in one go: whoever comes while nothing is being stored stores for
// all who came meanwhile. A call returns when its item is stored. The zero value is ready.
type together[T any] struct {
	mu      sync.Mutex
	waiting []brought[T]
	busy    bool
}

type brought[T any] struct {
	item T
	done chan error
}

// atOnce is how many items go into one store at most.
const atOnce = 500

func (g *together[T]) store(ctx context.Context, item T, store func(context.Context, []T) error) error {
	mine := brought[T]{item, make(chan error, 1)}
	g.mu.Lock()
	g.waiting = append(g.waiting, mine)
	leads := !g.busy
	g.busy = true
	g.mu.Unlock()
	if leads {
		g.lead(context.WithoutCancel(ctx), store) // others rely on it
	}
	select {
	case err := <-mine.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *together[T]) lead(ctx context.Context, store func(context.Context, []T) error) {
	for {
		g.mu.Lock()
		some := g.waiting[:min(len(g.waiting), atOnce)]
		g.waiting = g.waiting[len(some):]
		g.busy = len(some) > 0
		g.mu.Unlock()
		if len(some) == 0 {
			return
		}
		items := make([]T, len(some))
		for i := range some {
			items[i] = some[i].item
		}
		err := store(ctx, items)
		for i := range some {
			some[i].done <- err
		}
	}
}
