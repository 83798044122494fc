package table

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Tables are the tables of one store. It is safe for concurrent use.
type Tables struct{ store Store }

// New returns the tables that a store keeps.
func New(store Store) *Tables { return &Tables{store} }

// Found is the answer to a question about one key.
type Found struct {
	Row
	// There is false when the key has no row; Values are then the default row's, if the table has one.
	There bool
	// Definition is the table's.
	Definition Definition
}

// Cells are the row's values with its key among them.
func (f *Found) Cells() map[string]any {
	cells := make(map[string]any, len(f.Values)+1)
	for name, v := range f.Values {
		cells[name] = v
	}
	cells[f.Definition.Key.Name] = f.Key
	return cells
}

// Get returns the row of a key, or the default row. The error wraps ErrNoTable.
func (t *Tables) Get(ctx context.Context, name, key string) (Found, error) {
	d, err := t.store.Table(ctx, name)
	if err != nil {
		return Found{}, err
	}
	row, err := t.store.Row(ctx, name, d.ID(key))
	if errors.Is(err, ErrNoRow) { // a key that nobody has put is no mistake
		return Found{Row: Row{Key: key, Values: d.Default}, Definition: d}, nil
	}
	row.Values = d.Fit(row.Values)
	return Found{row, true, d}, err
}

// Change makes one change; c.Set is as people or workflows wrote it. by is who does it. A row that is not at the version of
// c.If is an error that wraps ErrChanged; what was found then has the row as it is.
func (t *Tables) Change(ctx context.Context, name, by string, c Change) (Found, error) {
	d, err := t.store.Table(ctx, name)
	if err != nil {
		return Found{}, err
	}
	if err := d.CheckKey(c.Key); err != nil {
		return Found{}, err
	}
	if c.Set, err = d.Read(c.Set); err != nil {
		return Found{}, err
	}
	rows, err := t.store.Change(ctx, d, by, []Change{c})
	var row Row
	if refused, ok := errors.AsType[*ChangeError](err); ok {
		row = refused.Row
	} else if err == nil {
		row = rows[0]
	}
	if row.Key == "" {
		row.Key = c.Key
	}
	there := row.Values != nil
	row.Values = d.Fit(row.Values)
	return Found{row, there, d}, err
}

// Adopt makes the tables that files define, or brings them to what the files say now. A table that people made keeps its
// name: the error says so. A table whose file is gone is people's from now on.
func (t *Tables) Adopt(ctx context.Context, files []File) error {
	if err := t.release(ctx, files); err != nil {
		return err
	}
	for _, f := range files {
		old, err := t.store.Table(ctx, f.Name)
		switch {
		case errors.Is(err, ErrNoTable):
		case err != nil:
			return err
		case old.File == "":
			return fmt.Errorf("%s defines the table %s, which people have made already: give one of them another name", f.File, f.Name)
		case old.Key != f.Key:
			return fmt.Errorf("%s: the key of the table %s was %s: a key stays as it is as long as the table exists", f.File, f.Name, old.Key.words())
		case old.Same(&f.Definition):
			continue
		}
		if _, err := t.store.Define(ctx, f.Definition, "file "+f.File, f.First); err != nil {
			return fmt.Errorf("table %s: %w", f.Name, err)
		}
	}
	return nil
}

// release gives people the tables whose files are gone.
func (t *Tables) release(ctx context.Context, files []File) error {
	all, err := t.store.Tables(ctx)
	if err != nil {
		return err
	}
	for _, d := range all {
		if d.File == "" || slices.ContainsFunc(files, func(f File) bool { return f.Name == d.Name }) {
			continue
		}
		gone := d.File
		d.File = ""
		if _, err := t.store.Define(ctx, d, "file "+gone+" is gone", nil); err != nil {
			return fmt.Errorf("table %s: %w", d.Name, err)
		}
	}
	return nil
}

func (k *Key) words() string {
	if k.IgnoreCase {
		return k.Name + ", compared without case"
	}
	return k.Name + ", compared with case"
}
