package engine

import (
	"maps"
	"slices"

	"cordboard/call"
	"cordboard/workflow"
)

// AgentsLog is the workflow by whose name runs go that write what an agent wanted in a call's log.
const AgentsLog = "Interaction log"

// createKind is the kind of the steps that write a record for the first time.
const createKind = "create"

// isLog reports whether a record is the log of a call: one of that object that goes by no name of its own.
func (c *core) isLog(object, as string) bool {
	return c.callLog != "" && object == c.callLog && as == ""
}

// amend plans what an agent's words mean for the leg's log: an update of it, behind what is still to be written. A log that
// is planned later begins with them ([core.overruled]).
func (d *draft) amend(h *hot, ev *call.Event) {
	leg := h.call.State.Leg(ev.Leg)
	set := make(map[string]any, len(ev.Log))
	for field := range ev.Log {
		set[field] = leg.Log[field].Value
	}
	p := workflow.Plan{Workflow: AgentsLog, Rule: "written at the desk"}
	for _, key := range d.logsOf(h, ev.Leg) {
		p.Steps = append(p.Steps, workflow.Planned{
			Kind: updateKind, Lane: workflow.WorkLane, Object: d.core.callLog, Key: key,
			Args: map[string]any{"object": d.core.callLog, "set": set, "now": true},
		})
	}
	if len(p.Steps) > 0 {
		d.start(h, ev, &p, false)
	}
}

// logsOf are the keys of a leg's logs, those that are about to be written, too.
func (d *draft) logsOf(h *hot, leg string) []string {
	var keys []string
	for key, r := range h.call.Records {
		if r.Leg == leg && d.core.isLog(r.Object, r.As) {
			keys = append(keys, key)
		}
	}
	for _, s := range h.steps {
		if s.Kind == createKind && s.Leg == leg && d.core.isLog(s.plan.Object, s.plan.As) {
			keys = append(keys, s.Key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// overruled is a step with what the leg's agent wrote in the place of what its workflow would write, and whether that
// changes it: a new log takes everything, an update leaves alone what it does not write.
func (c *core) overruled(p workflow.Planned, leg *call.Leg) (workflow.Planned, bool) {
	if leg == nil || len(leg.Log) == 0 || !c.isLog(p.Object, p.As) || p.Key != "" {
		return p, false
	}
	before, _ := p.Args["set"].(map[string]any)
	set, later := maps.Clone(before), maps.Clone(p.Later)
	if set == nil {
		set = map[string]any{}
	}
	changed := false
	for field, e := range leg.Log {
		_, now := set[field]
		_, then := later["set/"+field]
		if now || then || p.Kind == createKind {
			set[field], changed = e.Value, true
			delete(later, "set/"+field)
		}
	}
	p.Args, p.Later = with(p.Args, "set", any(set)), later
	return p, changed
}
