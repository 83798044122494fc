package catalog

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// csvHeader names the columns of the CSV form; the JSON form uses the same names.
var csvHeader = []string{"platform", "mode", "call_type", "event", "leg", "phase", "recommended", "description"}

// WriteTable writes the rows as a table for a terminal, one line each, columns aligned with spaces.
func (c *Catalog) WriteTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.ToUpper(strings.ReplaceAll(strings.Join(csvHeader, "\t"), "_", " ")))
	for _, r := range c.rows {
		f := r.fields()
		if f[6] == "" {
			f[6] = "-"
		}
		fmt.Fprintln(t, strings.Join(f, "\t"))
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("catalog: write table: %w", err)
	}
	return nil
}

// WriteCSV writes a header and the rows as comma-separated values with RFC 4180 quoting and lines that end in a
// newline. The recommended actions are one field, joined by "+".
func (c *Catalog) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.Write(csvHeader)
	for _, r := range c.rows {
		out.Write(r.fields())
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("catalog: write CSV: %w", err)
	}
	return nil
}

// WriteJSON writes the rows as an indented JSON array of objects with the CSV form's names; recommended is an array.
func (c *Catalog) WriteJSON(w io.Writer) error {
	rows := c.rows
	if rows == nil {
		rows = []Row{}
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	if err := out.Encode(rows); err != nil {
		return fmt.Errorf("catalog: write JSON: %w", err)
	}
	return nil
}

// fields returns the row in the order of csvHeader.
func (r Row) fields() []string {
	actions := make([]string, len(r.Recommended))
	for i, a := range r.Recommended {
		actions[i] = string(a)
	}
	return []string{
		string(r.Platform), string(r.Mode), r.CallType, r.Event,
		string(r.Leg), string(r.Phase), strings.Join(actions, "+"), r.Description,
	}
}
