package postgres_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"cordboard/store/postgres"
)

func pop(agent, id string) postgres.Message {
	return postgres.Message{Agent: agent, ID: id, Kind: "show", Body: []byte(id), Until: time.Now().Add(time.Minute)}
}

// A pop decided on one node reaches the desk that hangs on another, and the receipt comes back.
func TestRelay(t *testing.T) {
	s, schema := running(t), newSchema()
	north, south := open(t, s, postgres.Options{Node: "north", Schema: schema}), open(t, s, postgres.Options{Node: "south", Schema: schema})
	ctx := t.Context()
	if err := north.Send(ctx, pop("1001", "a")); !errors.Is(err, postgres.ErrNoDesk) {
		t.Fatalf("send: %v, want ErrNoDesk", err)
	}
	for _, n := range []*node{north, south} { // of many nodes the newest counts, and never oneself
		if err := n.Attach(ctx, "1001"); err != nil {
			t.Fatal(err)
		}
	}
	asked := pop("1001", "a")
	asked.Body = []byte(strings.Repeat("\x00long ", 4000)) // more than a notification holds
	if err := north.Send(ctx, asked); err != nil {
		t.Fatal(err)
	}
	got := <-south.Messages()
	if got.Agent != "1001" || got.ID != "a" || got.Kind != "show" || string(got.Body) != string(asked.Body) || time.Until(got.Until) < 50*time.Second {
		t.Fatalf("got %q %q %q until %s", got.Agent, got.ID, got.Kind, got.Until)
	}
	if err := south.Send(ctx, postgres.Message{To: got.From, ID: got.ID, Kind: "receipt", Until: got.Until}); err != nil {
		t.Fatal(err)
	}
	if back := <-north.Messages(); back.ID != "a" || back.Kind != "receipt" {
		t.Fatalf("back came %+v", back)
	}
	late := pop("1001", "late")
	late.Until = time.Now().Add(-time.Second)
	if err := errors.Join(north.Send(ctx, late), north.Send(ctx, pop("1001", "in time"))); err != nil {
		t.Fatal(err)
	}
	if got := <-south.Messages(); got.ID != "in time" {
		t.Errorf("%q was delivered", got.ID)
	}
	if err := south.Detach(ctx, "1001"); err != nil {
		t.Fatal(err)
	}
	if err := north.Send(ctx, pop("1001", "b")); !errors.Is(err, postgres.ErrNoDesk) {
		t.Fatalf("send: %v, want ErrNoDesk", err)
	}
	if err := south.Attach(ctx, "1002"); err != nil {
		t.Fatal(err)
	}
	if err := south.end(); err != nil {
		t.Fatal(err)
	}
	if err := north.Send(ctx, pop("1002", "b")); !errors.Is(err, postgres.ErrNoDesk) {
		t.Fatalf("send to a node that ended: %v, want ErrNoDesk", err)
	}
}

// Each message arrives once, and those of one sender in their order, also when connections are lost meanwhile.
func TestRelayKeepsOrder(t *testing.T) {
	s, schema := running(t), newSchema()
	from := open(t, s, postgres.Options{Node: "from here", Schema: schema})
	to := open(t, s, postgres.Options{Node: "to there", Schema: schema})
	if err := to.Attach(t.Context(), "1001"); err != nil {
		t.Fatal(err)
	}
	const messages = 3000 // more than wait in memory
	var sending sync.WaitGroup
	sending.Go(func() {
		for i := range messages {
			if err := from.Send(t.Context(), pop("1001", fmt.Sprint(i))); err != nil {
				t.Error(err)
				return
			}
		}
	})
	defer sending.Wait()
	for i := range messages {
		if i == messages/2 {
			s.Exec(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cordboard to there' AND query LIKE 'LISTEN%'")
		}
		select {
		case m := <-to.Messages():
			if m.ID != fmt.Sprint(i) {
				t.Fatalf("message %s came in place of %d", m.ID, i)
			}
		case <-time.After(time.Minute):
			t.Fatalf("message %d does not come", i)
		}
	}
}

// A node that starts over says again where its desks hang.
func TestDesksStay(t *testing.T) {
	s, schema := running(t), newSchema()
	north := open(t, s, postgres.Options{Node: "north", Schema: schema})
	south := idle(t, s, postgres.Options{Node: "south", Schema: schema}) // so that it does not notice by itself
	if err := south.Attach(t.Context(), "1001"); err != nil {
		t.Fatal(err)
	}
	term, _ := south.Tenure()
	expire(t, s, schema, "south")
	if err := north.Send(t.Context(), pop("1001", "lost")); !errors.Is(err, postgres.ErrNoDesk) {
		t.Fatalf("send: %v, want ErrNoDesk", err)
	}
	_, _, _ = south.Lease(t.Context(), "finesse")
	if now, _ := south.Tenure(); now == term {
		t.Fatal("south goes on as if nothing had happened")
	}
	south.run()
	if err := north.Send(t.Context(), pop("1001", "found")); err != nil {
		t.Fatal(err)
	}
	if m := <-south.Messages(); m.ID != "found" {
		t.Errorf("%q came", m.ID)
	}
}
