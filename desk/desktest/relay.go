// Package desktest is the contract of [desk.Relay] and [desk.Safe] as tests: every implementation runs it.
package desktest

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"cordboard/desk"
)

// Node is one node of several that a relay connects.
type Node interface {
	desk.Relay
	// End takes the node away.
	End()
}

// limit guards against hanging.
const limit = time.Minute

// Run runs the suite. begin returns what makes nodes that know each other and nobody else.
func Run(t *testing.T, begin func(t *testing.T) (join func() Node)) {
	for name, test := range map[string]func(*testing.T, func() Node){
		"DesksAreKnown": desksAreKnown, "NewNodesAreTold": newNodesAreTold, "MessagesArrive": messagesArrive,
		"OrderIsKept": orderIsKept, "NodesGo": nodesGo,
	} {
		t.Run(name, func(t *testing.T) { test(t, begin(t)) })
	}
}

// member is a node whose messages a test reads.
type member struct {
	*testing.T
	Node
}

// joined returns n nodes that were told that they begin.
func joined(t *testing.T, join func() Node, n int) []member {
	t.Helper()
	var all []member
	for range n {
		m := member{t, join()}
		t.Cleanup(m.End)
		m.want(desk.Anew, "")
		all = append(all, m)
	}
	return all
}

// want is the node's next message, which must be of this kind about this agent.
func (m member) want(kind desk.Kind, agent string) desk.Message {
	m.Helper()
	select {
	case got := <-m.Messages():
		if got.Kind != kind || got.Agent != agent {
			m.Fatalf("got %s of %q, want %s of %q", got.Kind, got.Agent, kind, agent)
		}
		return got
	case <-time.After(limit):
		m.Fatalf("no message came, want %s of %q", kind, agent)
		return desk.Message{}
	}
}

func (m member) do(err error) {
	m.Helper()
	if err != nil {
		m.Fatal(err)
	}
}

func (m member) attach(agents ...string) { m.Helper(); m.do(m.Attach(m.Context(), agents)) }
func (m member) detach(agents ...string) { m.Helper(); m.do(m.Detach(m.Context(), agents)) }

// send sends one message and reports whether its node is there.
func (m member) send(msg desk.Message) bool {
	m.Helper()
	msg.Until = time.Now().Add(limit)
	gone, err := m.Send(m.Context(), []desk.Message{msg})
	m.do(err)
	return len(gone) == 0
}

func desksAreKnown(t *testing.T, join func() Node) {
	all := joined(t, join, 3)
	a, b, c := all[0], all[1], all[2]
	a.attach("1001")
	own := a.want(desk.Came, "1001")
	first := b.want(desk.Came, "1001")
	c.want(desk.Came, "1001")
	if own.Node != 0 || first.Node == 0 || !own.Since.Equal(first.Since) {
		t.Errorf("it was told %+v, others %+v", own, first)
	}
	b.attach("1001")
	if second := a.want(desk.Came, "1001"); second.Node == 0 || !second.Since.After(first.Since) {
		t.Errorf("the second desk came %+v, the first %+v", second, first)
	}
	a.attach("1001") // takes the lead back
	if third := c.want(desk.Came, "1001"); third.Node == first.Node {
		t.Errorf("c hears of the first desk again before the second")
	}
	if third := c.want(desk.Came, "1001"); third.Node != first.Node || !third.Since.After(first.Since) {
		t.Errorf("the desk that came again is %+v, before it was %+v", third, first)
	}
	a.detach("1001")
	if left := c.want(desk.Left, "1001"); left.Node != first.Node {
		t.Errorf("the desk of node %d left, want %d", left.Node, first.Node)
	}
}

func newNodesAreTold(t *testing.T, join func() Node) {
	a := joined(t, join, 1)[0]
	a.attach("1001", "1002")
	first, second := a.next(), a.next()
	a.detach(first.Agent)
	b := joined(t, join, 1)[0]
	if got := b.want(desk.Came, second.Agent); got.Node == 0 || !got.Since.Equal(second.Since) {
		t.Errorf("a node that joins is told %+v, want since %s", got, second.Since)
	}
	a.detach(second.Agent)
	b.want(desk.Left, second.Agent)
}

func (m member) next() desk.Message {
	m.Helper()
	select {
	case got := <-m.Messages():
		return got
	case <-time.After(limit):
		m.Fatal("no message came")
		return desk.Message{}
	}
}

