//go:build unix

package sqlite_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"cordboard/engine/journaltest"
)

// TestGrowth looks whether an event costs the same however many are stored, with checkpoints beside the commits.
func TestGrowth(t *testing.T) {
	file := filepath.Join(t.TempDir(), "journal.db")
	s := open(t, file)
	t.Cleanup(running(t, s))
	journaltest.Growth(t, s, func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			t.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}, func() func(int) { return newCopier(t, file).copy })
}

// copier stores the first calls of a file again and again, as earlier ones with ids of their own.
type copier struct {
	*testing.T
	db    *sql.DB
	calls int64 // the template has numbers up to this
	made  int   // copies
}

func newCopier(t *testing.T, file string) *copier {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(60000)&_pragma=synchronous(0)&_pragma=temp_store(memory)&_pragma=cache_size(-500000)")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1) // it has a table of its own
	t.Cleanup(func() { _ = db.Close() })
	c := &copier{T: t, db: db}
	if err := db.QueryRow("SELECT max(n) FROM calls").Scan(&c.calls); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE TEMP TABLE one (n INTEGER PRIMARY KEY, at INTEGER, ref TEXT, h TEXT)"); err != nil {
		t.Fatal(err)
	}
	return c
}

// copyCalls makes copy number %[1]d of the calls up to number %[2]d.
const copyCalls = `BEGIN IMMEDIATE;
	DELETE FROM one;
	INSERT INTO one SELECT n, n - %[1]d * %[2]d, substr(id, 9), lower(hex(randomblob(16))) FROM calls WHERE n BETWEEN 1 AND %[2]d;
	INSERT INTO calls (n, id, version, connection, open, due, started, last, indexed, body)
		SELECT o.at, 'finesse:' || o.h, version, connection, open, due, started - 60000000000, last, indexed, body FROM one o JOIN calls USING (n);
	INSERT INTO refs (ref, connection, call) SELECT o.h, 'finesse', o.at FROM one o;
	INSERT INTO events (call, key, body, runs, packed) SELECT o.at, replace(key, o.ref, o.h), body, runs, packed FROM one o JOIN events e ON e.call = o.n;
	INSERT INTO steps (call, id, seq, state, at, body)
		SELECT o.at, 'r' || lower(hex(randomblob(12))) || '.0', seq, state, s.at, body FROM one o JOIN steps s ON s.call = o.n;
	INSERT INTO search SELECT 'a:' || (1001000 + abs(random() %% 2048)), at FROM one;
	INSERT INTO search SELECT 'n:' || printf('%%07d', abs(random() %% 10000000)) || '5141', at FROM one;
	COMMIT`

func (c *copier) copy(times int) {
	for end := c.made + times; c.made < end; {
		c.made++
		if _, err := c.db.Exec(fmt.Sprintf(copyCalls, c.made, c.calls)); err != nil {
			c.Fatal(err)
		}
		if c.made%100 == 0 {
			c.Logf("%d copies", c.made)
		}
	}
}
