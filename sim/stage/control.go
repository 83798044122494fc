package stage

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"cordboard/sim/scenario"
)

// maxBody is how large an order of the control API may be.
const maxBody = 1 << 20

// Answer writes v as JSON.
func Answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // whoever has gone needs no answer
}

// Refuse says why an order of the control API is not carried out: status 400
// and {"error": …}.
func Refuse(w http.ResponseWriter, err error) {
	Answer(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
}

// Read reads an order strictly, so that a misspelt member is not overlooked.
func Read(r *http.Request, v any) error {
	d := json.NewDecoder(io.LimitReader(r.Body, maxBody))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("the body is not usable: %w", err)
	}
	return nil
}

// Performance is what every simulator's order for a call has in common: what
// is played, how quickly, and whether the answer waits for its end.
type Performance struct {
	Script string          `json:"script"`
	Steps  []scenario.Step `json:"steps"` // a script of one's own instead of a name
	Speed  *float64        `json:"speed"` // how many times faster than written; 0 is as fast as possible, left out 1
	Wait   bool            `json:"wait"`
}

// Pick is the script that is meant, out of the simulator's own. It fails when
// there is none of the name.
func (p Performance) Pick(own []scenario.Script) (scenario.Script, error) {
	if len(p.Steps) > 0 {
		name := p.Script
		if name == "" {
			name = "given"
		}
		return scenario.Script{Name: name, Steps: p.Steps}, nil
	}
	script, ok := scenario.Find(own, p.Script)
	if !ok {
		return script, fmt.Errorf("unknown script %q; there are %s", p.Script, strings.Join(scenario.Names(own), ", "))
	}
	return script, nil
}

// Scale is by what the script's pauses are multiplied.
func (p Performance) Scale() float64 {
	switch {
	case p.Speed == nil:
		return 1
	case *p.Speed <= 0:
		return 0
	}
	return 1 / *p.Speed
}

// Stage answers an order for a call whose ids are known: at once after later
// has set it going, or with Wait when run has ended.
func (p Performance) Stage(w http.ResponseWriter, ids any, later func(), run func() error) {
	if !p.Wait {
		later()
		Answer(w, http.StatusAccepted, ids)
		return
	}
	if err := run(); err != nil {
		Answer(w, http.StatusConflict, map[string]any{"error": err.Error(), "call": ids})
		return
	}
	Answer(w, http.StatusOK, ids)
}
