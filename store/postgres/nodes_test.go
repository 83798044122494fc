package postgres_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/engine"
	"cordboard/engine/journaltest"
	"cordboard/platform"
	"cordboard/store/postgres"
	"cordboard/store/postgres/pgtest"
)

// one is the group of one call's first event; its step is due at journaltest.Morning.
func one(number int) engine.Group { return journaltest.NewFeed(1, number).Group(1) }

// more is the group of the next event of a stored call, or, without an event, of its steps being done.
func more(t *testing.T, n *node, id call.ID, event string) engine.Group {
	t.Helper()
	k, err := n.Known(t.Context(), engine.Ask{Calls: []call.ID{id}})
	if err != nil || len(k.Calls) != 1 {
		t.Fatalf("%d calls are known, want 1: %v", len(k.Calls), err)
	}
	w := k.Calls[id]
	if event == "" {
		return outcome(w)
	}
	leg := w.Call.State.Legs[0]
	ev := call.Event{ID: event, Connection: "finesse", Platform: call.Cisco, Call: id, Ref: leg.Ref, Leg: leg.ID, Role: leg.Role,
		Agent: leg.Agent, Name: "ACTIVE", Phase: call.Answered, At: journaltest.Morning}
	w.Call.State = call.Apply(w.Call.State, &ev)
	w.Call.Due = journaltest.Morning
	return engine.Group{Events: []call.Event{ev}, Calls: []engine.Call{w.Call}}
}

// outcome is the group that ends a call's steps.
func outcome(w engine.Work) engine.Group {
	w.Call.Due = time.Time{}
	for i := range w.Steps {
		w.Steps[i].State, w.Steps[i].Due, w.Steps[i].Ended = engine.Done, time.Time{}, journaltest.Morning
	}
	return engine.Group{Calls: []engine.Call{w.Call}, Steps: w.Steps}
}

func stored(t *testing.T, n *node, g engine.Group) {
	t.Helper()
	if err := n.Commit(t.Context(), g); err != nil {
		t.Fatal(err)
	}
}

func fenced(t *testing.T, n *node, g engine.Group) {
	t.Helper()
	if err := n.Commit(t.Context(), g); !errors.Is(err, engine.ErrFenced) || errors.Is(err, engine.ErrBroken) {
		t.Fatalf("commit: %v, want ErrFenced", err)
	}
}

func due(t *testing.T, n *node) []engine.Work {
	t.Helper()
	w, err := n.Due(t.Context(), journaltest.Morning.Add(time.Hour), 1000, nil)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// within waits for a fact.
func within(t *testing.T, d time.Duration, what string, fact func() bool) {
	t.Helper()
	for end := time.Now().Add(d); !fact(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after %s still not: %s", d, what)
		}
	}
}

// expire ends a node's session behind its back, as time does to a node that was paused.
func expire(t *testing.T, s *pgtest.Server, schema, name string) {
	t.Helper()
	s.Exec(t, "UPDATE "+schema+".nodes SET until = clock_timestamp() - interval '1 second' WHERE name = $1 AND until > clock_timestamp()", name)
}

// listens waits until a node that has just begun hears what others tell.
func listens(t *testing.T, n *node) {
	t.Helper()
	within(t, time.Minute, "the node listens", func() bool { term, _ := n.Tenure(); return term > 1 })
}

func owns(t *testing.T, n *node) (epoch int64) {
	t.Helper()
	epoch, until, err := n.Lease(t.Context(), "finesse")
	if err != nil || time.Until(until) <= 0 {
		t.Fatalf("lease: until %s, %v", until, err)
	}
	return epoch
}

func held(t *testing.T, n *node) {
	t.Helper()
	if _, _, err := n.Lease(t.Context(), "finesse"); !errors.Is(err, platform.ErrHeld) {
		t.Fatalf("lease: %v, want ErrHeld", err)
	}
}

func TestOneNodeOwnsAConnection(t *testing.T) {
	s, schema := running(t), newSchema()
	north, south := open(t, s, postgres.Options{Node: "north", Schema: schema}), open(t, s, postgres.Options{Node: "south", Schema: schema})
	if e := owns(t, north); e != 1 {
		t.Errorf("epoch %d", e)
	}
	held(t, south)
	if e := owns(t, north); e != 1 {
		t.Errorf("kept, the epoch is %d", e)
	}
	if _, _, err := south.Lease(t.Context(), "another"); err != nil {
		t.Error(err)
	}
	stored(t, north, one(1))
	if err := north.Release(t.Context(), "finesse"); err != nil {
		t.Fatal(err)
	}
	if e := owns(t, south); e != 2 {
		t.Errorf("taken over, the epoch is %d", e)
	}
	held(t, north)
	fenced(t, north, one(2)) // north still believes that it is the owner
	stored(t, south, one(2))
	if err := south.end(); err != nil {
		t.Fatal(err)
	}
	if e := owns(t, north); e != 3 { // a node that ends lets go at once
		t.Errorf("taken over again, the epoch is %d", e)
	}
	stored(t, north, one(3))
}

