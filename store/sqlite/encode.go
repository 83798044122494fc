package sqlite

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"cordboard/call"
	"cordboard/engine"
	"cordboard/store/internal/column"
)

// encoded is a group with its bodies written. runs are those of each event.
type encoded struct {
	calls               []string
	others              func() error // waits for what follows
	events, runs, steps []string
	packed              [][]byte
	kept                []any
}

// manyBodies is how many bodies are worth writing on another processor.
const manyBodies = 16

// encode writes the bodies of a group: those of its calls at once, the others while the calls are being stored.
func encode(g *engine.Group) (e *encoded, err error) {
	e = &encoded{}
	e.others = sync.OnceValue(func() error { return e.encodeOthers(g) })
	if len(g.Events)+len(g.Steps) >= manyBodies {
		go func() { _ = e.others() }() // whoever needs them waits for it, or is quicker
	}
	e.calls, err = column.Bodies(g.Calls, func(c *engine.Call) string { return "call " + string(c.State.ID) })
	return e, err
}

func (e *encoded) encodeOthers(g *engine.Group) (err error) {
	if e.events, err = column.Bodies(g.Events, func(ev *call.Event) string { return "event " + ev.ID }); err != nil {
		return err
	}
	e.packed = column.Packed(g.Events)
	if e.runs, err = column.Runs(g); err != nil {
		return err
	}
	if e.steps, err = column.Bodies(g.Steps, func(st *engine.Step) string { return "step " + st.ID }); err != nil {
		return err
	}
	for _, k := range g.Kept {
		m := k.Message
		if !json.Valid(m.Message) { // it is kept because it is broken: it need not be JSON
			m.SetText(m.Message)
		}
		body, err := column.Body(&m)
		if err != nil {
			return fmt.Errorf("kept message: %w", err)
		}
		e.kept = append(e.kept, column.Nanos(m.At), k.Reason, body)
	}
	return nil
}

// optional is nanos with NULL for the zero time.
func optional(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: column.Nanos(t), Valid: !t.IsZero()}
}
