package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cordboard/call"
	"cordboard/engine"
)

// firstRelease is a call as the first schema held it: two events, of which each started a run; a step that is done and one
// that is due.
const firstRelease = `
	INSERT INTO calls VALUES (7, 'finesse:1', 2, 'finesse', 1, 1000, 10, 20, 1, '{"state":{"id":"finesse:1","platform":"cisco","connection":"finesse","version":2,
		"legs":[{"id":"1001","ref":"1","agent":"1001","role":"customer","moments":[]}],"started":"2026-11-20T09:00:00Z","last":"2026-11-20T09:00:02Z"},"next_seq":2,"fired":["r1","r2"]}');
	INSERT INTO refs VALUES ('1', 'finesse', 7);
	INSERT INTO events VALUES (1, 'finesse' || char(31) || 'a', 7, '{"id":"a","connection":"finesse","platform":"cisco","call":"finesse:1","ref":"1","leg":"1001","role":"customer","agent":"1001","event":"ALERTING","at":"2026-11-20T09:00:00Z"}', x'3c61');
	INSERT INTO events VALUES (2, 'finesse' || char(31) || 'b', 7, '{"id":"b","connection":"finesse","platform":"cisco","call":"finesse:1","ref":"1","leg":"1001","role":"customer","agent":"1001","event":"ACTIVE","at":"2026-11-20T09:00:02Z"}', NULL);
	INSERT INTO runs VALUES (7, 'r1', '{"id":"r1","call":"finesse:1","event":"finesse\u001fa","leg":"1001","agent":"1001","workflow":"w","rule":"pop","revision":"1","started":"2026-11-20T09:00:00Z"}');
	INSERT INTO runs VALUES (7, 'r2', '{"id":"r2","call":"finesse:1","event":"finesse\u001fb","leg":"1001","agent":"1001","workflow":"w","rule":"log","revision":"1","started":"2026-11-20T09:00:02Z"}');
	INSERT INTO steps VALUES (7, 'r2.0', 1, 'pending', 1000, '{"id":"r2.0","run":"r2","call":"finesse:1","leg":"1001","agent":"1001","seq":1,"lane":"work","kind":"create","key":"k2","plan":null,"state":"pending","heard":"2026-11-20T09:00:02Z","attempt":0}');
	INSERT INTO steps VALUES (7, 'r1.0', 0, 'done', 900, '{"id":"r1.0","run":"r1","call":"finesse:1","leg":"1001","agent":"1001","seq":0,"lane":"screen","kind":"pop","key":"k1","plan":null,"state":"done","heard":"2026-11-20T09:00:00Z","attempt":1}');
	INSERT INTO search VALUES ('a:1001', 7);
	UPDATE counts SET n = 2 WHERE name IN ('events', 'runs');
	UPDATE counts SET n = 1 WHERE name = 'calls';
	PRAGMA application_id = 0x436f7264;
	PRAGMA user_version = 1;`

// A file of the first schema is brought to the newest one, with everything in it, and goes on.
func TestMigrate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	schema, err := os.ReadFile("migrations/0001_start.sql")
	if err != nil {
		t.Fatal(err)
	}
	raw(t, path, string(schema)+firstRelease)
	s := open(t, path)
	story, err := s.Story(t.Context(), "finesse:1")
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
	counts, err := s.Counts(t.Context())
	want4 := engine.Counts{Events: 2, Calls: 1, Open: 1, Runs: 2, Steps: map[engine.StepState]int64{
		engine.Done: 1, engine.Pending: 1, engine.Retrying: 0, engine.Parked: 0, engine.Skipped: 0, engine.Dead: 0}}
	if diff := cmp.Diff(want4, counts); diff != "" || err != nil {
		t.Errorf("counts (-want +got): %v\n%s", err, diff)
	}
	k, err := s.Known(t.Context(), engine.Ask{Refs: []call.Ref{{Connection: "finesse", Ref: "1"}}})
	w := k.Calls["finesse:1"]
	if err != nil || len(w.Events) != 2 || len(w.Steps) != 1 {
		t.Fatalf("known: %+v, %v", w, err)
	}
	st := w.Steps[0]
	st.State = engine.Done
	if err := s.Commit(t.Context(), engine.Group{Calls: []engine.Call{w.Call}, Steps: []engine.Step{st}}); err != nil {
		t.Fatal(err)
	}
	if rows, err := s.Calls(t.Context(), engine.Filter{Agent: "1001"}); err != nil || len(rows) != 1 || rows[0].Steps[engine.Done] != 2 {
		t.Errorf("calls: %+v, %v", rows, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, view := range []string{"event_list", "run_list", "step_list"} {
		if n := count(t, path, "SELECT count(*) FROM "+view); n != 2 {
			t.Errorf("%s shows %d rows, want 2", view, n)
		}
	}
}