func TestAPausedNodeCannotWrite(t *testing.T) {
	s, schema := running(t), newSchema()
	north := idle(t, s, postgres.Options{Node: "north", Schema: schema}) // says nothing by itself
	owns(t, north)
	stored(t, north, one(1))
	fenced2 := one(2)
	south := open(t, s, postgres.Options{Node: "south", Schema: schema})
	held(t, south)
	if w := due(t, south); len(w) > 0 {
		t.Fatalf("the calls of a living node are handed out: %d", len(w))
	}
	expire(t, s, schema, "north")
	owns(t, south)
	fenced(t, north, fenced2)                                // an event
	fenced(t, north, more(t, north, "finesse:16800002", "")) // the outcome of a step
	if _, err := north.Due(t.Context(), journaltest.Morning, 10, nil); err != nil && !errors.Is(err, engine.ErrFenced) {
		t.Fatal(err)
	}
	w := due(t, south)
	if len(w) != 1 || len(w[0].Steps) != 1 {
		t.Fatalf("south was handed %d calls, want 1", len(w))
	}
	before, _ := north.Tenure()
	held(t, north) // and starts over
	if after, until := north.Tenure(); after == before || time.Until(until) <= 0 {
		t.Errorf("term %d after %d, until %s", after, before, until)
	}
	fenced(t, north, fenced2)
	fenced(t, north, more(t, north, "finesse:16800002", ""))
	stored(t, south, outcome(w[0]))
	stored(t, south, fenced2)
}

// A session ends by the database's clock, and a node that was silent believes in it no longer than that.
func TestTenureEndsInTime(t *testing.T) {
	s, schema := running(t), newSchema()
	north := idle(t, s, postgres.Options{Node: "north", Schema: schema, TTL: 300 * time.Millisecond})
	within(t, time.Minute, "the session runs out", func() bool {
		return s.Count(t, "SELECT count(*) FROM "+schema+".nodes WHERE name = 'north' AND until < clock_timestamp()") == 1
	})
	if term, until := north.Tenure(); time.Until(until) > 0 {
		t.Errorf("north believes in its term %d until %s", term, until)
	}
	fenced(t, north, one(1))
}

// The call of a living node comes over with its next event, because only the owner of the connection hears one.
func TestAnEventTakesTheCall(t *testing.T) {
	s, schema := running(t), newSchema()
	north, south := open(t, s, postgres.Options{Node: "north", Schema: schema}), open(t, s, postgres.Options{Node: "south", Schema: schema})
	listens(t, north)
	stored(t, north, one(1))
	const id = call.ID("finesse:16800002")
	fenced(t, south, more(t, south, id, ""))
	running := more(t, north, id, "") // what north is doing
	term, _ := north.Tenure()
	owns(t, south)
	stored(t, south, more(t, south, id, "second"))
	within(t, time.Minute, "north knows that it lost a call", func() bool {
		now, _ := north.Tenure()
		return now != term
	})
	if err := north.Commit(t.Context(), running); !errors.Is(err, engine.ErrStale) {
		t.Errorf("commit: %v, want ErrStale", err)
	}
	fenced(t, north, more(t, north, id, ""))
	if w := due(t, north); len(w) > 0 {
		t.Error("north is handed the call that it lost")
	}
	if w := due(t, south); len(w) != 1 {
		t.Errorf("south is handed %d calls, want 1", len(w))
	}
	stored(t, south, more(t, south, id, "")) // nothing is left to do: anybody may go on
	stored(t, north, more(t, north, id, "third"))
}

func TestClaimsAreDisjoint(t *testing.T) {
	s, schema := running(t), newSchema()
	const calls = 600
	first := open(t, s, postgres.Options{Node: "first", Schema: schema})
	stored(t, first, journaltest.NewFeed(calls, 0).Group(calls))
	var nodes []*node
	for i := range 4 {
		nodes = append(nodes, open(t, s, postgres.Options{Node: fmt.Sprint("node", i), Schema: schema}))
	}
	for len(nodes[0].Wake()) > 0 {
		<-nodes[0].Wake()
	}
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	<-nodes[0].Wake() // it is told that there is something to take
	var (
		mu    sync.Mutex
		taken = map[call.ID]int{}
		all   sync.WaitGroup
	)
	for i, n := range nodes {
		all.Go(func() {
			mine := map[call.ID]bool{}
			for range 60 {
				got, err := n.Due(t.Context(), journaltest.Morning.Add(time.Hour), 7, func(id call.ID) bool { return mine[id] })
				if err != nil {
					t.Error(err)
					return
				}
				for _, w := range got {
					mine[w.Call.State.ID] = true
				}
			}
			mu.Lock()
			defer mu.Unlock()
			for id := range mine {
				if other, ok := taken[id]; ok {
					t.Errorf("%s was handed to %d and to %d", id, other, i)
				}
				taken[id] = i
			}
		})
	}
	all.Wait()
	if len(taken) != calls {
		t.Errorf("%d of %d calls were handed out", len(taken), calls)
	}
}

// Two processes under one name: the newer one is right, and the older one must stop.
func TestANamesakeEndsTheOlder(t *testing.T) {
	s, o := running(t), postgres.Options{Node: "north", Schema: newSchema()}
	older := idle(t, s, o)
	owns(t, older)
	stored(t, older, one(1))
	newer := open(t, s, o)
	if w := due(t, newer); len(w) != 1 {
		t.Errorf("the newer one is handed %d calls, want 1", len(w))
	}
	owns(t, newer)
	fenced(t, older, one(2))
	if err := older.Run(t.Context()); !errors.Is(err, engine.ErrBroken) {
		t.Errorf("run: %v, want ErrBroken", err)
	}
	stored(t, newer, one(2))
}

// Nodes may write different calls at the same time, and the same call in turns.
func TestNodesWriteSideBySide(t *testing.T) {
	s, schema := running(t), newSchema()
	var all sync.WaitGroup
	for i := range 3 {
		n := open(t, s, postgres.Options{Node: fmt.Sprint("node", i), Schema: schema})
		all.Go(func() {
			f := journaltest.NewFeed(20, 1000*i)
			for range 40 {
				if err := n.Commit(t.Context(), f.Group(10)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	n := open(t, s, postgres.Options{Node: "reader", Schema: schema})
	c, err := n.Counts(t.Context())
	if err != nil || c.Events != 1200 || c.Calls != 300 {
		t.Fatalf("counts %+v (%v)", c, err)
	}
}
