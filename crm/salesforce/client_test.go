package salesforce_test

import (
	"fmt"
	"sync"
	"testing"

	"cordboard/crm"
	sim "cordboard/sim/salesforce"

	"github.com/google/go-cmp/cmp"
)

func TestWritesOfManyCallsShareARequest(t *testing.T) {
	org := newOrg(t, sim.Config{})
	client := newClient(t, org.URL(), nil)
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			_, err := client.Write(t.Context(), crm.Write{
				Object: "Task", Key: fmt.Sprintf("call-%d", i), Fields: map[string]any{"Subject": "Call", "Status": "Completed"},
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := org.Count("Task"); n != 200 {
		t.Errorf("%d tasks, want 200", n)
	}
	if calls := org.Calls(); calls["collections.upsert"] > 5 || calls["upsert"] > 1 || calls["token"] != 1 {
		t.Errorf("calls %v", calls)
	}
}

func TestNumberIsFoundHoweverItIsWritten(t *testing.T) {
	org := newOrg(t, sim.Config{})
	client := newClient(t, org.URL(), nil)
	id := org.Add("Contact", map[string]any{"LastName": "Roth", "FirstName": "Ines", "MobilePhone": "(415) 555-0132"})
	got, err := client.Find(t.Context(), crm.Query{Objects: []string{"Contact", "Lead"}, Phone: "+1 415 555 0132"})
	if err != nil {
		t.Fatal(err)
	}
	want := []crm.Record{{Object: "Contact", ID: id, Name: "Ines Roth", By: "phone"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
