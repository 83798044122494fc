package console

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"cordboard/call"
	"cordboard/catalog"
	"cordboard/engine"
	"cordboard/workflow"
)

// workflowData is one workflow's page: its rules beside the catalog's rows.
type workflowData struct {
	*workflow.Workflow
	// Rows are the catalog rows of the workflow's platform and modes, each with the rules that name it.
	Rows []catalogRow
}

type catalogRow struct {
	catalog.Row
	Rules []*workflow.Rule
}

func (c *Console) workflowsPage(w http.ResponseWriter, r *http.Request) {
	c.render(w, r, "workflows", page{Title: "Workflows", Place: "workflows", Data: c.cfg.Rules().Workflows()})
}

func (c *Console) workflowPage(w http.ResponseWriter, r *http.Request) {
	for _, wf := range c.cfg.Rules().Workflows() {
		if wf.Name == r.PathValue("name") {
			c.render(w, r, "workflow", page{Title: wf.Name, Place: "workflows", Data: workflowData{wf, c.catalogRows(wf)}})
			return
		}
	}
	c.fail(w, r, engine.ErrNotFound)
}

// catalogRows lists what the platform can send in the workflow's modes.
func (c *Console) catalogRows(wf *workflow.Workflow) []catalogRow {
	if c.cfg.Catalog == nil {
		return nil
	}
	var rows []catalogRow
	for _, row := range c.cfg.Catalog.Rows() {
		if (wf.Platform != "" && row.Platform != wf.Platform) || !hasMode(wf, row) {
			continue
		}
		rows = append(rows, catalogRow{Row: row, Rules: rulesFor(wf, row)})
	}
	return rows
}

func hasMode(wf *workflow.Workflow, row catalog.Row) bool {
	for _, m := range wf.Modes {
		if m == row.Mode {
			return true
		}
	}
	return len(wf.Modes) == 0
}

func rulesFor(wf *workflow.Workflow, row catalog.Row) []*workflow.Rule {
	var rules []*workflow.Rule
	for _, rule := range wf.Rules {
		if names(rule, row) {
			rules = append(rules, rule)
		}
	}
	return rules
}

// names reports whether the rule's triggers name the catalog's row.
func names(rule *workflow.Rule, row catalog.Row) bool {
	if len(rule.Legs) > 0 && !slices.Contains(rule.Legs, row.Leg) || len(rule.Modes) > 0 && !slices.Contains(rule.Modes, row.Mode) {
		return false
	}
	return slices.ContainsFunc(rule.On, func(on string) bool {
		words := strings.Fields(on)
		switch len(words) {
		case 0:
			return false
		case 1:
			return call.SameWord(words[0], row.Event) || call.SameWord(words[0], string(row.Phase))
		}
		callType, event := strings.Join(words[:len(words)-1], " "), words[len(words)-1]
		return (callType == "*" || call.SameWord(callType, row.CallType)) && call.SameWord(event, row.Event)
	})
}

// decode reads a step's result; it reports false when there is none.
func decode(raw json.RawMessage, v any) bool { return len(raw) > 0 && json.Unmarshal(raw, v) == nil }

// objectOf is the object that a create or update step is about.
func objectOf(s engine.Step) string {
	var plan struct {
		Object string `json:"object"`
	}
	decode(s.Plan, &plan)
	return plan.Object
}

func first(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}

func (c *Console) recordURL(object, id string) string {
	if c.cfg.RecordURL == nil || id == "" {
		return ""
	}
	return c.cfg.RecordURL(object, id)
}
