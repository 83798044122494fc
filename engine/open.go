package engine

import (
	"context"
	"errors"

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

// OpenStories returns the stories of the open calls in which an agent has a part, the newest first, as far as they are wanted. A
// call that is deleted meanwhile is left out.
func OpenStories(ctx context.Context, journal Stories, agent string, wanted func(*call.State) bool) ([]Story, error) {
	rows, err := journal.Calls(ctx, Filter{Agent: agent, State: "open", Limit: MostOpen})
	if err != nil {
		return nil, err
	}
	var all []Story
	for i := range rows {
		if !wanted(&rows[i].State) {
			continue
		}
		story, err := journal.Story(ctx, rows[i].State.ID)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, story)
	}
	return all, nil
}
