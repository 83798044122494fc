package table

import "time"

// Present is what a store has of the rows that changes are about.
type Present struct {
	// Rows are those that are there, by their ids.
	Rows map[string]Row
	// Done are changes that the history knows, by their Once: the rows as they left them.
	Done map[string]Row
}

// Effect is one change as a store writes it: into the history, and into the row's place, or out of it.
type Effect struct {
	ID     string
	Once   string
	Before Row
	After  Row // its Values are nil when the row goes
}

// Plan says what changes come to: the rows as [Rows.Change] tells them, and what has to be written. next draws the numbers of
// changes. It is what every store does between reading and writing; the error is a *ChangeError.
func (d *Definition) Plan(now Present, changes []Change, by string, at time.Time, next func() int64) (rows []Row, effects []Effect, err error) {
	rows = make([]Row, len(changes))
	for i := range changes {
		c := &changes[i]
		id := d.ID(c.Key)
		if done, ok := now.Done[c.Once]; ok && c.Once != "" {
			rows[i] = done
			continue
		}
		before := now.Rows[id]
		values, err := d.Apply(before, *c)
		if err != nil {
			return nil, nil, &ChangeError{Index: i, Row: before, Err: err}
		}
		if rows[i] = before; c.Unchanged(before, values) {
			continue
		}
		rows[i] = Row{Key: c.Key, Values: values, Version: next(), Changed: at, By: by}
		effects = append(effects, Effect{id, c.Once, before, rows[i]})
	}
	return rows, effects, nil
}
