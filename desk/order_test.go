package desk_test

import (
	"context"
	"strings"
	"testing"

	"cordboard/desk"
)

// TestOrders gives orders at a desk: they are done one after the other, for the agent of the ticket, and answered; those under
// way end when the tab is gone.
func TestOrders(t *testing.T) {
	got := make(chan desk.Order)
	given := make(chan string, 1)
	ended := make(chan struct{})
	s := newSite(t, func(c *desk.Config) {
		c.Order = func(ctx context.Context, agent string, o desk.Order) error {
			given <- agent
			select {
			case got <- o:
			case <-ctx.Done():
				close(ended)
				return ctx.Err()
			}
			if o.Name == "Sing" {
				return &desk.Refusal{Reason: "unknown-command", Detail: "there is no such order"}
			}
			return nil
		}
	})
	c, _ := s.tab("anna", "one")
	say := func(n int, order, to string) {
		write(t, c.conn, map[string]any{"type": "order", "n": n, "order": order, "call": "7", "to": to, "args": map[string]string{"a": "b"}})
	}
	say(1, "Hold", "")
	say(2, "Sing", "")
	if agent := <-given; agent != "anna" {
		t.Errorf("the order is of %s", agent)
	}
	select {
	case agent := <-given:
		t.Errorf("two orders at once, the second of %s", agent)
	default:
	}
	if o := <-got; o.Name != "Hold" || o.Call != "7" || o.Args["a"] != "b" {
		t.Errorf("given %+v", o)
	}
	if m := c.next("order"); m.N != 1 || m.Outcome != "done" {
		t.Errorf("answered %+v", m)
	}
	<-given
	<-got
	if m := c.next("order"); m.N != 2 || m.Outcome != "refused" || m.Reason != "unknown-command" || m.Detail == "" {
		t.Errorf("answered %+v", m)
	}
	say(3, "Hold", strings.Repeat("1", 1000))
	if m := c.next("order"); m.N != 3 || m.Reason != "malformed" {
		t.Errorf("answered %+v", m)
	}
	say(4, "Drop", "")
	<-given
	c.leave(s)
	<-ended
}

// TestOrdersWithoutAPlatform are refused.
func TestOrdersWithoutAPlatform(t *testing.T) {
	s := newSite(t, nil)
	c, _ := s.tab("anna", "one")
	write(t, c.conn, map[string]any{"type": "order", "n": 1, "order": "Hold"})
	if m := c.next("order"); m.Outcome != "refused" || m.Reason != "no-connection" {
		t.Errorf("answered %+v", m)
	}
}
