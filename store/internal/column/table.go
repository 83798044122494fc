package column

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cordboard/table"
)

// Cells writes a row's values as JSON; "" for a row that is not there.
func Cells(v table.Values) (string, error) {
	if v == nil {
		return "", nil
	}
	return Body(v)
}

// CellsOf is the inverse of Cells. Numbers stay as they are written.
func CellsOf(body []byte) (v table.Values, err error) {
	if len(body) == 0 {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("a row as stored: %w", err)
	}
	return v, nil
}

// DefinitionOf reads a table's definition as it is stored.
func DefinitionOf(body []byte) (d table.Definition, err error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if err := dec.Decode(&d); err != nil {
		return d, fmt.Errorf("a table as stored: %w", err)
	}
	return d, nil
}

// Words is what a search in a table looks through: the key and the values in small letters.
func Words(key string, v table.Values) string {
	var b strings.Builder
	b.WriteString(strings.ToLower(key))
	for _, name := range slices.Sorted(maps.Keys(v)) {
		fmt.Fprintf(&b, "\n%s", strings.ToLower(fmt.Sprint(v[name])))
	}
	return b.String()
}

// Turned puts a page that was read backwards in order, and says on which sides there is more: it was read with one row more
// than the query's limit.
func Turned(q table.Query, rows []table.Row) table.Page {
	more := len(rows) > q.Limit
	p := table.Page{Rows: rows[:min(len(rows), q.Limit)], Earlier: q.After != "", Later: more}
	if q.Before != "" {
		slices.Reverse(p.Rows)
		p.Earlier, p.Later = more, true
	}
	return p
}
