package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"cordboard/engine"
)

const (
	// mostBarred is of how many numbers the waiting retries are looked for at once; of a longer list, such as an import, each
	// retry is refused when its time comes.
	mostBarred = 100
	// whoBars is who ends a retry, in its story.
	whoBars = "the person is not to be called"
	// submits is the kind of step that has somebody called again.
	submits = "contact.submit"
)

// canceller ends steps; [engine.Engine] is one.
type canceller interface {
	Cancel(ctx context.Context, step engine.StepRef, who string) error
}

// endRetries ends the retries that wait for numbers that must not be called any more. What it misses is refused when its time
// comes.
func endRetries(ctx context.Context, journal engine.Stories, steps canceller, log *slog.Logger, numbers []string) {
	for _, number := range numbers[:min(len(numbers), mostBarred)] {
		if err := endRetriesOf(ctx, journal, steps, number); err != nil && ctx.Err() == nil {
			log.Warn("a retry to a number that is not to be called waits on; it will be refused when its time comes", "error", err)
		}
	}
}

func endRetriesOf(ctx context.Context, journal engine.Stories, steps canceller, number string) error {
	rows, err := journal.Calls(ctx, engine.Filter{Text: number})
	if err != nil {
		return fmt.Errorf("the calls of a number: %w", err)
	}
	var errs []error
	for i := range rows {
		story, err := journal.Story(ctx, rows[i].State.ID)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, st := range slices.Backward(story.Steps) { // the last one first: what is cancelled lets the next one begin
			if st.State.Final() || !slices.ContainsFunc(story.Steps, func(o engine.Step) bool { return o.Run == st.Run && o.Kind == submits }) {
				continue
			}
			if err := steps.Cancel(ctx, st.Ref(), whoBars); err != nil && !errors.Is(err, engine.ErrFinal) {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}
