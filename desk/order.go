package desk

import (
	"context"
	"errors"
	"fmt"
)

// Order is what an agent asks a platform for, in the panel or in a page beside it.
type Order struct {
	Name string            // a command of the workspace: Hold, Transfer, Ready …
	Call string            // the id of an interaction, or of a call; "" for what acts on the agent
	To   string            // a number, an agent, a queue, or a status
	Args map[string]string // what else the command takes
}

// Refusal is the error of an order that was not taken: a Reason of the closed list of the workspace's guide, and a sentence
// for people.
type Refusal struct {
	Reason string
	Detail string
}

// Error is the sentence.
func (r *Refusal) Error() string { return r.Detail }

// Limits of the orders of one tab: no person presses more.
const (
	ordersAtOnce = 16
	maxArgs      = 64
	maxArg       = 4096 // bytes of one argument: notes are the longest
)

// orderAnswer tells a tab what became of its order n.
type orderAnswer struct {
	Type    string `json:"type"`
	N       int64  `json:"n"`
	Outcome string `json:"outcome"` // done or refused
	Reason  string `json:"reason,omitempty"`
	Detail  string `json:"detail,omitempty"`
}

// order carries one out, after those before it, and answers when that is over. It does not wait: receipts of pops come on
// the same socket.
func (t *tab) order(ctx context.Context, d *agentDesk, m fromTab) {
	if err := checkOrder(m); err != nil {
		t.answerOrder(m.N, &Refusal{"malformed", err.Error()})
		return
	}
	if t.underWay.Add(1) > ordersAtOnce {
		t.underWay.Add(-1)
		t.answerOrder(m.N, &Refusal{"busy", "too many orders wait for their turn"})
		return
	}
	before, mine := t.ordered, make(chan struct{})
	t.ordered = mine
	t.orders.Go(func() {
		defer close(mine)
		defer t.underWay.Add(-1)
		if before != nil {
			<-before
		}
		if ctx.Err() == nil {
			t.answerOrder(m.N, d.hub.cfg.Order(ctx, d.agent, Order{Name: m.Order, Call: m.Call, To: m.To, Args: m.Args}))
		}
	})
}

func checkOrder(m fromTab) error {
	for name, text := range map[string]string{"order": m.Order, "call": m.Call, "to": m.To} {
		if len(text) > maxText {
			return fmt.Errorf("%s is too long", name)
		}
	}
	if len(m.Args) > maxArgs {
		return fmt.Errorf("args are more than %d", maxArgs)
	}
	for name, text := range m.Args {
		if len(name) > maxText || len(text) > maxArg {
			return errors.New("an argument is too long")
		}
	}
	return nil
}

func (t *tab) answerOrder(n int64, err error) {
	a := orderAnswer{Type: "order", N: n, Outcome: "done"}
	if err != nil {
		a.Outcome, a.Reason, a.Detail = "refused", "refused", err.Error()
		var r *Refusal
		if errors.As(err, &r) {
			a.Reason = r.Reason
		}
	}
	t.send(a)
}

// noOrders is what is done with orders where nobody takes any.
func noOrders(context.Context, string, Order) error {
	return &Refusal{"no-connection", "no platform takes orders here"}
}
