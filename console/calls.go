package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"cordboard/call"
	"cordboard/engine"
)

const rowsPerPage = 100

// callsData is what the list of calls shows.
type callsData struct {
	Filter engine.Filter
	Rows   []callRow
	Counts engine.Counts
	// NeedYou counts the steps that are dead.
	NeedYou int64
	// Next is the query of the next page; empty on the last.
	Next string
}

// callRow is one call in the list.
type callRow struct {
	engine.CallRow
	Outcome outcome
	Agents  []string
	Lanes   []bar // the first leg's phases, drawn small
}

func (c *Console) callsPage(w http.ResponseWriter, r *http.Request) {
	f, err := filterOf(r.URL.Query())
	if err != nil {
		c.fail(w, r, err)
		return
	}
	rows, err := c.cfg.Journal.Calls(r.Context(), f)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	counts, err := c.cfg.Journal.Counts(r.Context())
	if err != nil {
		c.fail(w, r, err)
		return
	}
	data := callsData{Filter: f, Counts: counts, NeedYou: counts.Steps[engine.Dead]}
	for _, row := range rows {
		data.Rows = append(data.Rows, newCallRow(row, time.Now()))
	}
	if len(rows) == f.Limit {
		q := r.URL.Query()
		q.Set("before", rows[len(rows)-1].State.Started.Format(time.RFC3339Nano))
		q.Del("fragment")
		data.Next = "?" + q.Encode()
	}
	c.render(w, r, "calls", page{Title: "Calls", Place: "calls", Data: data})
}

func (c *Console) callsJSON(w http.ResponseWriter, r *http.Request) {
	f, err := filterOf(r.URL.Query())
	if err != nil {
		c.fail(w, r, err)
		return
	}
	rows, err := c.cfg.Journal.Calls(r.Context(), f)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	for i := range rows {
		rows[i] = masked(newMasker(rows[i].State.Customer), rows[i])
	}
	if rows == nil {
		rows = []engine.CallRow{}
	}
	answer(w, map[string]any{"calls": rows})
}

func (c *Console) countsJSON(w http.ResponseWriter, r *http.Request) {
	counts, err := c.cfg.Journal.Counts(r.Context())
	if err != nil {
		c.fail(w, r, err)
		return
	}
	answer(w, counts)
}

// filterOf reads a list's query.
func filterOf(q url.Values) (engine.Filter, error) {
	f := engine.Filter{Text: q.Get("q"), Agent: q.Get("agent"), State: q.Get("state"), Limit: rowsPerPage}
	if !slices.Contains([]string{"", "open", "ended", "failed", "waiting"}, f.State) {
		return f, badRequest("The state must be open, ended, failed or waiting.")
	}
	if s := q.Get("before"); s != "" {
		at, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			return f, badRequest("\"before\" must be a time as in RFC 3339.")
		}
		f.Before = at
	}
	if s := q.Get("limit"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > 1000 {
			return f, badRequest("\"limit\" must be a number from 1 to 1000.")
		}
		f.Limit = n
	}
	return f, nil
}

func newCallRow(row engine.CallRow, now time.Time) callRow {
	out := callRow{CallRow: row, Outcome: outcomeOf(row)}
	for _, leg := range row.State.Legs {
		if !slices.Contains(out.Agents, leg.Agent) {
			out.Agents = append(out.Agents, leg.Agent)
		}
	}
	if leg := mainLeg(&row.State); leg != nil {
		a := axisOf(&row.State, nil, now)
		out.Lanes = a.leg(leg, a.end)
	}
	return out
}

// mainLeg is the leg that tells most of the call: the first one that talks to the customer, or else the first.
func mainLeg(s *call.State) *call.Leg {
	if i := slices.IndexFunc(s.Legs, func(l call.Leg) bool { return l.Role == call.CustomerLeg }); i >= 0 {
		return &s.Legs[i]
	}
	if len(s.Legs) > 0 {
		return &s.Legs[0]
	}
	return nil
}

// outcome is how a call stands, as a word, a shape and a colour.
type outcome struct{ Class, Shape, Word string }

func outcomeOf(row engine.CallRow) outcome {
	switch {
	case row.Steps[engine.Dead] > 0:
		return outcome{"dead", "▲", "needs you"}
	case row.Steps[engine.Retrying]+row.Steps[engine.Parked] > 0:
		return outcome{"waiting", "◌", "waiting"}
	case row.State.Open():
		return outcome{"running", "◐", phaseWord(currentPhase(&row.State))}
	case row.Steps[engine.Pending] > 0:
		return outcome{"running", "◐", "working"}
	case row.Steps[engine.Done] > 0:
		return outcome{"done", "●", "done"}
	case row.Steps[engine.Skipped] > 0:
		return outcome{"skipped", "–", "skipped"}
	}
	return outcome{"skipped", "–", "nothing to do"}
}

// currentPhase is the phase of the open leg that moved last.
func currentPhase(s *call.State) call.Phase {
	var at time.Time
	var phase call.Phase
	for i := range s.Legs {
		l := &s.Legs[i]
		if !l.Open() {
			continue
		}
		if n := len(l.Moments); n > 0 && !l.Moments[n-1].At.Before(at) {
			at, phase = l.Moments[n-1].At, l.Phase()
		}
	}
	return phase
}
