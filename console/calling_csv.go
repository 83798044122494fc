package console

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"cordboard/calling"
)

const (
	maxNumbers = 256 << 20 // bytes of a CSV file
	// importSome is how many numbers are stored together.
	importSome = 2000
	// mostBad is how many lines that could not be read are told.
	mostBad = 20
)

// imported is what became of a file of numbers.
type imported struct {
	Read  int       `json:"read"`  // lines with something in them
	Added int       `json:"added"` // that were not on the list
	Bad   int       `json:"bad"`   // that hold no number
	Lines []badLine `json:"lines,omitempty"`
}

// badLine is a line that holds no number. What it holds is not repeated.
type badLine struct {
	Line int    `json:"line"`
	Why  string `json:"why"`
}

func (i *imported) lines() (all []string) {
	for _, l := range i.Lines {
		all = append(all, fmt.Sprintf("Line %d: %s.", l.Line, l.Why))
	}
	if more := i.Bad - len(i.Lines); more > 0 {
		all = append(all, fmt.Sprintf("And %d lines more.", more))
	}
	return all
}

func (i *imported) complain(line int, why string) {
	if i.Bad++; len(i.Lines) < mostBad {
		i.Lines = append(i.Lines, badLine{line, why})
	}
}

// readNoCalls puts the numbers of a CSV file on the list: the first column is the number, the second the reason. A first line that
// holds no digits names the columns. What was read before something goes wrong stays.
func (c *Console) readNoCalls(r *http.Request, from io.Reader) (got imported, err error) {
	rows := csv.NewReader(from)
	rows.FieldsPerRecord, rows.ReuseRecord, rows.LazyQuotes = -1, true, true
	now, who := time.Now().UTC(), author(r)+", import"
	var wishes []calling.Wish
	store := func() error {
		n, err := c.cfg.Calling.Gate.Wish(r.Context(), wishes)
		got.Added, wishes = got.Added+n, wishes[:0]
		return err
	}
	for first := true; ; first = false {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return got, store()
		}
		if err != nil {
			return got, badRequest(fmt.Sprintf("The file cannot be read as CSV, or is too large; %d lines were taken in before.", got.Read))
		}
		line, _ := rows.FieldPos(0)
		text := strings.TrimPrefix(strings.TrimSpace(row[0]), "\ufeff")
		if first && !strings.ContainsAny(text, "0123456789") || text == "" {
			continue
		}
		got.Read++
		number := calling.E164(strings.TrimPrefix(text, "'"), c.cfg.Calling.Region)
		if number == "" {
			got.complain(line, "no telephone number with its country code")
			continue
		}
		w := calling.Wish{Number: number, What: calling.NoCalls, At: now, Who: who}
		if len(row) > 1 {
			w.Why = strings.Clone(row[1])
		}
		if wishes = append(wishes, w); len(wishes) == importSome {
			if err := store(); err != nil {
				return got, err
			}
		}
	}
}

func (c *Console) importNoCalls(w http.ResponseWriter, r *http.Request) {
	got, err := c.readNoCalls(r, http.MaxBytesReader(w, r.Body, maxNumbers))
	if err != nil {
		c.fail(w, r, err)
		return
	}
	answer(w, got)
}

// exportNoCalls writes the whole list, in the order of the numbers.
func (c *Console) exportNoCalls(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
	w.Header().Set("Content-Disposition", `attachment; filename="do-not-call.csv"`)
	w.Header().Set("Cache-Control", "no-store")
	rows := csv.NewWriter(w)
	_ = rows.Write([]string{"number", "why", "since", "who"})
	for after := ""; ; {
		some, err := c.cfg.Calling.Ledger.Listed(r.Context(), after, importSome)
		if err != nil {
			if r.Context().Err() == nil {
				c.cfg.Log.Error("console", "path", r.URL.Path, "error", err)
			}
			panic(http.ErrAbortHandler) // half a list must not look like a whole one
		}
		for _, v := range some {
			after = v.Number
			_ = rows.Write([]string{v.Number, harmless(v.Why), v.At.UTC().Format(time.RFC3339), harmless(v.Who)})
		}
		rows.Flush()
		if len(some) < importSome || rows.Error() != nil {
			return
		}
	}
}

// harmless is a text that a spreadsheet does not take for a formula.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

// count writes a number of things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
