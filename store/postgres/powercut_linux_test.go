package postgres_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"cordboard/engine/journaltest"
	"cordboard/store/internal/disk"
	"cordboard/store/postgres"
	"cordboard/store/postgres/pgtest"
)

// TestPowerCut cuts the power of the server's disk while a node commits: everything acknowledged before is there, no
// group is stored in part, and the indexes agree with the tables. CORDBOARD_CUTS sets how often.
func TestPowerCut(t *testing.T) {
	p := newPowerCuts(t)
	cuts, acked := rounds(t, 2), 0
	for i := range cuts {
		n, lost := p.cut(t)
		if acked += n; lost > 0 {
			t.Fatalf("cut %d: %d of %d acknowledged events are lost", i, lost, n)
		}
	}
	t.Logf("%d cuts, %d events acknowledged before them, 0 lost", cuts, acked)
}

// TestPowerCutIsNoticed switches fsync off behind the node's back: then a power cut must lose what was acknowledged, or
// damage the database, or TestPowerCut proves nothing. With fsync off from the start the store would not open.
func TestPowerCutIsNoticed(t *testing.T) {
	p := newPowerCuts(t)
	p.weak = true
	most := max(4, rounds(t, 0)/5)
	for i := range most {
		acked, lost := p.cut(t)
		if lost > 0 {
			t.Logf("without fsync: %d cuts, at the last %d events acknowledged before it, %d lost", i+1, acked, lost)
			return
		}
	}
	t.Errorf("commits without fsync survived %d power cuts: the cuts do not cut", most)
}

// rounds is how often a power is cut.
func rounds(t *testing.T, otherwise int) int {
	t.Helper()
	text := os.Getenv("CORDBOARD_CUTS")
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return max(1, n/8) // a round takes longer than one of a file
}

// powerCuts is a server on a disk whose power is cut again and again.
type powerCuts struct {
	d     *disk.Disk
	srv   *pgtest.Server
	weak  bool
	first int
}

func newPowerCuts(t *testing.T) *powerCuts {
	p := &powerCuts{d: disk.New(t, 2048)}
	dir := filepath.Join(p.d.Dir, "postgres")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	var err error
	p.srv, err = pgtest.NewIn(dir, "wal_writer_delay=10ms", "checkpoint_timeout=30s", "max_wal_size=64MB")
	pgtest.SkipOrFail(t, err)
	t.Cleanup(func() { p.srv.Stop(syscall.SIGQUIT) })
	if out, err := exec.Command("sync", "-f", dir).CombinedOutput(); err != nil { // what initdb made
		t.Fatalf("sync: %v\n%s", err, out)
	}
	return p
}

// cut lets a node commit for a while, cuts the power and counts what was acknowledged before and is gone.
func (p *powerCuts) cut(t *testing.T) (acked, lost int) {
	t.Helper()
	o := postgres.Options{Node: "north", Schema: newSchema(), Patience: time.Second}
	n := open(t, p.srv, o)
	p.first += 1_000_000
	c := &commits{n: n, f: journaltest.NewFeed(48, p.first)}
	for range 10 {
		if err := c.commit(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if p.weak { // only connections that are open do not notice
		p.srv.Exec(t, "ALTER SYSTEM SET fsync = off")
		p.srv.Exec(t, "SELECT pg_reload_conf()")
	}
	stop := c.run(t.Context())
	time.Sleep(time.Duration(100+rand.IntN(700)) * time.Millisecond) // any instant will do
	before := c.sofar()
	p.d.Cut()
	if err := p.srv.Die(); err != nil {
		t.Fatal(err)
	}
	stop()
	_ = n.end() // it cannot say good-bye
	p.d.Restore()
	if err := os.WriteFile(filepath.Join(p.srv.Data(), "postgresql.auto.conf"), nil, 0o600); err != nil { // fsync is on again
		t.Fatal(err)
	}
	if err := p.srv.Start(); err != nil {
		if !p.weak {
			t.Fatal(err)
		}
		t.Logf("the database is damaged: %v", err)
		return len(before), len(before)
	}
	return len(before), p.look(t, o, before)
}

// look counts which of the events are gone, and whether what is there fits together.
func (p *powerCuts) look(t *testing.T, o postgres.Options, acked []string) (lost int) {
	t.Helper()
	o.Patience = time.Minute // the server may have a lot to recover
	n := open(t, p.srv, o)
	defer func() { _ = n.end() }()
	k, err := n.Known(t.Context(), journaltest.CallsOf(acked))
	if err != nil {
		t.Fatal(err)
	}
	c, err := n.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	events := p.srv.Count(t, fmt.Sprintf("SELECT count(*) FROM %s.events", o.Schema))
	versions := p.srv.Count(t, fmt.Sprintf("SELECT coalesce(sum(version), 0)::bigint FROM %s.calls", o.Schema))
	if !p.weak && (c.Events != events || versions != events) {
		t.Errorf("%d events, %d counted, and their calls have %d: a group was stored in part", events, c.Events, versions)
	}
	if !p.weak {
		agree(t, p.srv, o.Schema)
	}
	if out, err := p.srv.Command("pg_amcheck", "-h", "127.0.0.1", "-p", p.srv.Port, "-U", "cordboard", "--install-missing", "--heapallindexed", "-s", o.Schema, "postgres").CombinedOutput(); err != nil && !p.weak {
		t.Errorf("pg_amcheck: %v\n%s", err, out)
	}
	return len(journaltest.Lacks(k, acked))
}

// commits are the groups that one node commits, one after the other.
type commits struct {
	n *node
	f *journaltest.Feed

	mu    sync.Mutex
	acked []string // event keys
}

func (c *commits) commit(ctx context.Context) error {
	g := c.f.Group(1 + rand.IntN(48))
	if err := c.n.Commit(ctx, g); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.acked = append(c.acked, journaltest.Keys(g.Events)...)
	return nil
}

func (c *commits) sofar() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.acked
}

// run commits until it is stopped or refused.
func (c *commits) run(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() {
		for c.commit(ctx) == nil {
		}
	})
	return func() { cancel(); running.Wait() }
}
