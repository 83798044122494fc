package engine

import (
	"reflect"
	"slices"

	"cordboard/call"
	"cordboard/workflow"
)

// updateKind is the kind of the steps that write a record again.
const updateKind = "update"

// correct plans what a late event means for the records of a leg that was over before it came: a hold that was not known
// when the leg's end was told changes its talk time, a wrap-up code its disposition. The updates that the leg's end started
// are planned once more, with what is known now. Where they would write the same, nothing happens. started says that the
// event itself has started steps: a record may be there only now that was missing when the end was told.
func (d *draft) correct(h *hot, ev *call.Event, before *call.State, started bool) {
	end, ok := lateEnd(ev, before, &h.call.State)
	if !ok {
		return
	}
	known := d.match(&end, before)
	for _, p := range d.match(&end, &h.call.State) {
		p.Steps = updates(p.Steps)
		if len(p.Steps) == 0 || !d.hasFired(h, &end, &p) {
			continue
		}
		same := slices.ContainsFunc(known, func(k workflow.Plan) bool {
			return k.Workflow == p.Workflow && k.Rule == p.Rule && reflect.DeepEqual(updates(k.Steps), p.Steps)
		})
		if same && !started {
			continue
		}
		p.Once = false // once for each late event
		d.start(h, &end, &p, true)
	}
}

// lateEnd is the end of ev's leg, told once more by ev: only for a leg that was over already and whose end ev is not.
func lateEnd(ev *call.Event, before, after *call.State) (call.Event, bool) {
	was, l := before.Leg(ev.Leg), after.Leg(ev.Leg)
	if was == nil || l == nil || was.Open() || l.Open() {
		return call.Event{}, false
	}
	told := l.Story()
	if len(told) == 0 {
		return call.Event{}, false
	}
	last := told[len(told)-1]
	if !ev.DataOnly() && last.At.Equal(ev.At) && last.Name == ev.Name && last.CallType == ev.CallType {
		return call.Event{}, false
	}
	end := *ev
	end.Name, end.CallType, end.Phase, end.Role, end.At, end.Ref, end.Of = last.Name, last.CallType, last.Phase, last.Role, last.At, last.Ref, ""
	end.Merged = last.Merged // only rules that ask for ends of that kind have fired on it
	return end, true
}

// hasFired reports whether the rule has fired on the leg.
func (d *draft) hasFired(h *hot, ev *call.Event, p *workflow.Plan) bool {
	return !p.Once || slices.Contains(h.call.Fired, runID(ev.Call, ev.Leg, p.Workflow, p.Rule, ""))
}

func updates(steps []workflow.Planned) []workflow.Planned {
	return slices.DeleteFunc(slices.Clone(steps), func(s workflow.Planned) bool { return s.Kind != updateKind })
}
