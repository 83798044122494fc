package contact

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"cordboard/calling"
	"cordboard/config"
	"cordboard/engine"
	"cordboard/platform"
)

// submit puts a contact into its list again.
type submit struct{ *office }

// mark is what a step remembers over its performances.
type mark struct {
	// Planned is when it was to be submitted: when its turn came, or the time to which the policy has moved it.
	Planned time.Time `json:"planned"`
	// First is when its turn came.
	First time.Time `json:"first"`
	// Sending is set, and stored, before it is sent: when that was, and how the contact was then.
	Sending time.Time `json:"sending,omitzero"`
	Created time.Time `json:"created,omitzero"`
}

const (
	// settle is how long after a lost answer or a crash the contact is read: a list may show a moment later what it took.
	settle = 10 * time.Second
	// spread is over how long those are spread that the policy has moved to the same minute.
	spread = 10 * time.Minute
	// longestMove is how far the policy may move a contact altogether.
	longestMove = 7 * 24 * time.Hour
)

// submitArgs are the step's arguments, as Specs describes them.
type submitArgs struct {
	whom
	Contact  seen   `json:"contact"`
	Priority bool   `json:"priority"`
	Clear    bool   `json:"clear_system_data"`
	Expires  string `json:"expires"`
}

// Do implements engine.Action.
func (a submit) Do(ctx context.Context, in engine.Input) engine.Outcome {
	var g submitArgs
	if err := json.Unmarshal(in.Args, &g); err != nil || g.Contact.ID == "" {
		return engine.Kill("bad-arguments", "contact is not what contact.get has read, or another argument cannot be read")
	}
	list, none := a.list(g.Contact.Connection)
	if none != nil {
		return *none
	}
	now := a.Now().UTC()
	if !a.enter(g.Contact.ref()) {
		return engine.Wait("turn", "another step submits the same contact", now.Add(time.Second), in.Step.Result)
	}
	defer a.leave(g.Contact.ref())
	m := mark{First: now, Planned: now}
	_ = json.Unmarshal(in.Step.Result, &m) // what is not there begins now
	out := a.perform(ctx, list, &in, &g, &m)
	out.Request = "submit the contact again"
	if !out.State.Final() {
		if kept, err := json.Marshal(m); err == nil {
			out.Result = kept
		}
	}
	return out
}

// perform goes one step on: it looks at the contact, asks the policy, says what it is about to do, or does it.
func (a submit) perform(ctx context.Context, list platform.ContactList, in *engine.Input, g *submitArgs, m *mark) engine.Outcome {
	now := a.Now().UTC()
	sure := a.begin(in.Key) // what was said is not done yet, or else somebody may have begun
	if again := m.Sending.Add(settle); !m.Sending.IsZero() && !sure && now.Before(again) {
		return engine.Wait("settling", "it may have been submitted already; the contact is read at "+clock(again), again, nil)
	}
	c, err := list.Contact(ctx, g.Contact.ref())
	if err != nil {
		return refused(err, now)
	}
	if !m.Sending.IsZero() && !c.Created.Equal(m.Created) {
		return a.did(ctx, in, g, m.Sending, "it was submitted before the answer was lost")
	}
	if out := a.obstacle(ctx, &c, g, m, now); out != nil {
		m.Sending = time.Time{}
		return *out
	}
	if m.Sending.IsZero() || !sure {
		m.Sending, m.Created = now, c.Created
		a.announce(in.Key)
		return engine.Wait("sending", "about to be submitted", now, nil)
	}
	if ctx.Err() != nil {
		return engine.Again("stopped", "the server stopped before it was submitted")
	}
	err = list.Submit(ctx, c, platform.Submission{Priority: g.Priority, ClearSystemData: g.Clear})
	if err == nil {
		return a.did(ctx, in, g, now, "")
	}
	out := refused(err, now)
	if platform.ListErrorOf(err) != nil {
		m.Sending = time.Time{} // it was not done
	} else {
		out.Until = now.Add(settle)
	}
	return out
}

// obstacle is why the contact is not submitted now; nil when it may be.
func (a submit) obstacle(ctx context.Context, c *platform.Contact, g *submitArgs, m *mark, now time.Time) *engine.Outcome {
	end := func(out engine.Outcome) *engine.Outcome { return &out }
	if d, err := config.ParseDuration(g.Expires); err == nil && now.Sub(m.Planned) > d.Std() {
		return end(engine.Stop("expired", fmt.Sprintf("it was due at %s", clock(m.Planned))))
	}
	switch last := c.Last(); {
	case !c.Callable:
		return end(engine.Stop("not-callable", "the contact may not be called any more, says its list"))
	case !last.At.Equal(g.Contact.LastAttempt):
		return end(engine.Stop("touched", "somebody has called the contact meanwhile: its newest attempt is of "+clock(last.At)))
	case !c.Created.Equal(g.Contact.Created):
		return end(engine.Stop("touched", "somebody has submitted the contact meanwhile, at "+clock(c.Created)))
	}
	v, err := a.ask(ctx, calling.Binding, g.Contact.Connection, c, &g.whom, now)
	if err != nil {
		return end(engine.Again("policy-unanswered", err.Error()))
	}
	if v.Allowed {
		return nil
	}
	if !moves(v.Reason) || v.Next.IsZero() || v.Next.Sub(m.First) > longestMove {
		return end(engine.Stop(string(v.Reason), v.Text))
	}
	m.Planned = v.Next.Add(time.Duration(a.Jitter() * float64(spread))).UTC()
	return end(engine.Wait(string(v.Reason), v.Text+"; moved to "+clock(m.Planned), m.Planned, nil))
}

// moves reports whether a contact is called later, and not left alone, for a reason.
func moves(r calling.Reason) bool {
	return r == calling.OutsideHours || r == calling.ClosedDay || r == calling.Spacing
}

// did books a submission. The list has it, so nothing may make this fail.
func (a submit) did(ctx context.Context, in *engine.Input, g *submitArgs, at time.Time, detail string) engine.Outcome {
	err := a.Policy.Submitted(context.WithoutCancel(ctx), Submitted{Key: in.Key, Connection: g.Contact.Connection, Contact: g.Contact.ref(), At: at})
	if err != nil {
		detail += "; it could not be counted: " + err.Error()
	}
	out := engine.Did(json.RawMessage(`{"status":200}`))
	out.Detail = detail
	return out
}

// enter takes the turn to submit a contact; false when somebody else has it.
func (o *office) enter(ref platform.ContactRef) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.busy[ref] {
		return false
	}
	o.busy[ref] = true
	return true
}

func (o *office) leave(ref platform.ContactRef) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.busy, ref)
}

// announce notes that a step has said what it is about to do; begin reports whether it had, and nothing was begun since.
func (o *office) announce(key string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fresh[key] = true
}

func (o *office) begin(key string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	sure := o.fresh[key]
	delete(o.fresh, key)
	return sure
}
