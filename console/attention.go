package console

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"time"

	"cordboard/call"
	"cordboard/engine"
)

// attentionData is what needs a person: dead steps grouped by cause, and messages that nobody could read.
type attentionData struct {
	Groups []failureGroup
	Kept   []keptMessage
	// More is true when there are more failures than one page reads.
	More bool
}

// failureGroup is all dead steps of one cause.
type failureGroup struct {
	Kind, Reason, Cause string
	Sentence            string
	Since, Last         time.Time
	Count               int
	Steps               []failure // the newest first, at most maxShown
}

// Long reports whether the failures were spread over time.
func (g failureGroup) Long() bool { return g.Last.Sub(g.Since) > time.Minute }

// failure is one dead step.
type failure struct {
	engine.Step
	Customer string // masked
	Args     string // its arguments, masked, to edit
}

type keptMessage struct {
	engine.KeptRow
	Text string // masked
}

const (
	maxFailures = 500 // how many failures one page reads
	maxShown    = 20  // how many of a group it shows
)

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
	data := attentionData{Groups: groupFailures(steps), More: len(steps) == maxFailures}
	if err := c.hideNumbers(r.Context(), data.Groups); err != nil {
		c.fail(w, r, err)
		return
	}
	for _, k := range kept {
		k.Reason = anybody.text(k.Reason)
		data.Kept = append(data.Kept, keptMessage{k, anybody.text(pretty(k.Message.Text()))})
	}
	c.render(w, r, "attention", page{Title: "Attention", Place: "attention", Data: data})
}

func groupFailures(steps []engine.Step) []failureGroup {
	var groups []failureGroup
	for _, s := range steps {
		cause := causeOf(s.Detail)
		i := slices.IndexFunc(groups, func(g failureGroup) bool { return g.Kind == s.Kind && g.Reason == s.Reason && g.Cause == cause })
		if i < 0 {
			groups = append(groups, failureGroup{Kind: s.Kind, Reason: s.Reason, Cause: cause, Sentence: remedy(s.Reason), Since: s.Ended, Last: s.Ended})
			i = len(groups) - 1
		}
		g := &groups[i]
		g.Count++
		if s.Ended.Before(g.Since) {
			g.Since = s.Ended
		}
		if s.Ended.After(g.Last) {
			g.Last = s.Ended
		}
		if len(g.Steps) < maxShown {
			g.Steps = append(g.Steps, failure{Step: s})
		}
	}
	slices.SortStableFunc(groups, func(a, b failureGroup) int { return b.Count - a.Count })
	return groups
}

// code is an error code of a CRM at the beginning of a step's detail, with the field that it names.
var code = regexp.MustCompile(`^(?:gave up after [^:]*: )?([A-Z][A-Z0-9_]{3,}(?: [A-Za-z0-9_]+)?)(?::|$)`)

// causeOf tells causes of one reason apart.
func causeOf(detail string) string {
	if m := code.FindStringSubmatch(detail); m != nil {
		return m[1]
	}
	return ""
}

// remedy says what a reason means and what to do about it.
func remedy(reason string) string {
	switch reason {
	case "crm-refused":
		return "The CRM refuses it for good: a field, a rule or a duplicate is to blame. Mend it there, or edit the arguments; then try again."
	case "crm-busy":
		return "The CRM could not be asked for as long as it was worth waiting. When it answers again, try again."
	case "bad-arguments":
		return "The step cannot be carried out as it is written. Correct the workflow for the next calls, and the arguments for this one."
	}
	return "It will not work as it is. When its cause is mended, try again."
}

// hideNumbers masks what is shown of each step. Whose numbers these are only the step's call knows.
func (c *Console) hideNumbers(ctx context.Context, groups []failureGroup) error {
	maskers := map[call.ID]masker{}
	customers := map[call.ID]string{}
	for g := range groups {
		for i := range groups[g].Steps {
			f := &groups[g].Steps[i]
			if _, ok := maskers[f.Call]; !ok {
				s, err := c.cfg.Journal.Story(ctx, f.Call)
				switch {
				case errors.Is(err, engine.ErrNotFound): // pruned meanwhile
					maskers[f.Call] = anybody
				case err != nil:
					return err
				default:
					maskers[f.Call], customers[f.Call] = maskerOf(&s), mask(s.Call.State.Customer)
				}
			}
			m := maskers[f.Call]
			f.Customer, f.Detail = customers[f.Call], m.text(f.Detail)
			f.Args = m.arguments(&f.Step)
		}
	}
	return nil
}

// redrive performs one dead step again, with edited arguments when the form brings them.
func (c *Console) redrive(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	ref := engine.StepRef{Call: call.ID(r.PostFormValue("call")), Step: r.PostFormValue("step")}
	if ref.Step == "" || c.cfg.Repair == nil {
		c.fail(w, r, badRequest("The form names no step, or is too large. Nothing was changed."))
		return
	}
	args, err := c.newArguments(r.Context(), ref, r.PostFormValue("args"))
	if err == nil {
		err = c.cfg.Repair.Redrive(r.Context(), ref, args)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/attention", http.StatusSeeOther)
}

// newArguments are the arguments of the form with the numbers behind its masks; nil when they are the step's own.
func (c *Console) newArguments(ctx context.Context, ref engine.StepRef, form string) (json.RawMessage, error) {
	s, err := c.cfg.Journal.Step(ctx, ref)
	if err != nil {
		return nil, err
	}
	whole, err := c.cfg.Journal.Story(ctx, ref.Call)
	if err != nil {
		return nil, err
	}
	return edited(form, argumentsOf(&s), maskerOf(&whole))
}
