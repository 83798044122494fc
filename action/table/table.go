package table

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"cordboard/engine"
	data "cordboard/table"
)

// Tables is what the steps need of data tables. *table.Tables of the room table is one.
type Tables interface {
	// Get returns the row of a key, or the default row; the error wraps table.ErrNoTable when there is no such table.
	Get(ctx context.Context, name, key string) (data.Found, error)
	// Change makes one change, once for each c.Once. The error wraps table.ErrNoTable, ErrValue, or ErrChanged, and with the
	// last comes the row as it is.
	Change(ctx context.Context, name, by string, c data.Change) (data.Found, error)
}

// Action performs the steps of one kind. It implements engine.Action and is safe for concurrent use.
type Action struct {
	tables Tables
	do     func(a *Action, ctx context.Context, in *engine.Input, g *args) engine.Outcome
}

// Actions returns the actions by their kinds.
func Actions(tables Tables) map[string]engine.Action {
	return map[string]engine.Action{
		kindGet:    &Action{tables, (*Action).get},
		kindPut:    &Action{tables, (*Action).put},
		kindDelete: &Action{tables, (*Action).delete},
	}
}

// args are the step's arguments, as Specs describes them.
type args struct {
	Table string                     `json:"table"`
	Key   string                     `json:"key"`
	Set   map[string]json.RawMessage `json:"set"`
	Add   map[string]json.RawMessage `json:"add"`
	If    json.RawMessage            `json:"if"`
}

// result is what later steps may refer to.
type result struct {
	Found   bool           `json:"found"`
	Version int64          `json:"version"`
	Stored  bool           `json:"stored,omitempty"`
	Row     map[string]any `json:"row"`
}

// Do implements engine.Action.
func (a *Action) Do(ctx context.Context, in engine.Input) engine.Outcome {
	var g args
	if err := json.Unmarshal(in.Args, &g); err != nil {
		return engine.Kill("bad-arguments", "the step's arguments cannot be read")
	}
	out := a.do(a, ctx, &in, &g)
	out.Request = in.Step.Kind + " " + g.Table
	return out
}

func (a *Action) get(ctx context.Context, _ *engine.Input, g *args) engine.Outcome {
	if g.Key == "" { // no key is no row: what a call does not carry is no mistake
		return did(data.Found{}, result{})
	}
	f, err := a.tables.Get(ctx, g.Table, g.Key)
	if err != nil {
		return failed(ctx, err)
	}
	out := did(f, result{})
	switch {
	case f.There:
		out.Answer = fmt.Sprintf("found, version %d", f.Version)
	case f.Values != nil:
		out.Answer = "not found: the default row"
	default:
		out.Answer = "not found"
	}
	return out
}

func (a *Action) put(ctx context.Context, in *engine.Input, g *args) engine.Outcome {
	c := data.Change{Key: g.Key, Set: data.Values{}, Add: map[string]float64{}}
	for name, raw := range g.Set {
		x, err := plain(raw)
		if err != nil {
			return engine.Kill("bad-row", "set: "+name+" is no single value")
		}
		c.Set[name] = x
	}
	for name, raw := range g.Add {
		n, err := number(raw)
		if err != nil {
			return engine.Kill("bad-row", "add: "+name+" is no number")
		}
		c.Add[name] = n
	}
	return a.change(ctx, in, g, c)
}

func (a *Action) delete(ctx context.Context, in *engine.Input, g *args) engine.Outcome {
	return a.change(ctx, in, g, data.Change{Key: g.Key, Delete: true})
}

func (a *Action) change(ctx context.Context, in *engine.Input, g *args, c data.Change) engine.Outcome {
	if len(g.If) > 0 && string(g.If) != "null" {
		v, err := number(g.If)
		if err != nil || v != float64(int64(v)) {
			return engine.Kill("bad-arguments", "if is no version of a row")
		}
		version := int64(v)
		c.If = &version
	}
	c.Once = in.Key
	if ctx.Err() != nil {
		return engine.Again("stopped", "the server stopped before the table was changed")
	}
	f, err := a.tables.Change(ctx, g.Table, author(&in.Step), c)
	if errors.Is(err, data.ErrChanged) {
		out := did(f, result{})
		out.State, out.Reason, out.Detail = engine.Skipped, "row-changed", changed(f)
		return out
	}
	if err != nil {
		return failed(ctx, err)
	}
	out := did(f, result{Stored: true})
	out.Answer = fmt.Sprintf("version %d", f.Version)
	return out
}

func changed(f data.Found) string {
	if !f.There {
		return "the row is not there any more"
	}
	return fmt.Sprintf("the row is at version %d", f.Version)
}

// author says in the history who changed a row.
func author(s *engine.Step) string { return fmt.Sprintf("workflow %s, call %s", s.Workflow, s.Call) }

// did is a step that found a row.
func did(f data.Found, r result) engine.Outcome {
	r.Found, r.Row = f.There, map[string]any{}
	if f.There {
		r.Version = f.Version
	}
	if f.Values != nil {
		r.Row = f.Cells()
	}
	encoded, err := json.Marshal(r)
	if err != nil {
		return engine.Kill("bad-result", err.Error())
	}
	return engine.Did(encoded)
}

// failed classifies an error that is no answer.
func failed(ctx context.Context, err error) engine.Outcome {
	switch {
	case errors.Is(err, data.ErrNoTable):
		return engine.Kill("no-table", "there is no table of that name")
	case errors.Is(err, data.ErrValue):
		return engine.Kill("bad-row", err.Error())
	case ctx.Err() != nil:
		return engine.Again("stopped", "the server stopped before the table answered")
	}
	return engine.Again("table-unreachable", "the store did not answer")
}

// plain is a value of a mapping: a text, a number or a truth value.
func plain(raw json.RawMessage) (any, error) {
	switch {
	case len(raw) > 0 && (raw[0] == '{' || raw[0] == '['):
		return nil, errors.New("no single value")
	case len(raw) > 0 && (raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9'):
		return json.Number(raw), nil
	}
	var x any
	err := json.Unmarshal(raw, &x)
	return x, err
}

// number is a number, or a text that is one.
func number(raw json.RawMessage) (float64, error) {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		text = string(raw)
	}
	return strconv.ParseFloat(text, 64)
}
