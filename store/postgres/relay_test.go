package postgres_test

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"cordboard/desk"
	"cordboard/desk/desktest"
	"cordboard/store/postgres"
	"cordboard/store/postgres/pgtest"
)

// End makes a node one of the suite's.
func (n *node) End() { _ = n.end() }

func TestRelay(t *testing.T) {
	s := running(t)
	desktest.Run(t, func(t *testing.T) func() desktest.Node {
		schema, joined := newSchema(), 0
		return func() desktest.Node {
			joined++
			return open(t, s, postgres.Options{Node: fmt.Sprint("node", joined), Schema: schema})
		}
	})
}

func TestTickets(t *testing.T) {
	desktest.RunSafe(t, idle(t, running(t), postgres.Options{Node: "north", Schema: newSchema()}))
}

// hears waits for a message that is wanted, and returns those before it.
func hears(t *testing.T, n *node, want func(desk.Message) bool) (before []desk.Message, m desk.Message) {
	t.Helper()
	for deadline := time.After(time.Minute); ; {
		select {
		case m = <-n.Messages():
			if want(m) {
				return before, m
			}
			before = append(before, m)
		case <-deadline:
			t.Fatalf("it does not come; what came is %v", before)
		}
	}
}

func anew(m desk.Message) bool { return m.Kind == desk.Anew }

func came(agent string) func(desk.Message) bool {
	return func(m desk.Message) bool { return m.Kind == desk.Came && m.Agent == agent && m.Node != 0 }
}

// A node that starts over says again where its desks hang and since when, and its old session is known to be gone.
func TestDesksStay(t *testing.T) {
	s, schema := running(t), newSchema()
	north := open(t, s, postgres.Options{Node: "north", Schema: schema})
	south := open(t, s, postgres.Options{Node: "south", Schema: schema})
	_, _ = hears(t, south, anew) // it has begun
	if err := south.Attach(t.Context(), []string{"1001"}); err != nil {
		t.Fatal(err)
	}
	_, first := hears(t, north, came("1001"))
	_, _ = hears(t, south, func(m desk.Message) bool { return m.Kind == desk.Came })
	expire(t, s, schema, "south")
	isGone := func(m desk.Message) bool { return m.Kind == desk.Gone && m.Node == first.Node }
	before, again := hears(t, north, func(m desk.Message) bool { return came("1001")(m) && m.Node != first.Node })
	if !slices.ContainsFunc(before, isGone) {
		_, _ = hears(t, north, isGone)
	}
	if !again.Since.Equal(first.Since) {
		t.Errorf("the desk came on node %d at %s, and again on node %d at %s", first.Node, first.Since, again.Node, again.Since)
	}
	gone, err := north.Send(t.Context(), []desk.Message{{Kind: "show", Node: first.Node, Until: time.Now().Add(time.Minute)},
		{Kind: "show", Node: again.Node, Until: time.Now().Add(time.Minute)}})
	if err != nil || len(gone) != 1 || gone[0] != first.Node {
		t.Errorf("gone is %v (%v), want the old session", gone, err)
	}
	_, _ = hears(t, south, func(m desk.Message) bool { return m.Kind == "show" })
	if err := south.end(); err != nil {
		t.Fatal(err)
	}
	_, _ = hears(t, north, func(m desk.Message) bool { return m.Kind == desk.Gone && m.Node == again.Node })
}

// Nothing is lost or mixed up when the connection is lost over which a node listens.
func TestRelaySurvivesLostConnections(t *testing.T) {
	s, schema := running(t), newSchema()
	from := open(t, s, postgres.Options{Node: "from here", Schema: schema})
	to := open(t, s, postgres.Options{Node: "to there", Schema: schema})
	if err := to.Attach(t.Context(), []string{"1001"}); err != nil {
		t.Fatal(err)
	}
	_, m := hears(t, from, came("1001"))
	for i := range 300 {
		if i%60 == 30 {
			s.Exec(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cordboard to there'")
		}
		next := desk.Message{Kind: "n", Node: m.Node, Key: fmt.Sprint(i), Until: time.Now().Add(time.Minute)}
		if gone, err := from.Send(t.Context(), []desk.Message{next}); err != nil || len(gone) > 0 {
			t.Fatalf("send: %v, %v gone", err, gone)
		}
	}
	for i := range 300 {
		if _, m := hears(t, to, func(m desk.Message) bool { return m.Kind == "n" }); m.Key != fmt.Sprint(i) {
			t.Fatalf("message %s came in place of %d", m.Key, i)
		}
	}
}

// A message that was numbered before others and stored after them comes all the same, and soon, also when nobody tells of it.
func TestALateMessageComes(t *testing.T) {
	s, schema := running(t), newSchema()
	from := open(t, s, postgres.Options{Node: "from here", Schema: schema, TTL: time.Hour})
	to := open(t, s, postgres.Options{Node: "to there", Schema: schema, TTL: time.Hour})
	if err := to.Attach(t.Context(), []string{"1001"}); err != nil {
		t.Fatal(err)
	}
	_, m := hears(t, from, came("1001"))
	for i := range 20 {
		next := desk.Message{Kind: "n", Node: m.Node, Key: fmt.Sprint(i), Until: time.Now().Add(time.Minute)}
		if _, err := from.Send(t.Context(), []desk.Message{next}); err != nil {
			t.Fatal(err)
		}
		_, _ = hears(t, to, func(m desk.Message) bool { return m.Key == next.Key })
	}
	s.Exec(t, `INSERT INTO `+schema+`.relay (seq, session, sender, kind, agent, key, body, until) OVERRIDING SYSTEM VALUE
		VALUES (1, $1, 0, 'n', '', 'late', '', clock_timestamp() + interval '1 hour')`, m.Node)
	_, _ = hears(t, to, func(m desk.Message) bool { return m.Key == "late" })
}

// A crash of the database forgets where desks hang: every node says it again, in the old order.
func TestDesksSurviveTheDatabase(t *testing.T) {
	s := pgtest.Start(t)
	north, south := open(t, s, postgres.Options{Node: "north"}), open(t, s, postgres.Options{Node: "south"})
	for _, n := range []*node{north, south} {
		_, _ = hears(t, n, anew) // it has begun
		if err := n.Attach(t.Context(), []string{"1001"}); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = hears(t, north, func(m desk.Message) bool { return m.Kind == desk.Came && m.Node == 0 })
	_, older := hears(t, south, came("1001"))
	_, newer := hears(t, north, came("1001"))
	if !newer.Since.After(older.Since) {
		t.Fatalf("the second desk came at %s, the first at %s", newer.Since, older.Since)
	}
	_, _ = hears(t, south, func(m desk.Message) bool { return m.Kind == desk.Came && m.Node == 0 })
	s.Stop(syscall.SIGQUIT)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = hears(t, north, anew)
	if _, m := hears(t, north, came("1001")); !m.Since.Equal(newer.Since) {
		t.Errorf("south's desk hangs since %s, before it was %s", m.Since, newer.Since)
	}
	_, _ = hears(t, south, anew)
	if _, m := hears(t, south, came("1001")); !m.Since.Equal(older.Since) {
		t.Errorf("north's desk hangs since %s, before it was %s", m.Since, older.Since)
	}
}
