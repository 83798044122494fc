package postgres_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cordboard/call"
	"cordboard/engine"
	"cordboard/store/postgres"
)

// firstRelease is a call as the first schema held it: two events, of which each started a run; a step that is done and one
// that is due. A backslash in a name was, and is, written twice.
const firstRelease = `
	CREATE TABLE cordboard (version integer NOT NULL);
	INSERT INTO cordboard VALUES (1);
	INSERT INTO calls (id, version, holder, connection, open, due, started, last, indexed, body) VALUES ('fin\\esse:1', 2, 0, 'fin\\esse', true, 1000, 10, 20, 1,
		'{"state":{"id":"fin\\esse:1","platform":"cisco","connection":"fin\\esse","version":2,
		"legs":[{"id":"1001","ref":"1","agent":"1001","role":"customer","moments":[]}],"started":"2026-11-20T09:00:00Z","last":"2026-11-20T09:00:02Z"},"next_seq":2,"fired":["r1","r2"]}');
	INSERT INTO refs VALUES ('1', 'fin\\esse', 1);
	INSERT INTO events (call, key, body, raw) VALUES
		(1, 'fin\\esse' || chr(31) || 'a', '{"id":"a","connection":"fin\\esse","platform":"cisco","call":"fin\\esse:1","ref":"1","leg":"1001","role":"customer","agent":"1001","event":"ALERTING","at":"2026-11-20T09:00:00Z"}', '<a'),
		(1, 'fin\\esse' || chr(31) || 'b', '{"id":"b","connection":"fin\\esse","platform":"cisco","call":"fin\\esse:1","ref":"1","leg":"1001","role":"customer","agent":"1001","event":"ACTIVE","at":"2026-11-20T09:00:02Z"}', NULL);
	INSERT INTO runs VALUES
		(1, 'r1', '{"id":"r1","call":"fin\\esse:1","event":"fin\\esse\u001fa","leg":"1001","agent":"1001","workflow":"w","rule":"pop","revision":"1","started":"2026-11-20T09:00:00Z"}'),
		(1, 'r2', '{"id":"r2","call":"fin\\esse:1","event":"fin\\esse\u001fb","leg":"1001","agent":"1001","workflow":"w","rule":"log","revision":"1","started":"2026-11-20T09:00:02Z"}');
	INSERT INTO steps (id, call, seq, state, at, body) VALUES
		('r2.0', 1, 1, 'pending', 1000, '{"id":"r2.0","run":"r2","call":"fin\\esse:1","leg":"1001","agent":"1001","seq":1,"lane":"work","kind":"create","key":"k2","plan":null,"state":"pending","heard":"2026-11-20T09:00:02Z","attempt":0}'),
		('r1.0', 1, 0, 'done', 900, '{"id":"r1.0","run":"r1","call":"fin\\esse:1","leg":"1001","agent":"1001","seq":0,"lane":"screen","kind":"pop","key":"k1","plan":null,"state":"done","heard":"2026-11-20T09:00:00Z","attempt":1}');
	INSERT INTO search VALUES ('a:1001', 1);
	UPDATE nodes SET events = 2, calls = 1, runs = 2, pending = 1, done = 1;`

// A database of the first schema is brought to the newest one, with everything in it, and goes on.
func TestMigrate(t *testing.T) {
	srv, schema := running(t), newSchema()
	first, err := os.ReadFile("migrations/0001_start.sql")
	if err != nil {
		t.Fatal(err)
	}
	srv.Exec(t, "CREATE SCHEMA "+schema)
	srv.Exec(t, "SET search_path TO "+schema+";"+string(first)+firstRelease)
	s := open(t, srv, postgres.Options{Node: "north", Schema: schema})
	agree(t, srv, schema)
	story, err := s.Story(t.Context(), `fin\esse:1`)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, ev := range story.Events {
		told = append(told, ev.Name+" "+string(ev.Raw))
	}
	for _, r := range story.Runs {
		told = append(told, r.ID+" "+r.Rule)
	}
	for _, st := range story.Steps {
		told = append(told, st.ID+" "+string(st.State))
	}
	want := []string{"ALERTING <a", "ACTIVE ", "r1 pop", "r2 log", "r1.0 done", "r2.0 pending"}
	if diff := cmp.Diff(want, told); diff != "" || story.Call.Stored != 2 || len(story.Refs) != 1 {
		t.Errorf("the story (-want +got):\n%s", diff)
	}
	k, err := s.Known(t.Context(), engine.Ask{Refs: []call.Ref{{Connection: `fin\esse`, Ref: "1"}}})
	w := k.Calls[`fin\esse:1`]
	if err != nil || len(w.Events) != 2 || len(w.Steps) != 1 {
		t.Fatalf("known: %+v, %v", w, err)
	}
	st := w.Steps[0]
	st.State = engine.Done
	stored(t, s, engine.Group{Calls: []engine.Call{w.Call}, Steps: []engine.Step{st}})
	if c, err := s.Counts(t.Context()); err != nil || c.Events != 2 || c.Calls != 1 || c.Runs != 2 || c.Steps[engine.Done] != 2 || c.Steps[engine.Pending] != 0 {
		t.Errorf("counts: %+v, %v", c, err)
	}
	if rows, err := s.Calls(t.Context(), engine.Filter{Agent: "1001"}); err != nil || len(rows) != 1 || rows[0].Steps[engine.Done] != 2 {
		t.Errorf("calls: %+v, %v", rows, err)
	}
}
