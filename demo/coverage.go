package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cordboard/call"
	"cordboard/catalog"
	"cordboard/engine"
)

// Covered is one row of the catalog with the script whose call brought it over the platform's own wire.
type Covered struct {
	catalog.Row
	Script string `json:"script"` // "" when no call brought it
}

// Coverage plays every script of every site and tells for each row of the catalog which of them brought it: the server
// heard it from the platform, took it for what the row says, and it is in the journal. The verdict is that of the same calls.
func (w *World) Coverage(ctx context.Context, scale float64) ([]Covered, Verdict, error) {
	played, err := w.playAll(ctx, 1, scale)
	if err != nil {
		return nil, Verdict{}, err
	}
	if err := w.settle(ctx); err != nil {
		return nil, Verdict{}, err
	}
	verdict, err := w.judge(ctx, played)
	if err != nil {
		return nil, verdict, err
	}
	brought := map[string]string{}
	slices.SortFunc(played, func(a, b Played) int {
		return slices.Index(scriptNames(a.site), a.Script) - slices.Index(scriptNames(b.site), b.Script)
	})
	for _, p := range played {
		if err := w.bring(ctx, p, brought); err != nil {
			return nil, verdict, err
		}
	}
	var all []Covered
	for _, r := range catalog.Default().Rows() {
		all = append(all, Covered{r, brought[rowKey(r)]})
	}
	return all, verdict, nil
}

// OfPages counts the events that the vendors' pages list, and those of which calls brought every row: a page lists an event
// once that has a row for each leg. Words of our own, for vendors who publish none, are not counted.
func OfPages(rows []Covered) (brought, all int) {
	cat := catalog.Default()
	whole := map[string]bool{}
	for _, r := range rows {
		if cat.Own(r.Platform) {
			continue
		}
		r.Leg = ""
		r.CallType, r.Event = strings.ToLower(r.CallType), strings.ToLower(r.Event)
		key := rowKey(r.Row)
		if before, known := whole[key]; known && !before {
			continue
		}
		whole[key] = r.Script != ""
	}
	for _, is := range whole {
		if is {
			brought++
		}
	}
	return brought, len(whole)
}

// bring notes the rows of the events that are stored of a call.
func (w *World) bring(ctx context.Context, p Played, brought map[string]string) error {
	told := map[call.ID]bool{}
	for _, ref := range p.Refs {
		id := call.ID(p.site.name + ":" + ref)
		if told[id] {
			continue
		}
		told[id] = true
		story, err := w.Server.Journal().Story(ctx, id)
		if errors.Is(err, engine.ErrNotFound) {
			continue // another id of the call names it
		}
		if err != nil {
			return fmt.Errorf("demo: the story of a call: %w", err)
		}
		joined := map[string]bool{} // legs that were in a conference
		for i := range story.Events {
			ev := &story.Events[i]
			if r, ok := rowOf(ev, story.Call.State.Mode, joined[ev.Leg]); ok && ev.Phase == r.Phase && brought[rowKey(r)] == "" {
				brought[rowKey(r)] = p.Script
			}
			joined[ev.Leg] = joined[ev.Leg] || ev.Phase == call.Conferenced
		}
	}
	return nil
}

// rowOf is the row of an event: that of its leg's role, or the only one there is. A leg that comes back from a conference
// has the row of a conference where the vendor's page lists the words a second time; our own words never do.
func rowOf(ev *call.Event, mode call.Mode, joined bool) (catalog.Row, bool) {
	if ev.Mode != "" {
		mode = ev.Mode
	}
	if mode == "" || ev.DataOnly() {
		return catalog.Row{}, false
	}
	role := ev.Role
	if joined && !catalog.Default().Own(ev.Platform) {
		role = call.ConferenceLeg
	}
	rows := catalog.Default().Lookup(ev.Platform, mode, ev.CallType, ev.Name)
	for _, leg := range [...]call.Role{role, ev.Role} {
		if i := slices.IndexFunc(rows, func(r catalog.Row) bool { return r.Leg == leg }); i >= 0 {
			return rows[i], true
		}
	}
	if len(rows) == 1 {
		return rows[0], true
	}
	return catalog.Row{}, false
}

func rowKey(r catalog.Row) string {
	return fmt.Sprint(r.Platform, "\x1f", r.Mode, "\x1f", r.CallType, "\x1f", r.Event, "\x1f", r.Leg)
}

func scriptNames(s *site) []string {
	var names []string
	for _, script := range s.scripts {
		names = append(names, script.Name)
	}
	return names
}
