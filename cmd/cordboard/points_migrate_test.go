package main

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

// firstCall is a finished call as the first schema of the journal held it: two events, of which each started a run.
const firstCall = `
	INSERT INTO calls VALUES (%[1]d, 'old:%[1]d', 2, 'old', 0, NULL, 10, 20, 1, '{"state":{"id":"old:%[1]d","platform":"cisco","connection":"old","version":2,
		"legs":[{"id":"1001","ref":"%[1]d","agent":"1001","role":"customer","moments":[]}],"started":"%[3]s","last":"%[4]s"},"next_seq":2,"fired":["r%[1]d"]}');
	INSERT INTO refs VALUES ('%[1]d', 'old', %[1]d);
	INSERT INTO events VALUES (%[2]d, 'old' || char(31) || 'a%[1]d', %[1]d, '{"id":"a%[1]d","connection":"old","platform":"cisco","call":"old:%[1]d","ref":"%[1]d","leg":"1001","role":"customer","agent":"1001","event":"ALERTING","at":"%[3]s"}', x'3c61');
	INSERT INTO events VALUES (%[2]d + 1, 'old' || char(31) || 'b%[1]d', %[1]d, '{"id":"b%[1]d","connection":"old","platform":"cisco","call":"old:%[1]d","ref":"%[1]d","leg":"1001","role":"customer","agent":"1001","event":"DROPPED","at":"%[4]s"}', NULL);
	INSERT INTO runs VALUES (%[1]d, 'r%[1]d', '{"id":"r%[1]d","call":"old:%[1]d","event":"old\u001fa%[1]d","leg":"1001","agent":"1001","workflow":"w","rule":"pop","revision":"1","started":"%[3]s"}');
	INSERT INTO steps VALUES (%[1]d, 'r%[1]d.0', 0, 'done', 900, '{"id":"r%[1]d.0","run":"r%[1]d","call":"old:%[1]d","leg":"1001","agent":"1001","seq":0,"lane":"screen","kind":"pop","key":"k%[1]d","plan":null,"state":"done","heard":"%[3]s","attempt":1}');
`

const firstTotals = `
	UPDATE counts SET n = %d WHERE name = 'events';
	UPDATE counts SET n = %d WHERE name IN ('calls', 'runs', 'done');
	PRAGMA application_id = 0x436f7264;
	PRAGMA user_version = 1;`

// TestPointsOfMigration kills the server while it brings a journal of the first release to the newest schema: the next
// start does it, and every call is there. CORDBOARD_POINTS says how often.
func TestPointsOfMigration(t *testing.T) {
	needStrace(t)
	rounds := setting(t, "CORDBOARD_POINTS", 1)
	seed := uint64(setting(t, "CORDBOARD_CRASH_SEED", int(time.Now().UnixNano()&0xffffff)))
	t.Logf("CORDBOARD_CRASH_SEED=%d", seed)
	rng := rand.New(rand.NewPCG(seed, 5))
	const calls = 300
	w := newWorld(t, fed(worldOptions{noBrowsers: true}))
	for range rounds {
		file := w.oldJournal(t, calls)
		write := 1 + rng.IntN(120)
		killed := w.startTraced("-P", file, "-P", file+"-wal", "-e", "trace=pwrite64", "-e", fmt.Sprintf("inject=pwrite64:signal=KILL:when=%d", write))
		killed.dies(t)
		c := w.start()
		var n counts
		w.await("the server is up", func() bool { return w.get("/api/v1/counts", &n) == nil })
		if n.Events != 2*calls || n.Calls != calls || n.Runs != calls || n.Steps["done"] != calls {
			t.Errorf("killed at write %d: %+v", write, n)
		}
		for i := 1; i <= calls; i += 7 {
			var s story
			if err := w.get(fmt.Sprintf("/api/v1/calls/old:%d", i), &s); err != nil || len(s.Timeline) != 2 || len(s.Timeline[0].Steps) != 1 {
				t.Errorf("killed at write %d: call %d has %d events, %v", write, i, len(s.Timeline), err)
			}
		}
		c.kill()
	}
	w.checkLog()
}

// oldJournal makes the journal anew, as the first release would have left it.
func (w *world) oldJournal(t *testing.T, calls int) string {
	t.Helper()
	data := filepath.Join(w.dir, "data")
	if err := os.RemoveAll(data); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	schema, err := os.ReadFile("../../store/sqlite/migrations/0001_start.sql")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(data, "cordboard.db")
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	began := time.Now().UTC().Add(-time.Hour)
	text := "PRAGMA synchronous = OFF;\n" + string(schema) + "BEGIN;"
	for i := range calls {
		text += fmt.Sprintf(firstCall, i+1, 2*i+1, began.Format(time.RFC3339), began.Add(2*time.Second).Format(time.RFC3339))
	}
	if _, err := db.ExecContext(t.Context(), text+"COMMIT;"+fmt.Sprintf(firstTotals, 2*calls, calls)); err != nil {
		t.Fatal(err)
	}
	return file
}
