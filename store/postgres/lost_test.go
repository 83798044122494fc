package postgres_test

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"time"

	"cordboard/engine"
	"cordboard/engine/journaltest"
	"cordboard/store/postgres"
	"cordboard/store/postgres/pgtest"
)

// behind opens a node that reaches the server through a proxy.
func behind(t *testing.T, s *pgtest.Server, p *proxy, schema string) *node {
	t.Helper()
	return idle(t, s.Through(p.port()), postgres.Options{Node: "north", Schema: schema, TTL: time.Minute, Patience: time.Minute})
}

func known(t *testing.T, n *node, g engine.Group) (found int) {
	t.Helper()
	k, err := n.Known(t.Context(), journaltest.CallsOf(journaltest.Keys(g.Events)))
	if err != nil {
		t.Fatal(err)
	}
	return len(g.Events) - len(journaltest.Lacks(k, journaltest.Keys(g.Events)))
}

// The group was stored but the answer was lost: Commit finds out, and says yes.
func TestALostAnswerIsFound(t *testing.T) {
	s, schema := running(t), newSchema()
	p := newProxy(t, s)
	n := behind(t, s, p, schema)
	stored(t, n, one(1))
	g := one(2)
	p.play(loseAnswer, g.Events[0].ID)
	stored(t, n, g)
	<-p.done
	if got := known(t, n, g); got != 1 {
		t.Errorf("%d of its events are stored, want 1", got)
	}
	stored(t, n, one(3))
	if c, err := n.Counts(t.Context()); err != nil || c.Events != 3 || c.Calls != 3 {
		t.Errorf("counts %+v (%v)", c, err)
	}
}

