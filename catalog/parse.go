package catalog

import (
	"embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"cordboard/call"
)

//go:embed supported/*.tsv recommended/*.tsv words/*.tsv
var tables embed.FS

// none stands in a table for "belongs to no row".
const none = "-"

var (
	supportedColumns   = []string{"mode", "call_type", "event", "leg", "phase", "description"}
	recommendedColumns = []string{"mode", "call_type", "event", "suggested", "supported_as", "legs", "description"}
	wordsColumns       = []string{"mode", "call_type", "event", "leg", "phase", "recommended", "description"}
)

// Load parses the embedded tables anew. Everybody but tests wants Default.
func Load() (*Catalog, error) { return load(tables) }

func load(files fs.FS) (*Catalog, error) {
	c := &Catalog{}
	for _, platform := range call.Platforms() {
		rows, err := parseSupported(files, platform)
		if err != nil {
			return nil, fmt.Errorf("catalog: %w", err)
		}
		recommended, err := parseRecommended(files, platform, rows)
		if err != nil {
			return nil, fmt.Errorf("catalog: %w", err)
		}
		words, err := parseWords(files, platform)
		if err != nil {
			return nil, fmt.Errorf("catalog: %w", err)
		}
		if len(words) > 0 && len(rows) > 0 {
			return nil, fmt.Errorf("catalog: %s has a vendor's table and words of ours", platform)
		}
		if len(words) > 0 {
			c.own = append(c.own, platform)
		}
		c.rows = append(append(c.rows, rows...), words...)
		c.recommended = append(c.recommended, recommended...)
	}
	c.byKey = index(c.rows)
	return c, nil
}

func parseSupported(files fs.FS, platform call.Platform) ([]Row, error) {
	lines, err := readTable(files, "supported", platform, supportedColumns)
	if err != nil {
		return nil, err
	}
	rows := make([]Row, 0, len(lines))
	for i, f := range lines {
		r := Row{
			Platform: platform, Mode: call.Mode(f[0]), CallType: f[1], Event: f[2],
			Leg: call.Role(f[3]), Phase: call.Phase(f[4]), Recommended: []Action{}, Description: f[5],
		}
		if err := r.check(); err != nil {
			return nil, fmt.Errorf("supported events of %s, row %d: %w", platform, i+1, err)
		}
		if find(rows, r.Mode, r.CallType, r.Event, r.Leg) >= 0 {
			return nil, fmt.Errorf("supported events of %s, row %d: listed twice for one leg", platform, i+1)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func (r Row) check() error {
	switch {
	case !slices.Contains(call.Modes(), r.Mode):
		return fmt.Errorf("unknown mode %q", r.Mode)
	case !slices.Contains(call.Roles(), r.Leg):
		return fmt.Errorf("unknown leg %q", r.Leg)
	case !slices.Contains(call.Phases(), r.Phase):
		return fmt.Errorf("unknown phase %q", r.Phase)
	case r.CallType == "" || r.Event == "" || r.Description == "":
		return errors.New("call type, event and description must not be empty")
	}
	return nil
}

// parseRecommended reads the recommended table and adds its actions to the rows it belongs to.
func parseRecommended(files fs.FS, platform call.Platform, rows []Row) ([]Recommendation, error) {
	lines, err := readTable(files, "recommended", platform, recommendedColumns)
	if err != nil {
		return nil, err
	}
	recommended := make([]Recommendation, len(lines))
	owners := make([][]int, len(lines)) // indexes into rows
	for i, f := range lines {
		r := Recommendation{
			Platform: platform, Mode: call.Mode(f[0]), CallType: f[1], Event: f[2],
			Suggested: f[3], Description: f[6], Actions: actionsIn(f[3]),
		}
		if owners[i], err = fold(r, rows, f[4], f[5]); err != nil {
			return nil, fmt.Errorf("recommended configurations of %s, row %d: %w", platform, i+1, err)
		}
		recommended[i] = r
	}
	for i := range recommended { // only now do the rows hold all their actions
		for _, at := range owners[i] {
			recommended[i].Rows = append(recommended[i].Rows, rows[at])
		}
	}
	return recommended, nil
}

// fold adds the actions of r to its rows, the legs (joined by "+") of the call type supportedAs, and returns their
// indexes.
func fold(r Recommendation, rows []Row, supportedAs, legs string) ([]int, error) {
	if len(r.Actions) == 0 {
		return nil, fmt.Errorf("no action in %q", r.Suggested)
	}
	if supportedAs == none {
		return nil, nil
	}
	var owners []int
	for leg := range strings.SplitSeq(legs, "+") {
		at := find(rows, r.Mode, supportedAs, r.Event, call.Role(leg))
		if at < 0 {
			return nil, fmt.Errorf("no supported row %s %s %s on the %s leg", r.Mode, supportedAs, r.Event, leg)
		}
		rows[at].Recommended = union(rows[at].Recommended, r.Actions)
		owners = append(owners, at)
	}
	return owners, nil
}

func find(rows []Row, mode call.Mode, callType, event string, leg call.Role) int {
	return slices.IndexFunc(rows, func(r Row) bool {
		return r.Mode == mode && r.Leg == leg && call.SameWord(r.CallType, callType) && call.SameWord(r.Event, event)
	})
}

// actionsIn reads the actions out of a page's words.
func actionsIn(suggested string) []Action {
	var actions []Action
	for i, phrase := range [...]string{"Screen pop", "Invoke SF Page", "Object Creation", "Object Update"} {
		if strings.Contains(suggested, phrase) {
			actions = append(actions, Actions()[i])
		}
	}
	return actions
}

func union(a, b []Action) []Action {
	both := []Action{}
	for _, action := range Actions() {
		if slices.Contains(a, action) || slices.Contains(b, action) {
			both = append(both, action)
		}
	}
	return both
}

// readTable returns the lines below the header; a platform without the file has none.
func readTable(files fs.FS, kind string, platform call.Platform, columns []string) ([][]string, error) {
	name := path.Join(kind, string(platform)+".tsv")
	file, err := files.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.Comma, r.Comment = '\t', '#'
	r.FieldsPerRecord = len(columns)
	lines, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(lines) == 0 || !slices.Equal(lines[0], columns) {
		return nil, fmt.Errorf("%s: the header must be %s", name, strings.Join(columns, ", "))
	}
	return lines[1:], nil
}
