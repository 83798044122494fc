package catalog

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"cordboard/call"
)

// Own reports whether the platform's rows are our words: its vendor publishes no table of events.
func (c *Catalog) Own(platform call.Platform) bool { return slices.Contains(c.own, platform) }

// parseWords reads the rows of a platform whose vendor publishes no table, with what is recommended beside each.
func parseWords(files fs.FS, platform call.Platform) ([]Row, error) {
	lines, err := readTable(files, "words", platform, wordsColumns)
	if err != nil {
		return nil, err
	}
	rows := make([]Row, 0, len(lines))
	for i, f := range lines {
		r := Row{
			Platform: platform, Mode: call.Mode(f[0]), CallType: f[1], Event: f[2],
			Leg: call.Role(f[3]), Phase: call.Phase(f[4]), Description: f[6],
		}
		if r.Recommended, err = parseActions(f[5]); err == nil {
			err = r.check()
		}
		if err != nil {
			return nil, fmt.Errorf("words of %s, row %d: %w", platform, i+1, err)
		}
		if find(rows, r.Mode, r.CallType, r.Event, r.Leg) >= 0 {
			return nil, fmt.Errorf("words of %s, row %d: listed twice for one leg", platform, i+1)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// parseActions reads actions joined by "+", or none.
func parseActions(text string) ([]Action, error) {
	if text == none {
		return []Action{}, nil
	}
	var actions []Action
	for word := range strings.SplitSeq(text, "+") {
		if !slices.Contains(Actions(), Action(word)) {
			return nil, fmt.Errorf("unknown action %q", word)
		}
		actions = append(actions, Action(word))
	}
	return union(actions, nil), nil
}
