package table

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// MaxImport is how many rows one CSV file may bring.
const MaxImport = 200_000

// maxLines is how many mistakes of a CSV file are told.
const maxLines = 50

// LineError is a mistake in one line of a CSV file.
type LineError struct {
	Line    int    `json:"line"`
	Message string `json:"message"`
}

// ImportError are the mistakes of a CSV file, because of which nothing of it was taken.
type ImportError struct {
	Lines []LineError
	// More says that there are more than are told.
	More bool
}

// Error implements error.
func (e *ImportError) Error() string {
	return fmt.Sprintf("line %d: %s", e.Lines[0].Line, e.Lines[0].Message)
}

// ReadCSV reads rows for a table (RFC 4180, UTF-8). The first line names the columns, the key among them, in any order;
// columns that it does not name stay as they are, and an empty field empties its column. Where the first line has semicolons and no
// comma, semicolons separate. lines are the lines of the changes. The error is an *ImportError.
func (d *Definition) ReadCSV(src io.Reader) (changes []Change, lines []int, err error) {
	body, err := io.ReadAll(src)
	if err != nil {
		return nil, nil, fmt.Errorf("table: the file broke off: %w", err)
	}
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	r := csv.NewReader(bytes.NewReader(body))
	if head, _, _ := bytes.Cut(body, []byte("\n")); bytes.ContainsRune(head, ';') && !bytes.ContainsRune(head, ',') {
		r.Comma = ';'
	}
	r.ReuseRecord = true
	in := &importing{d: d, seen: map[string]int{}}
	if err := in.header(r); err != nil {
		return nil, nil, err
	}
	for in.next(r) {
	}
	if len(in.problem.Lines) > 0 {
		return nil, nil, &in.problem
	}
	return in.changes, in.lines, nil
}

// importing reads one CSV file.
type importing struct {
	d       *Definition
	columns []string // in the order of the file
	key     int      // which of them is the key
	changes []Change
	lines   []int
	seen    map[string]int // line by id
	problem ImportError
}

func (in *importing) wrong(line int, format string, args ...any) {
	if len(in.problem.Lines) >= maxLines {
		in.problem.More = true
		return
	}
	in.problem.Lines = append(in.problem.Lines, LineError{line, fmt.Sprintf(format, args...)})
}

// header reads the names of the columns.
func (in *importing) header(r *csv.Reader) error {
	names, err := r.Read()
	if err != nil {
		in.wrong(1, "the first line must name the columns: %s", strings.Join(append([]string{in.d.Key.Name}, in.d.names()...), ", "))
		return &in.problem
	}
	for i, name := range names {
		name = strings.TrimSpace(name)
		if slices.Contains(in.columns, name) {
			in.wrong(1, "the column %s is named twice", name)
		} else if name != in.d.Key.Name {
			if _, err := in.d.Read(Values{name: nil}); err != nil {
				in.wrong(1, "%v", err)
			}
		} else {
			in.key = i
		}
		in.columns = append(in.columns, name)
	}
	if !slices.Contains(in.columns, in.d.Key.Name) {
		in.wrong(1, "the key column %s is not among the columns", in.d.Key.Name)
	}
	if len(in.problem.Lines) > 0 {
		return &in.problem
	}
	return nil
}

// next reads a row; false means that there is no more.
func (in *importing) next(r *csv.Reader) bool {
	fields, err := r.Read()
	if errors.Is(err, io.EOF) {
		return false
	}
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		in.wrong(parse.StartLine, "%v", parse.Err)
		return errors.Is(err, csv.ErrFieldCount)
	}
	if err != nil {
		in.wrong(0, "%v", err)
		return false
	}
	line, _ := r.FieldPos(0)
	if len(in.changes) == MaxImport {
		in.wrong(line, "a file may bring %d rows", MaxImport)
		return false
	}
	c, err := in.row(fields)
	if err != nil {
		in.wrong(line, "%v", err)
		return true
	}
	id := in.d.ID(c.Key)
	if first, twice := in.seen[id]; twice {
		in.wrong(line, "its key is also in line %d", first)
		return true
	}
	in.seen[id] = line
	in.changes, in.lines = append(in.changes, c), append(in.lines, line)
	return true
}

func (in *importing) row(fields []string) (Change, error) {
	c := Change{Key: strings.Clone(fields[in.key])}
	if err := in.d.CheckKey(c.Key); err != nil {
		return c, err
	}
	values := Values{}
	for i, name := range in.columns {
		if i != in.key {
			values[name] = strings.Clone(fields[i])
		}
	}
	var err error
	if c.Set, err = in.d.Read(values); err != nil {
		return c, err
	}
	for _, column := range in.d.Columns {
		if x, named := c.Set[column.Name]; named && x == nil && column.Required {
			return c, wrong(column.Name, errors.New("it must not be empty"))
		}
	}
	return c, nil
}

// WriteCSV begins a CSV file of the table and returns what writes one row of it. Flush and check the writer at the end.
func (d *Definition) WriteCSV(w *csv.Writer) (row func(Row) error, err error) {
	names := d.names()
	if err := w.Write(append([]string{d.Key.Name}, names...)); err != nil {
		return nil, err
	}
	return func(r Row) error {
		fields := []string{r.Key}
		for _, name := range names {
			fields = append(fields, Field(r.Values[name]))
		}
		return w.Write(fields)
	}, nil
}

// Field is a value as people write it; nothing is the empty text.
func Field(x any) string {
	if x == nil {
		return ""
	}
	return fmt.Sprint(x)
}
