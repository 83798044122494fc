package table

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// What people do with tables, by pages and by REST.

// Errors of what people want to do with a table.
var (
	// ErrOfFile means that a file defines the table, so that its columns are not people's to change.
	ErrOfFile = errors.New("a file defines this table: change the file")
	// ErrKept means that the rows of a table do not allow its definition to become what was asked for.
	ErrKept = errors.New("the table's rows do not allow this")
)

// Listed is a table in a list.
type Listed struct {
	Definition
	Rows int64 `json:"rows"`
}

// List returns all tables, by name.
func (t *Tables) List(ctx context.Context) ([]Listed, error) {
	all, err := t.store.Tables(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Listed, len(all))
	for i, d := range all {
		p, err := t.store.Page(ctx, d.Name, Query{Limit: 1, Count: true})
		if err != nil {
			return nil, err
		}
		out[i] = Listed{d, p.Total}
	}
	return out, nil
}

// Table returns one table. The error wraps ErrNoTable.
func (t *Tables) Table(ctx context.Context, name string) (Definition, error) {
	return t.store.Table(ctx, name)
}

// Page returns rows of a table in the order of their keys. The positions of q are keys, not ids.
func (t *Tables) Page(ctx context.Context, d Definition, q Query) (Page, error) {
	q.After, q.Before = d.ID(q.After), d.ID(q.Before)
	p, err := t.store.Page(ctx, d.Name, q)
	for i := range p.Rows {
		p.Rows[i].Values = d.Fit(p.Rows[i].Values)
	}
	return p, err
}

// History returns changes, the newest first: of the table, or of the row with a key.
func (t *Tables) History(ctx context.Context, d Definition, key string, before int64, limit int) ([]Entry, error) {
	return t.store.History(ctx, d.Name, HistoryQuery{ID: d.ID(key), Before: before, Limit: limit})
}

// eachPage is how many rows Each reads at once.
const eachPage = 1000

// Each calls do for every row, in the order of the keys. Rows that are changed meanwhile are seen before or after that.
func (t *Tables) Each(ctx context.Context, d Definition, do func(Row) error) error {
	for q := (Query{Limit: eachPage}); ; {
		p, err := t.Page(ctx, d, q)
		if err != nil {
			return err
		}
		for _, r := range p.Rows {
			if err := do(r); err != nil {
				return err
			}
		}
		if !p.Later || len(p.Rows) == 0 {
			return nil
		}
		q.After = p.Rows[len(p.Rows)-1].Key
	}
}

// Import puts the rows of a CSV file into a table, all or none, and returns how many the file has. The error wraps ErrNoTable,
// or is an *ImportError.
func (t *Tables) Import(ctx context.Context, name, by string, src io.Reader) (int, error) {
	d, err := t.store.Table(ctx, name)
	if err != nil {
		return 0, err
	}
	changes, lines, err := d.ReadCSV(src)
	if err != nil || len(changes) == 0 {
		return 0, err
	}
	_, err = t.store.Change(ctx, d, by, changes)
	if refused, ok := errors.AsType[*ChangeError](err); ok && errors.Is(err, ErrValue) {
		return 0, &ImportError{Lines: []LineError{{lines[refused.Index], refused.Error()}}}
	}
	return len(changes), err
}

// Define makes a table, or changes one that people made, and reports whether it is new. The key stays as it is, and no column
// may lose its type or become required while a row does not fit: the error wraps ErrKept then, ErrOfFile for a table that a
// file defines, or says what is wrong with the definition.
func (t *Tables) Define(ctx context.Context, d Definition, by string) (fresh bool, err error) {
	d.File = ""
	if err := d.Check(); err != nil {
		return false, fmt.Errorf("%w: %w", ErrValue, err)
	}
	old, err := t.store.Table(ctx, d.Name)
	switch {
	case errors.Is(err, ErrNoTable):
	case err != nil:
		return false, err
	case old.File != "":
		return false, ErrOfFile
	case old.Key.Name != d.Key.Name || old.Key.IgnoreCase != d.Key.IgnoreCase:
		return false, fmt.Errorf("%w: the key was %s, and it stays as it is as long as the table exists", ErrKept, old.Key.words())
	default:
		if err := t.fits(ctx, old, d); err != nil {
			return false, err
		}
	}
	return t.store.Define(ctx, d, by, nil)
}

// Make makes a table that people describe as a file would, with the rows that it begins with; fresh is false when there is one
// of this name, and then nothing was changed.
func (t *Tables) Make(ctx context.Context, f File, by string) (fresh bool, err error) {
	if _, err := t.store.Table(ctx, f.Name); !errors.Is(err, ErrNoTable) {
		return false, err
	}
	f.Definition.File = ""
	return t.store.Define(ctx, f.Definition, by, f.First)
}

// fits looks whether every row of a table still fits when it is defined anew.
func (t *Tables) fits(ctx context.Context, old, d Definition) error {
	return t.Each(ctx, old, func(r Row) error {
		for _, c := range d.Columns {
			x, err := c.Type.Value(r.Values[c.Name])
			if err == nil && x == nil && c.Required {
				err = errors.New("it must not be empty")
			}
			if err != nil {
				return fmt.Errorf("%w: %s of a row: %w", ErrKept, c.Name, err)
			}
		}
		return nil
	})
}

// Drop takes a table away that people made. Its history stays.
func (t *Tables) Drop(ctx context.Context, name, by string) error {
	d, err := t.store.Table(ctx, name)
	if err == nil && d.File != "" {
		err = ErrOfFile
	}
	if err != nil {
		return err
	}
	return t.store.Drop(ctx, name, by)
}
