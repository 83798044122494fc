package table

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"

	"cordboard/config"
)

// File is a table as a file defines it.
type File struct {
	Definition
	// First are the rows that the table has when it is made. From then on the rows are the table's own: what the file says of
	// them later changes nothing.
	First []Change
}

// written is what stands in a file; config calls the definition's Check.
type written struct {
	Definition `yaml:",inline"`
	Rows       []config.Raw `yaml:"rows"`
}

// ReadFile reads the YAML of a table's file. Every mistake is named with its line and column.
func ReadFile(name string, src []byte) (File, config.Problems) {
	var w written
	problems := config.Decode(name, src, &w)
	if len(problems) > 0 {
		return File{}, problems
	}
	f := File{Definition: w.Definition}
	f.File = name
	seen := map[string]bool{}
	for _, raw := range w.Rows {
		var cells map[string]any
		if found := raw.Decode(&cells); len(found) > 0 {
			problems = append(problems, found...)
			continue
		}
		c, err := f.row(cells)
		if err == nil && seen[f.ID(c.Key)] {
			err = errors.New("there is a row with this key above")
		}
		if err != nil {
			problems = append(problems, raw.Problem("%v", err))
			continue
		}
		seen[f.ID(c.Key)] = true
		f.First = append(f.First, c)
	}
	return f, problems
}

// YAML is the definition as a file would have it, without rows.
func (d *Definition) YAML() (string, error) {
	text, err := yaml.Marshal(d)
	return string(text), err
}

// row reads a row from cells by column, the key among them.
func (d *Definition) row(cells map[string]any) (Change, error) {
	key, err := Text.Value(cells[d.Key.Name])
	if err != nil || key == nil {
		return Change{}, wrong(d.Key.Name, errors.New("a row needs its key"))
	}
	values := Values{}
	for name, x := range cells {
		if name != d.Key.Name {
			values[name] = x
		}
	}
	return d.NewRow(fmt.Sprint(key), values)
}

// NewRow is the change that makes values the whole row of a key. The error wraps ErrValue.
func (d *Definition) NewRow(key string, values Values) (Change, error) {
	c := Change{Key: key, Whole: true}
	err := d.CheckKey(key)
	if err == nil {
		c.Set, err = d.Read(values)
	}
	if err == nil {
		_, err = d.Apply(Row{}, c)
	}
	return c, err
}
