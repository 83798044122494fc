package salesforce_test

import (
	"testing"
	"time"

	"cordboard/config"
	"cordboard/crm/crmtest"
	"cordboard/crm/salesforce"
	sim "cordboard/sim/salesforce"
)

func TestContract(t *testing.T) {
	contract(t, nil)
}

func TestContractWithAnIndex(t *testing.T) {
	contract(t, func(c *salesforce.Config) {
		c.PhoneIndex, c.PhoneIndexEvery, c.Folder = nil, config.Duration(time.Second), t.TempDir()
	})
}

func contract(t *testing.T, change func(*salesforce.Config)) {
	crmtest.Run(t, func(t *testing.T) crmtest.Subject {
		org := newOrg(t, sim.Config{})
		client := newClient(t, org.URL(), change)
		fault := func(f sim.Fault) {
			if err := org.AddFault(f); err != nil {
				t.Fatal(err)
			}
		}
		return crmtest.Subject{
			Client: client,
			Log:    "Task", LogFields: map[string]any{"Status": "Completed"}, Text: "Subject",
			Person: "Contact",
			AddPerson: func(name, phone string) string {
				return org.Add("Contact", map[string]any{"LastName": name, "Phone": phone})
			},
			Keyed: func(key string) []string {
				var texts []string
				for _, r := range org.ByKey("Task", key) {
					text, _ := r["Subject"].(string)
					texts = append(texts, text)
				}
				return texts
			},
			Logins:       func() int { return org.Calls()["token"] },
			ExpireTokens: org.ExpireTokens,
			Limit:        func() { fault(sim.Fault{Kind: sim.RequestLimit}) },
			RefuseText: func() {
				fault(sim.Fault{Kind: sim.Validation, Object: "Task", Field: "Subject", Message: "no such subject"})
			},
			LockOnce:  func() { fault(sim.Fault{Kind: sim.RowLock, Object: "Task", Count: 1}) },
			ResetOnce: func() { fault(sim.Fault{Kind: sim.ResetAfterCommit, Method: "PATCH", Count: 1}) },
			SlowWrites: func(d time.Duration) {
				fault(sim.Fault{Kind: sim.Slow, Method: "PATCH", Delay: sim.Delay(d)})
			},
		}
	})
}
