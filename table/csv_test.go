package table

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func limits() *Definition {
	return &Definition{
		Name: "limits", Key: Key{Name: "code", IgnoreCase: true},
		Columns: []Column{{Name: "wait", Type: Duration, Required: true}, {Name: "tries", Type: Number}, {Name: "note", Type: Text}},
	}
}

func TestReadCSV(t *testing.T) {
	const src = "\ufeffnote,code,wait\r\n\"two\r\nlines, \"\"quoted\"\"\",A,3d\r\n,b,240m\r\n"
	changes, lines, err := limits().ReadCSV(strings.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	want := []Change{
		{Key: "A", Set: Values{"note": "two\nlines, \"quoted\"", "wait": "72h"}},
		{Key: "b", Set: Values{"note": nil, "wait": "240m"}},
	}
	if diff := cmp.Diff(want, changes); diff != "" || !cmp.Equal(lines, []int{2, 4}) {
		t.Errorf("lines %v\n%s", lines, diff)
	}
	if changes, _, err := limits().ReadCSV(strings.NewReader("code;wait;tries\na;1h;1.5\n")); err != nil || changes[0].Set["tries"] != number("1.5") {
		t.Errorf("semicolons: %+v, %v", changes, err)
	}
}

// Ensure that every mistake is told with its line, up to a limit, and nothing is taken.
func TestCSVMistakes(t *testing.T) {
	var many strings.Builder
	many.WriteString("code,wait\n")
	for i := range 60 {
		fmt.Fprintf(&many, "k%d,soon\n", i)
	}
	for src, want := range map[string][]string{
		"":                                 {"1: the first line must name the columns: code, wait, tries, note"},
		"wait\n1h\n":                       {"1: the key column code is not among the columns"},
		"code,wiat,code\n":                 {"1: the row does not fit the table: wiat: the table has no such column (did you mean wait?)", "1: the column code is named twice"},
		"code,wait\na,1h\nA,2h\nb,\n,1h\n": {"3: its key is also in line 2", "4: the row does not fit the table: wait: it must not be empty", "5: the row does not fit the table: code: a key is"},
		"code,wait\na,1h,x\nb\nc,240\n":    {"2: wrong number of fields", "3: wrong number of fields", "4: the row does not fit the table: wait: it is not of the type duration, such as 240m"},
		"code,wait\na,\"1h\nb,2h\n":        {"2: "},
		many.String():                      {"2: the row"},
	} {
		changes, _, err := limits().ReadCSV(strings.NewReader(src))
		in, ok := errors.AsType[*ImportError](err)
		if !ok || changes != nil {
			t.Fatalf("%.40q: %v, %v", src, changes, err)
		}
		for i, w := range want {
			if i >= len(in.Lines) || !strings.HasPrefix(fmt.Sprintf("%d: %s", in.Lines[i].Line, in.Lines[i].Message), w) {
				t.Errorf("%.40q: %v, want %q", src, in.Lines, w)
			}
		}
		if in.More != (len(src) > 200) || len(in.Lines) > maxLines {
			t.Errorf("%.40q: %d mistakes, more: %v", src, len(in.Lines), in.More)
		}
	}
}

// Ensure that what is exported comes back as it was.
func TestExportIsImported(t *testing.T) {
	d := limits()
	rows := []Row{
		{Key: `a,"b`, Values: Values{"wait": "1h", "tries": number("2.5"), "note": "=1+1\nπ;"}},
		{Key: "b", Values: Values{"wait": "2h"}},
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	row, err := d.WriteCSV(w)
	for _, r := range rows {
		err = errors.Join(err, row(r))
	}
	if w.Flush(); err != nil {
		t.Fatal(err)
	}
	changes, _, err := d.ReadCSV(&b)
	if err != nil || len(changes) != 2 {
		t.Fatal(err, changes)
	}
	for i, c := range changes {
		got, err := d.Apply(Row{}, c)
		if diff := cmp.Diff(rows[i].Values, got); diff != "" || err != nil || c.Key != rows[i].Key {
			t.Errorf("%q: %v\n%s", c.Key, err, diff)
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add([]byte("code,wait\na,1h\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		changes, lines, err := limits().ReadCSV(bytes.NewReader(src))
		if err == nil && len(changes) != len(lines) {
			t.Fatal("a change without a line")
		}
	})
}
