package salesforce

import (
	"context"
	"errors"
	"sync"
)

// flights lets several callers that want the same thing at the same time share one request. The first one makes it,
// in its own goroutine and under its own context; when that context ends, the next caller takes over.
type flights[T any] struct {
	mu   sync.Mutex
	open map[string]*flight[T]
}

type flight[T any] struct {
	done   chan struct{}
	result T
	err    error
}

func (f *flights[T]) do(ctx context.Context, key string, fetch func(context.Context) (T, error)) (T, error) {
	for {
		f.mu.Lock()
		running, ok := f.open[key]
		if !ok {
			running = &flight[T]{done: make(chan struct{}), err: errors.New("the request panicked")}
			if f.open == nil {
				f.open = map[string]*flight[T]{}
			}
			f.open[key] = running
			f.mu.Unlock()
			return f.lead(ctx, key, running, fetch)
		}
		f.mu.Unlock()
		select {
		case <-ctx.Done():
			return *new(T), ctx.Err()
		case <-running.done:
			if !errors.Is(running.err, context.Canceled) && !errors.Is(running.err, context.DeadlineExceeded) || ctx.Err() != nil {
				return running.result, running.err
			}
		}
	}
}

func (f *flights[T]) lead(ctx context.Context, key string, mine *flight[T], fetch func(context.Context) (T, error)) (T, error) {
	defer func() {
		f.mu.Lock()
		delete(f.open, key)
		f.mu.Unlock()
		close(mine.done)
	}()
	mine.result, mine.err = fetch(ctx)
	return mine.result, mine.err
}
