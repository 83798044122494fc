package console

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"cordboard/engine"
)

// attentionData is what needs a person: dead steps grouped by cause, and messages that nobody could read.
type attentionData struct {
	Groups []failureGroup
	Kept   []engine.KeptRow
}

// failureGroup is all dead steps of one cause.
type failureGroup struct {
	Kind, Reason string
	Steps        []engine.Step // the newest first
}

// maxFailures bounds how many failures one page reads.
const maxFailures = 500

func (c *Console) attentionPage(w http.ResponseWriter, r *http.Request) {
	steps, err := c.cfg.Journal.Failures(r.Context(), maxFailures)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	kept, err := c.cfg.Journal.KeptMessages(r.Context(), 50)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.render(w, r, "attention", page{Title: "Attention", Place: "attention", Data: attentionData{groupFailures(steps), kept}})
}

func groupFailures(steps []engine.Step) []failureGroup {
	var groups []failureGroup
	for _, s := range steps {
		i := slices.IndexFunc(groups, func(g failureGroup) bool { return g.Kind == s.Kind && g.Reason == s.Reason })
		if i < 0 {
			groups = append(groups, failureGroup{Kind: s.Kind, Reason: s.Reason})
			i = len(groups) - 1
		}
		groups[i].Steps = append(groups[i].Steps, s)
	}
	slices.SortStableFunc(groups, func(a, b failureGroup) int { return len(b.Steps) - len(a.Steps) })
	return groups
}

// redrive performs one dead step again, with edited arguments when the form brings them.
func (c *Console) redrive(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	step := r.PostFormValue("step")
	if step == "" || c.cfg.Repair == nil {
		c.fail(w, r, errBadRequest)
		return
	}
	var args json.RawMessage
	if edited := strings.TrimSpace(r.PostFormValue("args")); edited != "" {
		if !json.Valid([]byte(edited)) {
			c.fail(w, r, errBadRequest)
			return
		}
		args = json.RawMessage(edited)
	}
	if err := c.cfg.Repair.Redrive(r.Context(), step, args); err != nil {
		c.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/attention", http.StatusSeeOther)
}
