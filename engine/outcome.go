package engine

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// maxShown bounds how much of a request or an answer a step remembers.
const maxShown = 8 << 10

// report books what became of a running step.
func (d *draft) report(r *report) {
	d.settled = append(d.settled, r.run)
	h := d.touch(r.run.step.Call)
	if h == nil {
		return
	}
	s := *r.run.step
	switch i := h.step(s.ID); {
	case i >= 0:
		s = *h.steps[i]
	case r.outcome.State != Done:
		return // it was cancelled meanwhile; only an effect that is there overrules that
	default:
		s.Stored = d.known.Steps[s.Ref()].State
	}
	out := r.outcome
	if len(out.Result) == 0 {
		out.Result = r.run.early
	}
	d.attempt(&s, r, out)
	d.results(h, &s, &out)
	h.replace(&s)
	d.store(&s)
	if s.State.Final() && (out.Ends || s.State == Dead && s.Lane == LaterLane) {
		d.endRun(h, &s)
	}
}

// endRun skips the later steps of a run that is over before its end. Where it is over because a step is dead, they come back
// when somebody drives that one again.
func (d *draft) endRun(h *hot, last *step) {
	reason, detail := last.Reason, last.Detail
	if last.State == Dead {
		reason, detail = earlierDead, "an earlier step of the rule is dead"
	}
	for _, s := range slices.Clone(h.steps) {
		if s.Run != last.Run || s.Seq < last.Seq || d.performing(s.ID) {
			continue
		}
		rest := *s
		rest.finish(Skipped, reason, detail, d.now)
		h.replace(&rest)
		d.store(&rest)
	}
}

// earlierDead is the reason of steps that were skipped because an earlier one of their run is dead.
const earlierDead = "earlier-dead"

// attempt moves the step to where the outcome takes it.
func (d *draft) attempt(s *step, r *report, out Outcome) {
	if out.State != Pending {
		s.Attempt++
	}
	if s.Since.IsZero() {
		s.Since = r.at
	}
	policy := d.core.policy(s.Kind)
	switch out.State {
	case Done, Skipped, Dead:
		s.finish(out.State, out.Reason, out.Detail, d.now)
	case Retrying:
		age := d.now.Sub(s.Since)
		if policy.spent(s.Attempt, age) {
			s.finish(Dead, out.Reason, fmt.Sprintf("gave up after %d attempts in %s: %s", s.Attempt, age.Round(time.Second), out.Detail), d.now)
			break
		}
		s.State, s.Reason, s.Detail = Retrying, out.Reason, out.Detail
		s.Due = later(out.Until, d.now.Add(policy.pause(s.Attempt, fraction(d.core.seed, s.ID, s.Attempt))))
	case Parked:
		s.State, s.Reason, s.Detail = Parked, out.Reason, out.Detail
		s.Since = time.Time{}
		s.Due = later(out.Until, d.now.Add(policy.First))
		if out.Until.IsZero() {
			s.Due = d.now.Add(policy.Probe)
		}
	case Pending: // it waits for its time, which is neither a failure nor an attempt
		s.State, s.Reason, s.Detail = Pending, out.Reason, out.Detail
		s.Since, s.Attempt = time.Time{}, 0
		s.Due = later(out.Until, d.now)
	default:
		s.finish(Dead, "bug", fmt.Sprintf("the action ended with the state %q", out.State), d.now)
	}
	if len(out.Result) > 0 || out.State == Done { // what a step said before it failed is not forgotten
		s.Result = out.Result
	}
	s.Tries = append(slices.Clip(s.Tries), Try{
		At: r.at, Took: float64(r.took.Microseconds()) / 1000, State: s.State, Reason: out.Reason, Detail: out.Detail,
		Request: shorten(out.Request), Answer: shorten(out.Answer),
	})
	if n := len(s.Tries); n > MaxTries {
		s.Tries = s.Tries[n-MaxTries:]
	}
}

// results keeps what later steps may refer to.
func (d *draft) results(h *hot, s *step, out *Outcome) {
	if s.Kind == popKind && len(out.Result) > 0 {
		h.call.Pops = with(h.call.Pops, s.Agent, out.Result)
	}
	if s.replies() && len(out.Result) > 0 && out.State != Pending {
		h.call.Replies = heard(h.call.Replies, Reply{s.Leg, s.Workflow, s.plan.As, slices.Clone(out.Result)})
	}
	if out.Record == nil {
		return
	}
	ref := *out.Record
	if ref.Object == "" {
		ref.Object = s.plan.Object
	}
	ref.Leg, ref.As, ref.Seq = s.Leg, s.plan.As, s.Seq
	ref.Result = slices.Clone(json.RawMessage(out.Result))
	h.call.Records = with(h.call.Records, s.Key, ref)
}

// heard returns the replies with one more, in the place of an older one to the same step.
func heard(all []Reply, r Reply) []Reply {
	all = slices.DeleteFunc(slices.Clone(all), func(o Reply) bool { return o.Leg == r.Leg && o.Workflow == r.Workflow && o.As == r.As })
	return append(all, r)
}

func shorten(s string) string {
	if len(s) <= maxShown {
		return s
	}
	return s[:maxShown] + "…"
}
