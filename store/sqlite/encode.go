package sqlite

import (
	"encoding/json"
	"fmt"
	"time"

	"cordboard/call"
	"cordboard/engine"
	"cordboard/store/internal/column"
)

// encoded is a group with its bodies written, before the transaction starts. runs are those of each event.
type encoded struct {
	calls, events, runs, steps []string
	kept                       []any
}

func encode(g *engine.Group) (e encoded, err error) {
	if e.calls, err = column.Bodies(g.Calls, func(c *engine.Call) string { return "call " + string(c.State.ID) }); err != nil {
		return e, err
	}
	if e.events, err = column.Bodies(g.Events, func(ev *call.Event) string { return "event " + ev.ID }); err != nil {
		return e, err
	}
	if e.runs, err = column.Runs(g); err != nil {
		return e, err
	}
	if e.steps, err = column.Bodies(g.Steps, func(st *engine.Step) string { return "step " + st.ID }); err != nil {
		return e, err
	}
	for _, k := range g.Kept {
		m := k.Message
		if !json.Valid(m.Message) { // it is kept because it is broken: it need not be JSON
			m.SetText(m.Message)
		}
		body, err := column.Body(&m)
		if err != nil {
			return e, fmt.Errorf("kept message: %w", err)
		}
		e.kept = append(e.kept, column.Nanos(m.At), k.Reason, body)
	}
	return e, nil
}

// optional is nanos with NULL for the zero time.
func optional(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixNano()
}
