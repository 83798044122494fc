package contact

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"cordboard/call"
	"cordboard/calling"
	"cordboard/config"
	"cordboard/engine"
	"cordboard/platform"
)

// check asks the policy about a time to come.
type check struct{ *office }

// whom is what is said of the person and the call, and how often is enough.
type whom struct {
	Purpose string `json:"purpose"`
	Country string `json:"country"`
	State   string `json:"state"`
	Zone    string `json:"zone"`
	Mode    string `json:"mode"`
	Hours   string `json:"hours"`
	Most    amount `json:"most"`
	PerDay  amount `json:"per_day"`
}

// amount is a number that may stand in a text; empty is none.
type amount struct {
	n     int
	given bool
}

// UnmarshalJSON reads a number, or a text that holds one.
func (a *amount) UnmarshalJSON(raw []byte) error {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		text = string(raw)
	}
	if text == "" || text == "null" {
		return nil
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n < 0 || n != float64(int(n)) {
		return fmt.Errorf("%q is no number of times", text)
	}
	*a = amount{int(n), true}
	return nil
}

// Do implements engine.Action.
func (a check) Do(ctx context.Context, in engine.Input) engine.Outcome {
	var g struct {
		whom
		Contact seen   `json:"contact"`
		In      string `json:"in"`
	}
	if err := json.Unmarshal(in.Args, &g); err != nil || g.Contact.ID == "" {
		return engine.Kill("bad-arguments", "contact is not what contact.get has read, or another argument cannot be read")
	}
	at := a.Now()
	if g.In != "" {
		d, err := config.ParseDuration(g.In)
		if err != nil {
			return engine.Kill("bad-arguments", "in: "+err.Error())
		}
		at = at.Add(d.Std())
	}
	list, none := a.list(g.Contact.Connection)
	if none != nil {
		return *none
	}
	c, err := list.Contact(ctx, g.Contact.ref())
	if err != nil {
		return refused(err, a.Now())
	}
	v, err := a.ask(ctx, calling.Planning, g.Contact.Connection, &c, &g.whom, at)
	if err != nil {
		return engine.Again("policy-unanswered", err.Error())
	}
	if !v.Allowed && v.Next.IsZero() {
		return engine.Stop(string(v.Reason), v.Text)
	}
	out := engine.Did(nil)
	out.Detail = v.Text
	return out
}

// ask asks the policy about every number of a contact: the strictest answer counts.
func (o *office) ask(ctx context.Context, stage calling.Stage, connection string, c *platform.Contact, w *whom, at time.Time) (calling.Verdict, error) {
	if v, err := o.enough(ctx, connection, c, w, at); err != nil || v.Reason != "" {
		return v, err
	}
	zones := c.Zones
	if w.Zone != "" {
		zones = append([]string{w.Zone}, zones...)
	}
	numbers := c.Numbers
	if len(numbers) == 0 {
		numbers = []string{""}
	}
	var worst calling.Verdict
	for i, number := range numbers {
		v, err := o.Policy.Ask(ctx, Question{Number: number, Connection: connection, Stage: stage, Ask: calling.Question{
			Country: w.Country, State: w.State, Zones: zones, Contact: c.ID, List: c.List,
			Purpose: calling.Purpose(w.Purpose), Mode: call.Mode(w.Mode), Hours: w.Hours, At: at,
		}})
		if err != nil {
			return v, err
		}
		if i == 0 || stricter(&v, &worst) {
			worst = v
		}
	}
	return worst, nil
}

// stricter reports whether a forbids more than b.
func stricter(a, b *calling.Verdict) bool {
	switch {
	case a.Allowed != b.Allowed:
		return b.Allowed
	case a.Allowed:
		return false
	case a.Next.IsZero() != b.Next.IsZero():
		return a.Next.IsZero()
	}
	return a.Next.After(b.Next)
}

// enough says whether the workflow's own caps are reached.
func (o *office) enough(ctx context.Context, connection string, c *platform.Contact, w *whom, at time.Time) (v calling.Verdict, err error) {
	if !w.Most.given && !w.PerDay.given {
		return v, nil
	}
	times, err := o.Policy.Submissions(ctx, connection, c.ContactRef)
	if err != nil {
		return v, err
	}
	today := 0
	for _, t := range times {
		if at.Sub(t) < 24*time.Hour {
			today++
		}
	}
	switch {
	case w.Most.given && len(times) >= w.Most.n:
		v.Reason, v.Text = calling.CappedLife, fmt.Sprintf("the contact was submitted again %d times, and the workflow allows %d", len(times), w.Most.n)
	case w.PerDay.given && today >= w.PerDay.n:
		v.Reason, v.Text = calling.CappedDay, fmt.Sprintf("the contact was submitted again %d times in 24 hours, and the workflow allows %d", today, w.PerDay.n)
	}
	v.Rule = "workflow"
	return v, nil
}
