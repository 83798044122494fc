package pop_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cordboard/action/pop"
	"cordboard/crm"
	"cordboard/engine"
	"cordboard/screen"

	"github.com/google/go-cmp/cmp"
)

// people is a CRM that knows records, or fails, and remembers what it was asked.
type people struct {
	records []crm.Record
	err     error
	wait    time.Duration
	asked   crm.Query
}

func (p *people) Find(ctx context.Context, q crm.Query) ([]crm.Record, error) {
	p.asked = q
	select {
	case <-time.After(p.wait):
		return p.records, p.err
	case <-ctx.Done():
		return nil, &crm.Error{Kind: crm.Busy, Err: ctx.Err()}
	}
}

// desk is a screen that answers with one outcome, and remembers what it was shown.
type desk struct {
	outcome screen.Outcome
	agent   string
	shown   *screen.Pop
}

func (d *desk) Show(ctx context.Context, agent string, p screen.Pop) (screen.Receipt, error) {
	d.agent, d.shown = agent, &p
	return screen.Receipt{Outcome: d.outcome}, ctx.Err()
}

func input(args string) engine.Input {
	return engine.Input{
		Key: "k", Args: json.RawMessage(args), Step: engine.Step{Call: "c1", Agent: "1001", Heard: time.Now()},
	}
}

var (
	ines = crm.Record{Object: "Contact", ID: "003Wy00000AbCdEIAV", Name: "Ines Roth", By: "phone"}
	otto = crm.Record{Object: "Lead", ID: "00QWy00000AbCdEMAV", Name: "Otto Roth", By: "phone"}
)

const number = "+1 (415) 555-0132"

func TestRulesDecideWhatIsOpened(t *testing.T) {
	type want struct {
		Kind   screen.Kind
		New    string
		Record string
		List   int
		Result string
		Reason string
	}
	const (
		empty    = `{"id":"","type":"","name":"","count":0}`
		inesTold = `{"object":"Contact","id":"003Wy00000AbCdEIAV","name":"Ines Roth","by":"phone"}`
		ottoTold = `{"object":"Lead","id":"00QWy00000AbCdEMAV","name":"Otto Roth","by":"phone"}`
	)
	for name, c := range map[string]struct {
		args    string
		records []crm.Record
		want    want
	}{
		"none, nothing": {`{}`, nil, want{Kind: screen.KindNote, Result: empty, Reason: "no-match"}},
		"none, new":     {`{"none":"new Lead"}`, nil, want{Kind: screen.KindNew, New: "Lead", Result: empty}},
		"none, search":  {`{"none":"search"}`, nil, want{Kind: screen.KindPage, Result: empty}},
		"one": {`{"none":"new Lead"}`, []crm.Record{ines}, want{Kind: screen.KindRecord, Record: ines.ID,
			Result: `{"id":"003Wy00000AbCdEIAV","type":"Contact","name":"Ines Roth","count":1,"by":"phone"}`}},
		"many, list": {`{}`, []crm.Record{ines, otto}, want{Kind: screen.KindList, List: 2,
			Result: `{"id":"","type":"","name":"","count":2,"by":"phone","records":[` + inesTold + `,` + ottoTold + `]}`}},
		"many, first": {`{"many":"first"}`, []crm.Record{otto, ines}, want{Kind: screen.KindRecord, Record: otto.ID,
			Result: `{"id":"00QWy00000AbCdEMAV","type":"Lead","name":"Otto Roth","count":2,"by":"phone","records":[` + ottoTold + `,` + inesTold + `]}`}},
		"many, nothing": {`{"many":"nothing"}`, []crm.Record{ines, otto}, want{Kind: screen.KindNote, Reason: "many-matches",
			Result: `{"id":"","type":"","name":"","count":2,"by":"phone","records":[` + inesTold + `,` + ottoTold + `]}`}},
	} {
		t.Run(name, func(t *testing.T) {
			var args map[string]any
			if err := json.Unmarshal([]byte(c.args), &args); err != nil {
				t.Fatal(err)
			}
			args["by"], args["find"] = number, []string{"Contact", "Lead"}
			encoded, err := json.Marshal(args)
			if err != nil {
				t.Fatal(err)
			}
			on := &desk{outcome: screen.Shown}
			in := input(string(encoded))
			var early string
			in.Early = func(r json.RawMessage) {
				early = string(r)
				if on.shown != nil {
					t.Error("the result was known only after the screen had answered")
				}
			}
			out := pop.New(&people{records: c.records}, on, pop.Options{}).Do(t.Context(), in)
			got := want{Kind: on.shown.Kind, New: on.shown.New, List: len(on.shown.Records), Result: string(out.Result), Reason: out.Reason}
			if on.shown.Record != nil {
				got.Record = on.shown.Record.ID
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if out.State != engine.Done || early != string(out.Result) || on.agent != "1001" || on.shown.Key != "k" ||
				!on.shown.Heard.Equal(in.Step.Heard) || !on.shown.Until.After(in.Step.Heard) {
				t.Errorf("outcome %+v, early %s, shown %+v to %s", out, early, on.shown, on.agent)
			}
			if all := out.Request + out.Answer + out.Detail; strings.Contains(all, "555") || strings.Contains(all, "Roth") || !strings.Contains(all, "…0132") {
				t.Errorf("not masked, or too much: %s", all)
			}
			if on.shown.Title == "" || strings.Contains(on.shown.Title, "555") {
				t.Errorf("title %q", on.shown.Title)
			}
		})
	}
}

func TestReceiptsBecomeOutcomes(t *testing.T) {
	for receipt, want := range map[screen.Outcome][2]string{
		screen.Shown: {"done"}, screen.Already: {"done"}, screen.Offered: {"done"},
		screen.Late: {"skipped", "late"}, screen.NoDesk: {"skipped", "no-desk"}, screen.Declined: {"skipped", "declined"},
		"else": {"dead", "bad-receipt"},
	} {
		out := pop.New(&people{records: []crm.Record{ines}}, &desk{outcome: receipt}, pop.Options{}).
			Do(t.Context(), input(`{"by":"4155550132"}`))
		if got := [2]string{string(out.State), out.Reason}; got != want {
			t.Errorf("%s: %v, want %v", receipt, got, want)
		}
		if len(out.Result) == 0 {
			t.Errorf("%s: no result, though the lookup was answered", receipt)
		}
	}
}

func TestLatePopIsNotShown(t *testing.T) {
	on, in := &desk{outcome: screen.Shown}, input(`{"by":"4155550132"}`)
	in.Step.Heard = time.Now().Add(-pop.Useful)
	out := pop.New(&people{}, on, pop.Options{}).Do(t.Context(), in)
	if out.State != engine.Skipped || out.Reason != "late" || on.shown != nil {
		t.Errorf("outcome %+v, shown %v", out, on.shown)
	}
}

func TestFailedLookupIsTriedAgainWhileThereIsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, c := range map[string]struct {
			age  time.Duration
			crm  people
			want engine.StepState
		}{
			"busy, early":   {0, people{err: &crm.Error{Kind: crm.Busy}}, engine.Retrying},
			"busy, late":    {11 * time.Second, people{err: &crm.Error{Kind: crm.Busy, Code: "X"}}, engine.Done},
			"limited":       {0, people{err: &crm.Error{Kind: crm.Limited}}, engine.Done},
			"denied":        {0, people{err: &crm.Error{Kind: crm.Denied}}, engine.Done},
			"unknown error": {11 * time.Second, people{err: errors.New("?")}, engine.Done},
		} {
			on, in := &desk{outcome: screen.Shown}, input(`{"by":"4155550132"}`)
			in.Step.Heard = time.Now().Add(-c.age)
			out := pop.New(&c.crm, on, pop.Options{}).Do(t.Context(), in)
			if out.State != c.want {
				t.Errorf("%s: %+v", name, out)
			}
			if shown := on.shown != nil && on.shown.Kind == screen.KindNote && on.shown.Title == "…0132"; shown != (c.want == engine.Done) {
				t.Errorf("%s: shown %+v", name, on.shown)
			}
			if c.want == engine.Done && out.Detail == "" {
				t.Errorf("%s: nothing says that the lookup failed", name)
			}
		}
	})
}

func TestSlowLookupEndsWithTheUsefulTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		on := &desk{outcome: screen.Late}
		began := time.Now()
		out := pop.New(&people{wait: time.Hour}, on, pop.Options{}).Do(t.Context(), input(`{"by":"4155550132"}`))
		if took := time.Since(began); took != pop.Useful || out.State != engine.Skipped {
			t.Errorf("after %v: %+v", took, out)
		}
	})
}

func TestStopIsTriedAgain(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	out := pop.New(&people{wait: time.Hour}, &desk{}, pop.Options{}).Do(ctx, input(`{"by":"4155550132"}`))
	if out.State != engine.Retrying {
		t.Errorf("outcome %+v", out)
	}
}

func TestArguments(t *testing.T) {
	for _, bad := range []string{`[]`, `{"find":[]}`, `{"none":"explode"}`, `{"none":"new "}`, `{"many":"all"}`, `{"by":[7]}`} {
		if out := pop.New(&people{}, &desk{}, pop.Options{}).Do(t.Context(), input(bad)); out.State != engine.Dead {
			t.Errorf("%s: %+v", bad, out)
		}
	}
	p := &people{records: []crm.Record{ines}}
	args := `{"find":["Contact"],"by":"4155550132","id":"003Wy00000AbCdEIAV"}`
	out := pop.New(p, &desk{outcome: screen.Shown}, pop.Options{Region: "DE"}).Do(t.Context(), input(args))
	want := crm.Query{Objects: []string{"Contact"}, ID: "003Wy00000AbCdEIAV", Phone: "4155550132", Region: "DE", Limit: 10}
	if diff := cmp.Diff(want, p.asked); diff != "" || out.State != engine.Done {
		t.Error(diff, out)
	}
	pop.New(p, &desk{outcome: screen.Shown}, pop.Options{}).Do(t.Context(), input(`{"by":4155550132,"id":null}`))
	if p.asked.Phone != "4155550132" || p.asked.ID != "" {
		t.Errorf("a number that is no text: asked %+v", p.asked)
	}
	nothing := &people{records: []crm.Record{ines}}
	if out := pop.New(nothing, &desk{outcome: screen.Shown}, pop.Options{}).Do(t.Context(), input(`{}`)); out.State != engine.Done || nothing.asked.Limit != 0 {
		t.Errorf("without a number or an id the CRM was asked %+v: %+v", nothing.asked, out)
	}
}
