package postgres_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"cordboard/engine/journaltest"
	"cordboard/store/postgres"
	"cordboard/store/postgres/pgtest"
)

// TestGrowth looks whether an event costs the same however many are stored; the server's processor time is in it.
func TestGrowth(t *testing.T) {
	srv, schema := pgtest.Start(t, "shared_buffers=1GB", "max_wal_size=4GB"), newSchema()
	n := open(t, srv, postgres.Options{Node: "north", Schema: schema, TTL: time.Hour, Patience: time.Hour})
	journaltest.Growth(t, n, func() time.Duration {
		server, err := srv.CPU()
		if err != nil {
			t.Fatal(err)
		}
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			t.Fatal(err)
		}
		return server + time.Duration(u.Utime.Nano()+u.Stime.Nano())
	}, func() func(int) {
		c := &copier{t, srv, schema, srv.Count(t, "SELECT max(n) FROM "+schema+".calls"), 0}
		return c.copy
	})
}

// copier stores the first calls of a schema again and again, as earlier ones with ids of their own.
type copier struct {
	*testing.T
	srv    *pgtest.Server
	schema string
	calls  int64 // the template has numbers up to this
	made   int   // copies
}

// copyCalls makes copies number %[2]d to %[3]d of the calls up to number %[4]d.
const copyCalls = `SET search_path TO %[1]s; SET synchronous_commit TO off;
	CREATE TEMP TABLE one ON COMMIT DROP AS
		SELECT n, n - k * %[4]d::bigint AS at, substr(id, 9) AS ref, md5(random()::text) AS h FROM calls, generate_series(%[2]d, %[3]d) k
		WHERE n BETWEEN 1 AND %[4]d ORDER BY k DESC, n;
	INSERT INTO calls (n, id, version, holder, connection, open, due, started, last, indexed, body) OVERRIDING SYSTEM VALUE
		SELECT o.at, 'finesse:' || o.h, version, holder, connection, open, due, started - 60000000000, last, indexed, body FROM one o JOIN calls USING (n);
	INSERT INTO refs SELECT o.h, 'finesse', o.at FROM one o;
	INSERT INTO events (call, key, body, runs, packed) SELECT o.at, replace(key, o.ref, o.h), body, runs, packed FROM one o JOIN events e ON e.call = o.n;
	INSERT INTO steps (id, call, seq, state, at, body)
		SELECT 'r' || substr(md5(o.h || s.id), 1, 24) || '.0', o.at, seq, state, s.at, body FROM one o JOIN steps s ON s.call = o.n;
	INSERT INTO search SELECT 'a:' || (1001000 + random() * 2047)::int, at FROM one;
	INSERT INTO search SELECT 'n:' || lpad((random() * 9999999)::int::text, 7, '0') || '5141', at FROM one`

// copy measures nothing right behind a checkpoint: until each page was written once more it costs the page's whole image, and at a few
// thousand events a second that is soon over. The last tenth comes after the checkpoint.
func (c *copier) copy(times int) {
	c.more(times * 9 / 10)
	// What a night does; otherwise it would be done, and counted, while it is measured.
	c.srv.Exec(c, "VACUUM ANALYZE")
	c.srv.Exec(c, "CHECKPOINT")
	c.more(times - times*9/10)
}

func (c *copier) more(times int) {
	const atOnce = 10
	for end := c.made + times; c.made < end; {
		from, to := c.made+1, min(c.made+atOnce, end)
		c.srv.Exec(c, fmt.Sprintf(copyCalls, c.schema, from, to, c.calls))
		if c.made = to; to%100 == 0 {
			c.Logf("%d copies", to)
		}
	}
}
