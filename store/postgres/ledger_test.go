package postgres_test

import (
	"testing"

	"cordboard/calling/callingtest"
	"cordboard/store/postgres"
)

func TestLedger(t *testing.T) {
	s := running(t)
	callingtest.Run(t, func(t *testing.T) (callingtest.Subject, func() callingtest.Subject) {
		o := postgres.Options{Node: "north", Schema: newSchema()}
		n := open(t, s, o)
		return n.Store, func() callingtest.Subject {
			if err := n.end(); err != nil {
				t.Fatalf("close: %v", err)
			}
			n = open(t, s, o)
			return n.Store
		}
	})
}
