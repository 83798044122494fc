package table

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"strconv"
	"time"
)

// Errors of tables; what a Store or Tables returns wraps them.
var (
	ErrNoTable = errors.New("there is no such table")
	ErrNoRow   = errors.New("there is no such row")
	// ErrValue means that a row cannot be as it was asked for; the error says in which column.
	ErrValue = errors.New("the row does not fit the table")
	// ErrChanged means that a row is not at the version that the change wants.
	ErrChanged = errors.New("the row was changed meanwhile")
)

// wrong says in which column a row does not fit. It holds no value.
func wrong(column string, err error) error { return fmt.Errorf("%w: %s: %w", ErrValue, column, err) }

// Row is a row as it is stored.
type Row struct {
	Key    string // as it was written
	Values Values // nil when the row is not there
	// Version is the number of the change that made the row what it is; 0 when none did.
	Version int64
	// Changed and By say when that was and who did it.
	Changed time.Time
	By      string
}

// Change is what is to become of one row.
type Change struct {
	Key string
	// Delete takes the row away; what follows does not count then.
	Delete bool
	// Whole makes Set the whole row; else columns that Set does not name stay as they are.
	Whole bool
	// Set are values in the form of their columns ([Definition.Read]); nil empties a column.
	Set Values
	// Add is what is added to columns of the type number; an empty one counts as 0.
	Add map[string]float64
	// If is the version that the row must have, 0 that it must not be there; nil asks nothing.
	If *int64
	// Once is the change's own key, unique in the table: a change whose key the history knows is not made again.
	Once string
}

// Apply is what a row becomes, before being what it is (its Version 0 when it is not there): nil when it goes. The error
// wraps ErrChanged or ErrValue. Stores call it inside their transaction.
func (d *Definition) Apply(before Row, c Change) (Values, error) {
	if c.If != nil && *c.If != before.Version {
		return nil, ErrChanged
	}
	if c.Delete {
		return nil, nil
	}
	after := Values{}
	if !c.Whole {
		after = d.Fit(before.Values)
	}
	for name, x := range c.Set {
		if x == nil {
			delete(after, name)
		} else {
			after[name] = x
		}
	}
	for name, n := range c.Add {
		sum, err := d.add(after, name, n)
		if err != nil {
			return nil, err
		}
		after[name] = sum
	}
	return after, d.complete(after)
}

func (d *Definition) add(after Values, name string, n float64) (any, error) {
	c := d.Column(name)
	if c == nil || c.Type != Number {
		return nil, wrong(name, errors.New("only to a column of the type number can be added"))
	}
	sum := n
	if old, ok := after[name].(json.Number); ok {
		f, err := old.Float64()
		if err != nil {
			return nil, wrong(name, err)
		}
		sum += f
	}
	if math.Abs(sum) > 1<<53 || math.IsNaN(sum) {
		return nil, wrong(name, errors.New("the sum is too large to be exact"))
	}
	return readNumber(strconv.FormatFloat(sum, 'g', 15, 64))
}

// complete reports a required column that is empty, and a row that is too large.
func (d *Definition) complete(v Values) error {
	for _, c := range d.Columns {
		if _, ok := v[c.Name]; c.Required && !ok {
			return wrong(c.Name, errors.New("it must not be empty"))
		}
	}
	if body, err := json.Marshal(v); err != nil || len(body) > maxRow {
		return wrong(d.Key.Name, fmt.Errorf("a row may have %d bytes", maxRow))
	}
	return nil
}

// Unchanged reports whether a change leaves a row as it is and needs no place in the history: it has no key of its own that
// had to be remembered.
func (c *Change) Unchanged(before Row, after Values) bool {
	return c.Once == "" && (before.Values == nil) == (after == nil) && maps.Equal(before.Values, after)
}
