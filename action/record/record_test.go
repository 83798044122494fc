package record_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"cordboard/action/record"
	"cordboard/crm"
	"cordboard/engine"

	"github.com/google/go-cmp/cmp"
)

// byKey is a CRM that can only upsert. It answers with its errors in turn, then with success.
type byKey struct {
	errs   []error
	writes []crm.Write
	ids    []string // of updates; empty for upserts
}

func (c *byKey) answer(id string, w crm.Write) (crm.Written, error) {
	c.writes, c.ids = append(c.writes, w), append(c.ids, id)
	if len(c.errs) > 0 {
		err := c.errs[0]
		c.errs = c.errs[1:]
		return crm.Written{}, err
	}
	if id != "" {
		return crm.Written{ID: id}, nil
	}
	return crm.Written{ID: "00TWy00000AbCdEIAV", Created: true}, nil
}

func (c *byKey) Write(_ context.Context, w crm.Write) (crm.Written, error) { return c.answer("", w) }

// byID can update as well.
type byID struct{ byKey }

func (c *byID) Update(_ context.Context, id string, w crm.Write) (crm.Written, error) {
	return c.answer(id, w)
}

const (
	task = `{"object":"Task","set":{"Subject":"Call +1 415 555 0132","WhoId":"003Wy00000AbCdEIAV","CallDurationInSeconds":187},"now":true}`
	own  = "00TWy00000AbCdEIAV"
	old  = "00TWy00000XyZaBIAV"
)

func input(args string) engine.Input {
	return engine.Input{Key: "k", Args: json.RawMessage(args), Step: engine.Step{Leg: "L1"}}
}

func TestCreateUpsertsByKey(t *testing.T) {
	c := &byID{}
	out := record.NewCreate(c).Do(t.Context(), input(task))
	if out.State != engine.Done || string(out.Result) != `{"id":"00TWy00000AbCdEIAV","created":true}` {
		t.Errorf("outcome %+v", out)
	}
	if diff := cmp.Diff(&engine.RecordRef{Object: "Task", ID: own, Leg: "L1"}, out.Record); diff != "" {
		t.Error(diff)
	}
	if w := c.writes[0]; w.Key != "k" || w.Object != "Task" || !w.Now || c.ids[0] != "" {
		t.Errorf("wrote %+v", w)
	}
	want := `upsert by key Task {CallDurationInSeconds: 187, Subject: ‹20 characters›, WhoId: "003Wy00000AbCdEIAV"}`
	if out.Request != want || out.Answer != "created "+own {
		t.Errorf("request %s, answer %s", out.Request, out.Answer)
	}
}

func TestUpdateNeedsItsRecord(t *testing.T) {
	c := &byID{}
	out := record.NewUpdate(c).Do(t.Context(), input(task))
	if out.State != engine.Skipped || out.Reason != "no-record" || len(c.writes) != 0 {
		t.Errorf("outcome %+v", out)
	}
	in := input(task)
	in.Known = &engine.RecordRef{Object: "Task", ID: old}
	if out = record.NewUpdate(c).Do(t.Context(), in); out.State != engine.Done || c.ids[0] != old || out.Record.ID != old {
		t.Errorf("by id: %+v", out)
	}
	plain := &byKey{}
	if out = record.NewUpdate(plain).Do(t.Context(), in); out.State != engine.Done || plain.writes[0].Key != "k" {
		t.Errorf("by key: %+v", out)
	}
}

func TestErrorsBecomeOutcomes(t *testing.T) {
	when := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		err  *crm.Error
		want engine.Outcome
	}{
		{&crm.Error{Kind: crm.Busy, Code: "UNABLE_TO_LOCK_ROW"}, engine.Again("crm-busy", "UNABLE_TO_LOCK_ROW")},
		{&crm.Error{Kind: crm.Limited, Code: "L", Retry: when}, engine.Park("parked-limit", "L", when)},
		{&crm.Error{Kind: crm.Denied, Code: "invalid_client"}, engine.Park("crm-denied", "invalid_client", time.Time{})},
		{&crm.Error{Kind: crm.Invalid, Code: "STRING_TOO_LONG", Field: "Subject", Message: "m"}, engine.Kill("crm-refused", "STRING_TOO_LONG Subject: m")},
		{&crm.Error{Kind: crm.Gone, Code: "NOT_FOUND"}, engine.Kill("crm-refused", "NOT_FOUND")},
		{&crm.Error{Kind: crm.Duplicate, Code: "D"}, engine.Kill("crm-refused", "D")},
	} {
		got := record.NewCreate(&byID{byKey{errs: []error{c.err}}}).Do(t.Context(), input(task))
		got.Request, got.Answer = "", ""
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestDuplicateIsAdopted(t *testing.T) {
	c := &byID{byKey{errs: []error{&crm.Error{Kind: crm.Duplicate, Existing: old}}}}
	out := record.NewCreate(c).Do(t.Context(), input(task))
	if out.State != engine.Done || out.Record.ID != old || string(out.Result) != `{"id":"`+old+`","created":false}` || c.ids[1] != old {
		t.Errorf("outcome %+v", out)
	}
	plain := &byKey{errs: []error{&crm.Error{Kind: crm.Duplicate, Existing: old}}}
	if out := record.NewCreate(plain).Do(t.Context(), input(task)); out.State != engine.Dead || !strings.Contains(out.Detail, old) {
		t.Errorf("without updates by id: %+v", out)
	}
}

func TestDeadLinkIsLeftOut(t *testing.T) {
	c := &byID{byKey{errs: []error{&crm.Error{Kind: crm.Gone, Code: "ENTITY_IS_DELETED", Field: "WhoId"}}}}
	out := record.NewCreate(c).Do(t.Context(), input(task))
	if out.State != engine.Done || !strings.Contains(out.Detail, "WhoId") {
		t.Errorf("outcome %+v", out)
	}
	if _, still := c.writes[1].Fields["WhoId"]; still || len(c.writes[1].Fields) != 2 {
		t.Errorf("wrote %v", c.writes[1].Fields)
	}
}

func TestArguments(t *testing.T) {
	for _, bad := range []string{`[]`, `{}`, `{"object":"Task","set":3}`, ``} {
		if out := record.NewCreate(&byKey{}).Do(t.Context(), input(bad)); out.State != engine.Dead {
			t.Errorf("%s: %+v", bad, out)
		}
	}
	c := &byKey{}
	record.NewCreate(c).Do(t.Context(), input(`{"object":"Task","set":{"N":12345678901234567890}}`))
	if got, err := json.Marshal(c.writes[0].Fields); err != nil || string(got) != `{"N":12345678901234567890}` {
		t.Errorf("fields %s, %v", got, err)
	}
}
