package server_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	simsalesforce "cordboard/sim/salesforce"
)

// newOrg is a simulated Salesforce org, and the section of a configuration that leads to it.
func newOrg(t *testing.T) (org *simsalesforce.Server, config string) {
	t.Helper()
	org = simsalesforce.New(simsalesforce.Config{ClientID: "consumer", ClientSecret: "hush"})
	if err := org.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := org.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { leave(); running.Wait() })
	return org, "workflows: [recommended]\nsalesforce:\n  url: " + org.URL() + "\n  client_id: consumer\n  client_secret: hush\n  window: 20ms\n"
}

// task waits until the org's only task has these values; "" is a field that is empty.
func task(t *testing.T, org *simsalesforce.Server, want map[string]string) {
	t.Helper()
	var got []simsalesforce.Record
	ctx, cancel := context.WithTimeout(t.Context(), orgLimit)
	defer cancel()
	err := org.Await(ctx, func() bool {
		got = org.Records("Task")
		if len(got) != 1 {
			return false
		}
		for field, value := range want {
			if had, _ := got[0][field].(string); had != value {
				return false
			}
		}
		return true
	})
	if err != nil {
		t.Fatalf("the org has %v, want one task with %v", got, want)
	}
}

// TestInteractionLog chooses the name and what a call is related to, and writes notes: before the log is there, while the
// call goes on, and when it is over.
func TestInteractionLog(t *testing.T) {
	org, crm := newOrg(t)
	ines := org.Add("Contact", map[string]any{"LastName": "Roth", "Phone": "+1 555 555 0123"})
	ivo := org.Add("Contact", map[string]any{"LastName": "Berg", "Phone": "(555) 555-0123"})
	lead := org.Add("Lead", map[string]any{"LastName": "Novak", "Company": "Larch"})
	account := org.Add("Account", map[string]any{"Name": "Acorn Ltd"})
	phones := newTelephones(t)
	url := serve(t, crm+phones.config())
	anna, ben := openDeskTab(t, url, phones.agents[0], "a"), openDeskTab(t, url, phones.agents[1], "b")
	if err := phones.AwaitUsers(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	id := phones.offer("inbound", 3, phones.agents[0])
	anna.until("both are candidates", func(s deskState) bool {
		return len(s.Interactions) == 1 && len(s.Interactions[0].Candidates) == 2
	})
	if n := len(org.Records("Task")); n != 0 {
		t.Fatalf("%d tasks before the call is answered", n)
	}
	anna.take("SaveLog", id, "", map[string]string{"record": ivo, "label": "Berg"})
	anna.take("Answer", id, "", nil)
	task(t, org, map[string]string{"WhoId": ivo, "Status": "In Progress"})
	anna.take("SaveLog", "", "", map[string]string{"record": account, "label": "Acorn Ltd"})
	task(t, org, map[string]string{"WhoId": ivo, "WhatId": account})
	anna.until("the log says so", func(s deskState) bool {
		l := s.Interactions[0].Log
		return l.Name != nil && l.Name.Name == "Berg" && l.Related != nil && l.Related.Object == "Account" && l.Saved != nil && l.Saved.State == "saved" && strings.Contains(l.Saved.URL, "/Task/")
	})
	anna.take("SaveLog", id, "", map[string]string{"record": lead})
	task(t, org, map[string]string{"WhoId": lead, "WhatId": ""})
	for what, args := range map[string]map[string]string{
		"a lead with an account": {"record": account}, "no id": {"record": "Ines"}, "no menu": {"clear": "all"},
	} {
		if m := anna.order("SaveLog", id, "", args); m.Outcome != "refused" || m.Detail == "" {
			t.Errorf("%s: %+v", what, m)
		}
	}
	if m := ben.order("SaveLog", id, "", map[string]string{"record": ines}); m.Reason != "no-call" {
		t.Errorf("another agent's call: %+v", m)
	}
	anna.take("Drop", id, "", nil)
	anna.phase("wrapup", "WrapUp")
	anna.take("WrapUp", id, "", map[string]string{"code": "Sale"})
	anna.until("the call is over", func(s deskState) bool { return len(s.Interactions) == 0 && len(s.Over) == 1 })
	task(t, org, map[string]string{"WhoId": lead, "Status": "Completed"})
	anna.take("SaveLog", id, "", map[string]string{"record": ines, "notes": "wants the blue one"})
	task(t, org, map[string]string{"WhoId": ines, "Description": "wants the blue one", "Status": "Completed", "CallDisposition": "Sale"})
	anna.until("the log of the call that is over says so", func(s deskState) bool {
		return s.Over[0].ID == id && s.Over[0].Log.Name.ID == ines && s.Over[0].Log.Notes == "wants the blue one"
	})
	anna.take("SaveLog", "", "", map[string]string{"clear": "name"})
	task(t, org, map[string]string{"WhoId": ""})
}

// TestInteractionLogWithoutACRM offers no log.
func TestInteractionLogWithoutACRM(t *testing.T) {
	phones := newTelephones(t)
	anna := openDeskTab(t, serve(t, phones.config()), phones.agents[0], "a")
	if err := phones.AwaitUsers(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	id := phones.offer("inbound", 3, phones.agents[0])
	anna.until("a call is there", func(s deskState) bool { return len(s.Interactions) == 1 })
	if l := anna.state.Interactions[0].Log; l != nil {
		t.Error(fmt.Sprint("a log without a CRM: ", *l))
	}
	if m := anna.order("SaveLog", id, "", map[string]string{"notes": "x"}); m.Reason != "no-connection" {
		t.Errorf("%+v", m)
	}
}
