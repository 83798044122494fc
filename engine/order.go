package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"cordboard/workflow"
)

// Errors of Redrive and Cancel.
var (
	ErrNoStep   = errors.New("engine: there is no such step")
	ErrRunning  = errors.New("engine: the step is being performed right now")
	ErrFinal    = errors.New("engine: the step is over")
	ErrBadOrder = errors.New("engine: the arguments are not a JSON object")
)

// order is what a person wants of a step: to cancel it, or else to perform it again.
type order struct {
	step   StepRef
	cancel bool
	who    string
	args   json.RawMessage // new arguments; nil keeps them
}

// obey plans an order.
func (d *draft) obey(o *order) error {
	s, h, err := d.find(o.step)
	if err != nil {
		return err
	}
	if o.cancel {
		return d.cancel(h, s, o.who)
	}
	return d.redrive(h, s, o.args)
}

// find returns a copy of a step, as this draft has it, and its call.
func (d *draft) find(ref StepRef) (*step, *hot, error) {
	stored, ok := d.known.Steps[ref]
	if i, planned := d.steps[ref.Step]; planned {
		stored, ok = d.group.Steps[i], true
	}
	if !ok {
		return nil, nil, fmt.Errorf("%w: %s", ErrNoStep, ref.Step)
	}
	h := d.touch(stored.Call)
	if h == nil {
		return nil, nil, fmt.Errorf("%w: %s", ErrNoStep, ref.Step)
	}
	if i := h.step(ref.Step); i >= 0 {
		clone := *h.steps[i]
		return &clone, h, nil
	}
	s := &step{Step: stored}
	_ = json.Unmarshal(stored.Plan, &s.plan) // performing it says what is wrong
	return s, h, nil
}

func (d *draft) cancel(h *hot, s *step, who string) error {
	if s.State.Final() {
		return fmt.Errorf("%w: %s", ErrFinal, s.ID)
	}
	s.finish(Skipped, "cancelled-by", who, d.now)
	d.cancelled = append(d.cancelled, s.ID)
	h.replace(s)
	d.store(s)
	return nil
}

// redrive makes a step due now, with its patience new. What is done stays done.
func (d *draft) redrive(h *hot, s *step, args json.RawMessage) error {
	if s.State == Done || s.Reason == string(workflow.InShadow) {
		return fmt.Errorf("%w: %s", ErrFinal, s.ID)
	}
	if d.performing(s.ID) {
		return fmt.Errorf("%w: %s", ErrRunning, s.ID)
	}
	if len(args) > 0 {
		if err := s.edit(args); err != nil {
			return err
		}
	}
	if plan, changed := d.core.overruled(s.plan, h.call.State.Leg(s.Leg)); changed && args == nil {
		if err := s.replan(plan); err != nil {
			return err
		}
	}
	s.State, s.Attempt, s.Reason, s.Detail = Pending, 0, "", ""
	s.Due, s.Since, s.Ended = d.now, time.Time{}, time.Time{}
	h.replace(s)
	d.store(s)
	d.revive(h, s)
	return nil
}

// revive brings back the later steps of a run that were skipped because this one was dead.
func (d *draft) revive(h *hot, first *step) {
	for _, ref := range first.Ref().rest() {
		stored, ok := d.known.Steps[ref]
		if i, planned := d.steps[ref.Step]; planned {
			stored, ok = d.group.Steps[i], true
		}
		if !ok || stored.Reason != earlierDead {
			continue
		}
		s := &step{Step: stored}
		_ = json.Unmarshal(stored.Plan, &s.plan) // performing it says what is wrong
		s.State, s.Reason, s.Detail = Pending, "", ""
		s.Due, s.Ended = d.now, time.Time{}
		h.replace(s)
		d.store(s)
	}
}

// mostSteps is how many steps after one that is driven again are looked at.
const mostSteps = 32

// rest names the steps that may come after s in its run.
func (ref StepRef) rest() (all []StepRef) {
	run, place, _ := strings.Cut(ref.Step, ".")
	n, err := strconv.Atoi(place)
	if err != nil {
		return nil
	}
	for i := range mostSteps {
		all = append(all, StepRef{ref.Call, stepID(run, n+1+i)})
	}
	return all
}

// performing reports whether a step is being performed and its report is not part of this group.
func (d *draft) performing(id string) bool {
	r := d.core.running[id]
	if r == nil {
		return false
	}
	for _, done := range d.settled {
		if done == r {
			return false
		}
	}
	return true
}

// edit replaces the step's arguments by what a person wrote. What was left to be evaluated later stays so, unless the
// person wrote it.
func (s *step) edit(args json.RawMessage) error {
	var edited map[string]any
	if err := json.Unmarshal(args, &edited); err != nil || edited == nil {
		return ErrBadOrder
	}
	rest := map[string]string{}
	for path, template := range s.plan.Later {
		if !has(edited, path) {
			rest[path] = template
		}
	}
	s.plan.Args, s.plan.Later = edited, rest
	if len(rest) == 0 {
		s.plan.Later, s.plan.Needs, s.plan.View = nil, nil, nil
	}
	return s.replan(s.plan)
}

// replan gives the step another plan.
func (s *step) replan(plan workflow.Planned) error {
	encoded, err := json.Marshal(plan)
	if err != nil {
		return fmt.Errorf("%w: %v", ErrBadOrder, err)
	}
	s.plan, s.Plan = plan, encoded
	return nil
}

// has reports whether m holds the argument at a path such as "set/WhoId".
func has(m map[string]any, path string) bool {
	head, rest, deeper := strings.Cut(path, "/")
	v, ok := m[head]
	if !ok || !deeper {
		return ok
	}
	inner, ok := v.(map[string]any)
	return ok && has(inner, rest)
}
