package sqlite

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"cordboard/call"
	"cordboard/engine"
)

// encoded is a group with its bodies written, before the transaction starts.
type encoded struct {
	calls, events, runs, steps []string
	kept                       []any
}

func encode(g *engine.Group) (e encoded, err error) {
	if e.calls, err = bodies(g.Calls, func(c *engine.Call) string { return "call " + string(c.State.ID) }); err != nil {
		return e, err
	}
	if e.events, err = bodies(g.Events, func(ev *call.Event) string { return "event " + ev.ID }); err != nil {
		return e, err
	}
	if e.runs, err = bodies(g.Runs, func(r *engine.Run) string { return "run " + r.ID }); err != nil {
		return e, err
	}
	if e.steps, err = bodies(g.Steps, func(st *engine.Step) string { return "step " + st.ID }); err != nil {
		return e, err
	}
	for _, k := range g.Kept {
		m := k.Message
		if !json.Valid(m.Message) { // it is kept because it is broken: it need not be JSON
			m.SetText(m.Message)
		}
		body, err := body(&m)
		if err != nil {
			return e, fmt.Errorf("kept message: %w", err)
		}
		e.kept = append(e.kept, nanos(m.At), k.Reason, body)
	}
	return e, nil
}

func bodies[T any](items []T, name func(*T) string) ([]string, error) {
	out := make([]string, len(items))
	for i := range items {
		var err error
		if out[i], err = body(&items[i]); err != nil {
			return nil, fmt.Errorf("%s cannot be written as JSON: %w", name(&items[i]), err)
		}
	}
	return out, nil
}

// body writes v as JSON, without the escapes that only HTML needs.
func body(v any) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// nanos is a time as it is stored: nanoseconds since 1970; the zero time is 0.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

// optional is nanos with NULL for the zero time.
func optional(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixNano()
}

// moment is the inverse of nanos.
func moment(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}
