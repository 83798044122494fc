package bench

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"cordboard/crm"
	"cordboard/screen"
)

// atOnce is a CRM that knows everybody and screens that show everything, at once.
type atOnce struct{ records atomic.Int64 }

var (
	_ crm.Finder    = (*atOnce)(nil)
	_ crm.Writer    = (*atOnce)(nil)
	_ screen.Screen = (*atOnce)(nil)
)

// Find implements [crm.Finder].
func (a *atOnce) Find(context.Context, crm.Query) ([]crm.Record, error) {
	return []crm.Record{{Object: "Contact", ID: "003Wy000001007gIAA", Name: "Aiko Tran", By: "index"}}, nil
}

// Write implements [crm.Writer].
func (a *atOnce) Write(context.Context, crm.Write) (crm.Written, error) {
	return crm.Written{ID: fmt.Sprintf("00TWy0%012d", a.records.Add(1)), Created: true}, nil
}

// Show implements [screen.Screen].
func (a *atOnce) Show(context.Context, string, screen.Pop) (screen.Receipt, error) {
	return screen.Receipt{Outcome: screen.Shown, At: time.Now()}, nil
}
