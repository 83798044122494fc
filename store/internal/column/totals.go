package column

import "cordboard/engine"

// Totals are by how much the totals of a journal change. Stores keep them beside the rows, so that nothing ever counts a
// large table.
type Totals struct {
	Events, Calls, Runs, Kept int64
	Steps                     map[engine.StepState]int64
}

// TotalsOf is what a group adds.
func TotalsOf(g *engine.Group) Totals {
	t := Totals{Events: int64(len(g.Events)), Runs: int64(len(g.Runs)), Kept: int64(len(g.Kept)), Steps: map[engine.StepState]int64{}}
	for i := range g.Calls {
		if g.Calls[i].Stored == 0 {
			t.Calls++
		}
	}
	for i := range g.Steps {
		st := &g.Steps[i]
		t.Steps[st.State]++
		if st.Stored != "" {
			t.Steps[st.Stored]--
		}
	}
	return t
}

// Columns are the changes in the order in which statements name them: events, calls, runs, kept, pending, retrying, parked,
// done, skipped, dead.
func (t *Totals) Columns() []any {
	return []any{t.Events, t.Calls, t.Runs, t.Kept, t.Steps[engine.Pending], t.Steps[engine.Retrying], t.Steps[engine.Parked],
		t.Steps[engine.Done], t.Steps[engine.Skipped], t.Steps[engine.Dead]}
}