func messagesArrive(t *testing.T, join func() Node) {
	all := joined(t, join, 2)
	a, b := all[0], all[1]
	b.attach("10\x0001") // an id is the platform's
	to := a.want(desk.Came, "10\x0001").Node
	b.want(desk.Came, "10\x0001")
	body := []byte(strings.Repeat("\x00long ", 4000)) // more than a notification holds
	if !a.send(desk.Message{Kind: "show", Node: to, Agent: "10\x0001", Key: `k\0`, Body: body}) {
		t.Fatal("a living node is called gone")
	}
	got := b.want("show", "10\x0001")
	if got.Key != `k\0` || string(got.Body) != string(body) || time.Until(got.Until) < limit/2 || time.Until(got.Until) > limit {
		t.Errorf("got key %q, %d bytes, until %s", got.Key, len(got.Body), got.Until)
	}
	if !b.send(desk.Message{Kind: "receipt", Node: got.Node, Agent: "x", Key: got.Key}) {
		t.Fatal("whoever sent something is called gone")
	}
	if back := a.want("receipt", "x"); back.Key != `k\0` || back.Node != to {
		t.Errorf("back came %+v", back)
	}
	late := desk.Message{Kind: "late", Node: to, Until: time.Now().Add(-time.Second)}
	if gone, err := a.Send(t.Context(), []desk.Message{late}); err != nil || len(gone) > 0 {
		t.Errorf("send: %v, %v gone", err, gone)
	}
	a.send(desk.Message{Kind: "in time", Node: to})
	b.want("in time", "")
}

func orderIsKept(t *testing.T, join func() Node) {
	all := joined(t, join, 2)
	a, b := all[0], all[1]
	b.attach("1001")
	to := a.want(desk.Came, "1001").Node
	b.want(desk.Came, "1001")
	const loads, load = 40, 75 // more than wait in memory
	var sending sync.WaitGroup
	defer sending.Wait()
	sending.Go(func() {
		for i := range loads {
			var messages []desk.Message
			for j := range load {
				messages = append(messages, desk.Message{Kind: "n", Node: to, Agent: "1001", Key: key(i*load + j), Until: time.Now().Add(limit)})
			}
			if _, err := a.Send(t.Context(), messages); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for i := range loads * load {
		if m := b.want("n", "1001"); m.Key != key(i) {
			t.Fatalf("message %q came in place of %q", m.Key, key(i))
		}
	}
}

func key(n int) string { return strings.Repeat("i", n/100) + strings.Repeat("j", n%100) }

func nodesGo(t *testing.T, join func() Node) {
	all := joined(t, join, 2)
	a, b := all[0], all[1]
	b.attach("1001", "1002")
	node := a.next().Node
	a.next()
	b.End()
	if got := a.want(desk.Gone, ""); got.Node != node {
		t.Errorf("node %d is gone, want %d", got.Node, node)
	}
	if a.send(desk.Message{Kind: "show", Node: node}) {
		t.Error("a node that is gone is told something")
	}
}

// RunSafe runs the suite of a safe that several offices share.
func RunSafe(t *testing.T, safe desk.Safe) {
	here, there := desk.NewSharedTickets(safe), desk.NewSharedTickets(safe)
	id, err := here.Issue(t.Context(), "10\x0001")
	if err != nil {
		t.Fatal(err)
	}
	if agent, err := there.Redeem(t.Context(), id); err != nil || agent != "10\x0001" {
		t.Errorf("redeemed for %q: %v", agent, err)
	}
	for _, used := range []string{id, "", "of my own making"} {
		if _, err := here.Redeem(t.Context(), used); !errors.Is(err, desk.ErrTicket) {
			t.Errorf("redeemed: %v, want ErrTicket", err)
		}
	}
	if err := safe.PutTicket(t.Context(), [32]byte{1}, "1001", -time.Second); err != nil {
		t.Fatal(err)
	}
	if _, err := safe.TakeTicket(t.Context(), [32]byte{1}); !errors.Is(err, desk.ErrTicket) {
		t.Errorf("an old ticket: %v, want ErrTicket", err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	won := 0
	id, err = here.Issue(t.Context(), "1001")
	if err != nil {
		t.Fatal(err)
	}
	for range 8 {
		all.Go(func() {
			if _, err := there.Redeem(t.Context(), id); err == nil {
				mu.Lock()
				defer mu.Unlock()
				won++
			}
		})
	}
	all.Wait()
	if won != 1 {
		t.Errorf("%d of 8 redeemed one ticket", won)
	}
}
