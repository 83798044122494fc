package salesforce

import (
	"fmt"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"cordboard/config"
	"cordboard/crm"
	sim "cordboard/sim/salesforce"
)

// TestAnHourAtTheLimit takes the org away for an hour in the middle of a busy day, in each way it can go: calls go on,
// pops are unharmed, and afterwards every record is written once. With CORDBOARD_OUTAGE it is the day of 1,000 agents.
func TestAnHourAtTheLimit(t *testing.T) {
	for _, fault := range []sim.Fault{
		{Kind: sim.RequestLimit}, {Kind: sim.HTML503}, {Kind: sim.ResetAfterCommit},
		{Kind: sim.ResetBeforeCommit}, {Kind: sim.RowLock, Object: "Task", Probability: 0.5},
	} {
		t.Run(string(fault.Kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { anHourWithout(t, fault) })
		})
	}
}

func anHourWithout(t *testing.T, fault sim.Fault) {
	every := 3 * time.Second
	if os.Getenv("CORDBOARD_OUTAGE") != "" {
		every = time.Hour / 25_000 // 1,000 agents with 25 calls an hour
	}
	calls := int(75 * time.Minute / every)
	org, people := newVirtualOrg(500)
	client := virtual(t, org, func(c *Config) { c.PhoneIndex, c.Window = new(true), config.Duration(2*time.Second) })
	time.Sleep(time.Minute)
	began := time.Now()
	refusals := 0
	var ended time.Time
	site{calls: calls, every: every, people: people, client: client}.run(t, func(int) {
		switch at := time.Since(began); {
		case at >= 5*time.Minute && at < 5*time.Minute+every:
			if err := org.AddFault(fault); err != nil {
				t.Error(err)
			}
		case at >= 65*time.Minute && ended.IsZero():
			ended = time.Now()
			refusals = org.Calls()["refused"]
			org.ClearFaults()
		}
	})
	if n := org.Count("Task"); n != calls || len(org.Duplicates()) != 0 {
		t.Errorf("%d logs of %d calls, %d keys twice", n, calls, len(org.Duplicates()))
	}
	for _, task := range org.Records("Task") {
		if task["Status"] != "Completed" || task["CallDurationInSeconds"] == nil {
			t.Fatalf("a log is not complete: %v", task)
		}
	}
	created := map[string]time.Time{}
	for _, w := range org.Writes("Task") {
		if _, twice := created[w.Key]; w.Op == "created" && twice {
			t.Errorf("%s was created twice", w.Key)
		} else if w.Op == "created" {
			created[w.Key] = w.At
		}
	}
	var last time.Time
	for i := range int(ended.Sub(began)/every) - 1 {
		last = later(last, created[fmt.Sprintf("call-%d", i)])
	}
	t.Logf("what waited was written %v after the end; %d refusals in the hour; %v", last.Sub(ended).Round(time.Second), refusals, org.Calls())
	if last.Sub(ended) > 2*time.Minute {
		t.Errorf("a record that waited was written %v after the end", last.Sub(ended))
	}
	if n := org.Calls()["search"]; n != 0 {
		t.Errorf("%d searches: a pop had to ask the org", n)
	}
}

// TestRecordsOfOneFlushThatDependOnEachOther writes a case and a task about it for each of many calls, as two steps do.
func TestRecordsOfOneFlushThatDependOnEachOther(t *testing.T) {
	for _, pairs := range []int{1, 100} {
		synctest.Test(t, func(t *testing.T) {
			org, _ := newVirtualOrg(1)
			client := virtual(t, org, func(*Config) {})
			before, _ := org.Usage()
			done := make(chan error, pairs)
			for i := range pairs {
				go func() {
					about, err := client.Write(t.Context(), crm.Write{Object: "Case", Key: fmt.Sprintf("c-%d", i), Fields: map[string]any{"Subject": "Call back"}})
					if err == nil {
						_, err = client.Write(t.Context(), crm.Write{Object: "Task", Key: fmt.Sprintf("t-%d", i), Fields: map[string]any{"Subject": "Call", "WhatId": about.ID}})
					}
					done <- err
				}()
			}
			for range pairs {
				if err := <-done; err != nil {
					t.Error(err)
				}
			}
			if after, _ := org.Usage(); after-before > 2 {
				t.Errorf("%d calls for %d pairs: %v", after-before, pairs, org.Calls())
			}
			for i := range pairs {
				about, task := org.ByKey("Case", fmt.Sprintf("c-%d", i)), org.ByKey("Task", fmt.Sprintf("t-%d", i))
				if len(about) != 1 || len(task) != 1 || task[0]["WhatId"] != about[0]["Id"] {
					t.Errorf("pair %d: %v, %v", i, about, task)
				}
			}
		})
	}
}
