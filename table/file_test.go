package table

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cordboard/tables"
)

func TestReadFile(t *testing.T) {
	f, problems := ReadFile("t.yaml", []byte(`name: limits
key: { name: campaign, ignore_case: true }
columns:
  - { name: most, type: number, required: true }
  - { name: wait, type: duration }
  - { name: hours, type: hours }
  - { name: from, type: time }
default: { most: 3, wait: 2d }
rows:
  - { campaign: Winback, most: 1.50, hours: 9:00-17:00 }
  - { campaign: 7, most: 2, from: 2026-11-26T09:00:00+02:00 }
`))
	if problems != nil {
		t.Fatal(problems)
	}
	if diff := cmp.Diff(Values{"most": number("3"), "wait": "48h"}, f.Default); diff != "" {
		t.Error(diff)
	}
	want := []Change{
		{Key: "Winback", Whole: true, Set: Values{"most": number("1.5"), "hours": "09:00-17:00"}},
		{Key: "7", Whole: true, Set: Values{"most": number("2"), "from": "2026-11-26T07:00:00Z"}},
	}
	if diff := cmp.Diff(want, f.First); diff != "" {
		t.Error(diff)
	}
}

func number(text string) any {
	n, err := Number.Value(text)
	if err != nil {
		panic(err)
	}
	return n
}

// Ensure that every mistake in a file is named with its place.
func TestBrokenFiles(t *testing.T) {
	const good = "name: t\nkey: { name: k }\ncolumns: [{ name: n, type: number, required: true }, { name: w, type: duration }]\n"
	for src, want := range map[string]string{
		"name: t\nkey: { name: k }\n":                                         `f.yaml:1:5: "columns" is missing`,
		"name: T 1\nkey: { name: k }\ncolumns: [{ name: n, type: number }]\n": "f.yaml:1:7: a table's name",
		"name: t\nkey: { name: k }\ncolumns: [{ name: n, type: nmber }]\n":    `f.yaml:3:28: there is no type "nmber"`,
		"name: t\nkey: { name: k }\ncolumns: [{ name: k, type: number }]\n":   "two columns are called k",
		"name: t\nkey: { name: k }\ncolumns: [{ nam: k, type: number }]\n":    `did you mean "name"`,
		"name: t\nkey: { name: k, unique: true }\ncolumns: []\n":              `unknown key "unique"`,
		good + "default: { n: many }\n":                                       "f.yaml:4:10: ",
		good + "rows:\n  - { k: a, n: 1 }\n  - { k: a, n: 2 }\n":              "f.yaml:6:5: there is a row with this key above",
		good + "rows:\n  - { n: 1 }\n":                                        "f.yaml:5:5: the row does not fit the table: k: a row needs its key",
		good + "rows:\n  - { k: a, w: 1h }\n":                                 "n: it must not be empty",
		good + "rows:\n  - { k: a, n: 1, w: 240 }\n":                          "w: it is not of the type duration, such as 240m",
		good + "rows:\n  - { k: a, n: 1, wait: 1h }\n":                        "wait: the table has no such column",
		good + "rows:\n  - { k: a, n: 12345678901234567890 }\n":               "too large to be exact",
		good + "rows:\n  - { k: \" a\", n: 1 }\n":                             "without space around it",
		good + "rows:\n  - [a, 1]\n":                                          "this is a list, but a mapping is wanted",
	} {
		_, problems := ReadFile("f.yaml", []byte(src))
		if problems == nil || !strings.Contains(problems.Error(), want) {
			t.Errorf("%s\ngot  %v\nwant %s", src, problems, want)
		}
	}
}

func TestValues(t *testing.T) {
	for _, c := range []struct {
		typ  Type
		in   any
		want any // nil is a refusal
	}{
		{Number, "007", number("7")}, {Number, "-0.50", number("-0.5")}, {Number, "1e3", number("1000")}, {Number, "0x10", nil}, {Number, "NaN", nil},
		{Number, "1e999", nil}, {Number, "1_000", nil}, {Number, true, nil}, {Number, 2.5, number("2.5")}, {Number, "9007199254740993", number("9007199254740993")},
		{Bool, "True", true}, {Bool, "yes", nil}, {Bool, "1", nil},
		{Time, "2026-11-26", nil}, {Time, "2026-11-26T09:00:00.5Z", "2026-11-26T09:00:00.5Z"},
		{Duration, "240", nil}, {Duration, "-1h", nil}, {Duration, "1h30m", "1h30m"}, {Duration, "14d", "336h"},
		{Hours, "20:00-09:00", nil}, {Hours, "09:00", nil}, {Hours, "0:00-24:00", "00:00-24:00"}, {Hours, "09:60-10:00", nil}, {Hours, "9-10", nil},
		{Text, " a ", " a "}, {Text, strings.Repeat("x", maxText+1), nil}, {Text, "\xff", nil}, {Text, []any{"a"}, nil},
	} {
		got, err := c.typ.Value(c.in)
		if (err != nil) != (c.want == nil) || err == nil && got != c.want {
			t.Errorf("%s %v: %v, %v, want %v", c.typ, c.in, got, err, c.want)
		}
		if err == nil {
			if again, err := c.typ.Value(got); err != nil || again != got {
				t.Errorf("%s %v: its own form %v becomes %v, %v", c.typ, c.in, got, again, err)
			}
		}
	}
}

// Ensure that what ships is right.
func TestShipped(t *testing.T) {
	src, err := tables.FS.ReadFile("preview_retries_wrap_policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f, problems := ReadFile("shipped", src)
	if problems != nil || len(f.First) == 0 || f.First[0].Set["wait"] != "240m" {
		t.Errorf("%v, %+v", problems, f.First)
	}
}

// Ensure that no file makes the reader panic, and that whatever it takes is right.
func FuzzReadFile(f *testing.F) {
	f.Add([]byte("name: t\nkey: { name: k }\ncolumns: [{ name: n, type: number }]\nrows: [{ k: a, n: 1 }]"))
	f.Fuzz(func(t *testing.T, src []byte) {
		file, problems := ReadFile("f.yaml", src)
		if problems == nil {
			if err := file.Definition.Check(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