// The connection was lost while the server still worked on the group: Commit waits until it is decided.
func TestAnUndecidedGroupIsWaitedFor(t *testing.T) {
	s, schema := running(t), newSchema()
	p := newProxy(t, s)
	n := behind(t, s, p, schema)
	stored(t, n, one(1))
	g := one(2)
	// Somebody stores a call of the same id, so that the group waits for the end of it, and then changes his mind.
	takeBack := s.Hold(t, "INSERT INTO "+schema+`.calls (id, version, holder, connection, open, started, last, indexed, body)
		SELECT $1, 1, 0, connection, open, started, last, indexed, body FROM `+schema+".calls LIMIT 1", string(g.Calls[0].State.ID))
	p.play(cutMeanwhile, g.Events[0].ID)
	committed := make(chan error, 1)
	go func() { committed <- n.Commit(t.Context(), g) }()
	waiting := func(n int64) func() bool {
		return func() bool {
			return s.Count(t, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'cordboard north' AND wait_event_type = 'Lock'") == n
		}
	}
	within(t, time.Minute, "the group waits", waiting(1))
	close(p.late)
	within(t, time.Minute, "the question what became of the group waits for the group", waiting(2))
	takeBack()
	if err := <-committed; err != nil {
		t.Error(err)
	}
	if got := known(t, n, g); got != 1 {
		t.Errorf("%d of its events are stored, want 1", got)
	}
}

// The group does not arrive, and is sent again; when the first one arrives in the end, it does not come true.
func TestALateGroupIsRefused(t *testing.T) {
	s, schema := running(t), newSchema()
	p := newProxy(t, s)
	n := behind(t, s, p, schema)
	stored(t, n, one(1))
	g := one(2)
	p.play(holdMessage, g.Events[0].ID)
	stored(t, n, g)
	close(p.late)
	<-p.done
	if got := known(t, n, g); got != 1 {
		t.Errorf("%d of its events are stored, want 1", got)
	}
	stored(t, n, one(3))
	if c, err := n.Counts(t.Context()); err != nil || c.Events != 3 || c.Calls != 3 {
		t.Errorf("counts %+v (%v)", c, err)
	}
}

// TestRestart crashes the server under load: everything acknowledged is there, and every group is stored once.
func TestRestart(t *testing.T) {
	s := pgtest.Start(t)
	n := open(t, s, postgres.Options{Node: "north"})
	underLoad(t, n, func() {
		for range 3 {
			s.Stop(syscall.SIGQUIT) // as pg_ctl restart -m immediate
			if err := s.Start(); err != nil {
				t.Error(err)
				return
			}
			time.Sleep(time.Second) // any instant will do
		}
	})
	checkWhole(t, s, n, "cordboard")
}

// TestTerminate ends all connections under load, again and again.
func TestTerminate(t *testing.T) {
	s, schema := running(t), newSchema()
	n := open(t, s, postgres.Options{Node: "south", Schema: schema})
	underLoad(t, n, func() {
		for range 20 {
			s.Exec(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cordboard south'")
			time.Sleep(50 * time.Millisecond) // any instant will do
		}
	})
	checkWhole(t, s, n, schema)
}

// underLoad commits groups while trouble is made, and then a few more; all must be acknowledged in the end.
func underLoad(t *testing.T, n *node, trouble func()) {
	t.Helper()
	over, stop := context.WithCancel(t.Context())
	made := make(chan struct{})
	go func() {
		defer close(made)
		defer stop()
		trouble()
	}()
	defer func() { <-made }()
	var acked []string
	f := journaltest.NewFeed(48, 0)
	failed, unknown := 0, 0
	for size, after := 1, 0; after < 10; size = size%48 + 1 {
		if over.Err() != nil {
			after++
		}
		g := f.Group(size)
		for deadline := time.Now().Add(time.Minute); ; {
			err := n.Commit(t.Context(), g)
			if err == nil {
				break
			}
			if errors.Is(err, engine.ErrBroken) || time.Now().After(deadline) {
				t.Errorf("commit: %v", err)
				return
			}
			failed++
			if errors.Is(err, engine.ErrStale) && stale(t, n, g) {
				unknown++ // an earlier try was stored, and nobody could be asked about it
				break
			}
		}
		acked = append(acked, journaltest.Keys(g.Events)...)
	}
	k := asked(t, func() (engine.Known, error) { return n.Known(t.Context(), journaltest.CallsOf(acked)) })
	for _, key := range journaltest.Lacks(k, acked) {
		t.Errorf("acknowledged and lost: %q", key)
	}
	t.Logf("%d events acknowledged, 0 lost, %d commits failed, %d were found stored by the next try", len(acked), failed, unknown)
}

// stale reports whether the whole group is stored.
func stale(t *testing.T, n *node, g engine.Group) bool {
	t.Helper()
	k := asked(t, func() (engine.Known, error) {
		return n.Known(t.Context(), journaltest.CallsOf(journaltest.Keys(g.Events)))
	})
	return len(journaltest.Lacks(k, journaltest.Keys(g.Events))) == 0
}

// asked asks until there is an answer: a question may be cut off like everything else.
func asked[T any](t *testing.T, ask func() (T, error)) T {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		answer, err := ask()
		if err == nil {
			return answer
		}
		if errors.Is(err, engine.ErrBroken) || time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// checkWhole: each event's call is in the event's group, so a group stored in part or twice would differ here.
func checkWhole(t *testing.T, s *pgtest.Server, n *node, schema string) {
	t.Helper()
	c := asked(t, func() (engine.Counts, error) { return n.Counts(t.Context()) })
	if e, v := s.Count(t, "SELECT count(*) FROM "+schema+".events"), s.Count(t, "SELECT sum(version)::bigint FROM "+schema+".calls"); e != v || e != c.Events {
		t.Errorf("%d events, their calls have %d, %d are counted", e, v, c.Events)
	}
	var steps int64
	for _, k := range c.Steps {
		steps += k
	}
	if got := s.Count(t, "SELECT count(*) FROM "+schema+".steps"); got != steps {
		t.Errorf("%d steps, %d are counted", got, steps)
	}
}
