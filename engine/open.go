package engine

import (
	"context"

	"cordboard/call"
)

// Stories is as much of a [Reader] as whoever looks at the calls under way needs.
type Stories interface {
	// Calls lists calls, the newest first.
	Calls(ctx context.Context, f Filter) ([]CallRow, error)
	// Story returns everything stored of one call, in one consistent view, or ErrNotFound.
	Story(ctx context.Context, id call.ID) (Story, error)
}

// MostOpen is how many open calls of an agent are looked at: nobody works on more.
const MostOpen = 50
