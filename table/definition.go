package table

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"cordboard/config"
)

// Limits of a table.
const (
	maxColumns = 64
	maxKey     = 256 // bytes
	maxRow     = 8 << 10
)

// Definition is what a table is.
type Definition struct {
	// Name is what workflows call the table: small letters, digits and _.
	Name        string `yaml:"name" json:"name" config:"required"`
	Description string `yaml:"description,omitempty" json:"description,omitempty"`
	// Key is the column whose value finds a row. It is a text, and it stays as it is as long as the table exists.
	Key Key `yaml:"key" json:"key" config:"required"`
	// Columns are the others.
	Columns []Column `yaml:"columns" json:"columns" config:"required"`
	// Default is the row that stands in for every key that has none; nil when there is no such row.
	Default Values `yaml:"default,omitempty" json:"default,omitempty"`
	// File is the file that defines the table; empty for a table that people made.
	File string `yaml:"-" json:"file,omitempty"`
}

// Key is a table's key column.
type Key struct {
	Name        string `yaml:"name" json:"name" config:"required"`
	Description string `yaml:"description,omitempty" json:"description,omitempty"`
	// IgnoreCase finds a row whatever the case of the key's letters.
	IgnoreCase bool `yaml:"ignore_case,omitempty" json:"ignore_case,omitempty"`
}

// Column is one of a table's other columns.
type Column struct {
	Name        string `yaml:"name" json:"name" config:"required"`
	Type        Type   `yaml:"type" json:"type" config:"required"`
	Description string `yaml:"description,omitempty" json:"description,omitempty"`
	// Required refuses rows in which the column is empty.
	Required bool `yaml:"required,omitempty" json:"required,omitempty"`
}

var (
	tableName  = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)
	columnName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,62}$`)
)

// Check reports what is wrong with the definition, with the name of the key, and brings the default row's values into their
// form.
func (d *Definition) Check() error {
	switch {
	case !tableName.MatchString(d.Name):
		return config.At("name", errors.New("a table's name is of small letters, digits and _, and begins with a letter"))
	case !columnName.MatchString(d.Key.Name):
		return config.At("key", errors.New("the key column's name is of letters, digits and _, and begins with a letter"))
	case len(d.Columns) == 0 || len(d.Columns) > maxColumns:
		return config.At("columns", fmt.Errorf("a table has 1 to %d columns beside its key", maxColumns))
	}
	names := map[string]bool{d.Key.Name: true}
	for _, c := range d.Columns {
		if err := c.Check(); err != nil {
			return config.At("columns", err)
		}
		if names[c.Name] {
			return config.At("columns", fmt.Errorf("two columns are called %s", c.Name))
		}
		names[c.Name] = true
	}
	if d.Default == nil {
		return nil
	}
	values, err := d.Read(d.Default)
	if err != nil {
		return config.At("default", err)
	}
	d.Default = values
	return nil
}

// Check reports what is wrong with the column.
func (c *Column) Check() error {
	if !columnName.MatchString(c.Name) {
		return config.At("name", errors.New("a column's name is of letters, digits and _, and begins with a letter"))
	}
	if !slices.Contains(Types(), c.Type) {
		known := make([]string, len(Types()))
		for i, t := range Types() {
			known[i] = string(t)
		}
		return config.At("type", fmt.Errorf("there is no type %q: there are %s", c.Type, strings.Join(known, ", ")))
	}
	return nil
}

// Column returns the column of that name beside the key, or nil.
func (d *Definition) Column(name string) *Column {
	for i := range d.Columns {
		if d.Columns[i].Name == name {
			return &d.Columns[i]
		}
	}
	return nil
}

// names are the columns beside the key.
func (d *Definition) names() []string {
	names := make([]string, len(d.Columns))
	for i, c := range d.Columns {
		names[i] = c.Name
	}
	return names
}

// ID is the text by which the store finds a key: two keys that mean the same row have one.
func (d *Definition) ID(key string) string {
	if d.Key.IgnoreCase {
		return strings.ToLower(key)
	}
	return key
}

// CheckKey reports what is wrong with a key. The error does not hold it.
func (d *Definition) CheckKey(key string) error {
	if key == "" || len(key) > maxKey || !utf8.ValidString(key) || strings.TrimSpace(key) != key || strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return wrong(d.Key.Name, fmt.Errorf("a key is a text of 1 to %d bytes without control characters and without space around it", maxKey))
	}
	return nil
}

// Read brings values into the form of their columns; columns that are empty are kept as nil, so that a change can tell
// "empty it" from "leave it". The error wraps ErrValue and names the column.
func (d *Definition) Read(values Values) (Values, error) {
	out := make(Values, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		c := d.Column(name)
		if c == nil {
			hint := ""
			if near := config.Nearest(name, d.names()); near != "" {
				hint = fmt.Sprintf(" (did you mean %s?)", near)
			}
			return nil, wrong(name, fmt.Errorf("the table has no such column%s", hint))
		}
		x, err := c.Type.Value(values[name])
		if err != nil {
			return nil, wrong(name, err)
		}
		out[name] = x
	}
	return out, nil
}

// Fit is what a stored row has of the table's columns: what was stored when the table had others is left out.
func (d *Definition) Fit(values Values) Values {
	out := make(Values, len(values))
	for name, v := range values {
		if c := d.Column(name); c != nil {
			if x, err := c.Type.Value(v); err == nil && x != nil {
				out[name] = x
			}
		}
	}
	return out
}

// Same reports whether two definitions are the same, whoever wrote them.
func (d *Definition) Same(o *Definition) bool {
	return d.Name == o.Name && d.Description == o.Description && d.Key == o.Key && d.File == o.File &&
		slices.Equal(d.Columns, o.Columns) && (d.Default == nil) == (o.Default == nil) && maps.Equal(d.Default, o.Default)
}
