package bench_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cordboard/bench"
	"cordboard/store/postgres/pgtest"
)

// serverEnv makes the test binary be the server process, desksEnv a process of desks.
const (
	serverEnv = "CORDBOARD_BENCH_SERVER"
	desksEnv  = "CORDBOARD_BENCH_DESKS"
)

func TestMain(m *testing.M) {
	if os.Getenv(desksEnv) != "" {
		if err := bench.ServeDesks(context.Background(), os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if config := os.Getenv(serverEnv); config != "" {
		log := slog.New(slog.NewTextHandler(os.Stderr, nil))
		if err := bench.Serve(context.Background(), config, "", os.Stdin, os.Stdout, log); err != nil {
			log.Error("server", "error", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

func options(t *testing.T) bench.Options {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return bench.Options{
		Agents: 10, Rate: 50, Length: 2 * time.Second, Store: "sqlite", People: 40, Dir: t.TempDir(), Stderr: os.Stderr,
		Server: func(config, _ string) *exec.Cmd {
			cmd := exec.Command(self)
			cmd.Env = append(os.Environ(), serverEnv+"="+config)
			return cmd
		},
		Desks: func() *exec.Cmd {
			cmd := exec.Command(self)
			cmd.Env = append(os.Environ(), desksEnv+"=1")
			return cmd
		},
	}
}

// Ensure that a run measures everything and that the server loses and doubles nothing. How quick it is decides nothing.
func TestRun(t *testing.T) {
	r, err := bench.Run(t.Context(), options(t))
	if err != nil {
		t.Fatal(err)
	}
	if r.Calls < 20 || r.Events != int64(5*r.Calls) || r.Lost != 0 || r.Duplicates != 0 || r.Dead != 0 {
		t.Errorf("%d calls, %d events, %d lost, %d doubled, %d dead", r.Calls, r.Events, r.Lost, r.Duplicates, r.Dead)
	}
	if r.Pop.Count != r.Page.Count || r.Pop.Count < 1 {
		t.Errorf("%d pops and %d pages were timed", r.Pop.Count, r.Page.Count)
	}
	if n := r.APICalls["collections.upsert"]; n < 1 {
		t.Errorf("records were written by %v", r.APICalls)
	}
	may := []string{"load_before", "written_bytes_per_event", "behind", "duplicates", "lost", "misplaced", "dead", "warmup", "ids", "database"} // be zero, the written bytes where the folder is in memory
	if empty := slices.DeleteFunc(zeros(reflect.ValueOf(r), ""), func(name string) bool {
		return strings.HasPrefix(name, ".told_") || slices.ContainsFunc(may, func(m string) bool { return strings.HasSuffix(name, "."+m) })
	}); len(empty) > 0 {
		t.Errorf("not filled: %v", empty)
	}
	var text bytes.Buffer
	if err := r.Print(&text); err != nil || !strings.Contains(text.String(), "0 doubled, 0 lost") {
		t.Errorf("%v\n%s", err, text.String())
	}
}

// Ensure that ids in the calls' data spare the search.
func TestRunWithIDs(t *testing.T) {
	o := options(t)
	o.IDs, o.Length = true, time.Second
	r, err := bench.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if r.Lost != 0 || r.Duplicates != 0 || r.APICalls["search"] != 0 {
		t.Errorf("%d lost, %d doubled, API calls %v", r.Lost, r.Duplicates, r.APICalls)
	}
}

// Ensure that a dialer's calls of every kind are told over one socket, and that their effects reach each agent's desk.
func TestRunDialer(t *testing.T) {
	o := options(t)
	o.Platform, o.Mix = "connect-tethered", "predictive=2,preview,consult"
	r, err := bench.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if r.Lost != 0 || r.Duplicates != 0 || r.Misplaced != 0 || r.Dead != 0 || r.Told.Count < 1 || r.Calls < 10 {
		t.Errorf("%d calls, %d told in time, %d lost, %d doubled, %d misplaced, %d dead", r.Calls, r.Told.Count, r.Lost, r.Duplicates, r.Misplaced, r.Dead)
	}
}

// Ensure that two nodes on one database share the desks: whatever node hears of a call, its pop comes to its agent's.
func TestRunNodes(t *testing.T) {
	db := pgtest.Start(t)
	o := options(t)
	o.Platform, o.Store, o.Nodes, o.Length = "connect-tethered", db.URL("postgres"), 2, time.Second
	for range 2 { // the second time the database is not empty
		r, err := bench.Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if r.Lost != 0 || r.Duplicates != 0 || r.Misplaced != 0 || len(r.Nodes) != 2 || r.Settings.Store != "postgres" ||
			r.Database == nil || r.Database.WALPerEvent <= 0 {
			t.Errorf("%d calls, %d lost, %d doubled, %d misplaced: %+v", r.Calls, r.Lost, r.Duplicates, r.Misplaced, r.Settings)
		}
	}
}

func TestOptions(t *testing.T) {
	for _, change := range []func(*bench.Options){
		func(o *bench.Options) { o.Agents = 0 },
		func(o *bench.Options) { o.Rate = 0 },
		func(o *bench.Options) { o.Length = 0 },
		func(o *bench.Options) { o.Store = "paper" },
		func(o *bench.Options) { o.People = 0 },
		func(o *bench.Options) { o.Server = nil },
		func(o *bench.Options) { o.Desks = nil },
		func(o *bench.Options) { o.Platform = "carrier-pigeon" },
		func(o *bench.Options) { o.Nodes = 2 },
		func(o *bench.Options) { o.Mix = "consult" }, // Finesse plays predictive calls only
		func(o *bench.Options) { o.Platform, o.Mix = "connect-tethered", "predictive=x" },
		func(o *bench.Options) { o.Platform, o.Mix = "connect-tethered", "preview=0" },
	} {
		o := options(t)
		change(&o)
		if _, err := bench.Run(t.Context(), o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}

// Ensure that a server process that ends at once is told, not waited for.
func TestServerThatDoesNotStart(t *testing.T) {
	o := options(t)
	o.Server = func(string, string) *exec.Cmd { return exec.Command("false") }
	if _, err := bench.Run(t.Context(), o); err == nil {
		t.Error("no error")
	}
}

// zeros names the fields that hold nothing, as they are called in JSON.
func zeros(v reflect.Value, name string) (empty []string) {
	if v.Kind() != reflect.Struct {
		if v.IsZero() {
			return []string{name}
		}
		return nil
	}
	for i := range v.NumField() {
		field, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		empty = append(empty, zeros(v.Field(i), name+"."+field)...)
	}
	return empty
}

// Ensure that a report is one JSON object.
func TestReportIsJSON(t *testing.T) {
	b, err := json.Marshal(bench.Report{})
	if err != nil || !json.Valid(b) {
		t.Error(err)
	}
}

// Ensure that the engine alone loses nothing and that everything is measured.
func TestRunEngine(t *testing.T) {
	r, err := bench.RunEngine(t.Context(), bench.EngineOptions{Producers: 4, Length: time.Second, Store: "sqlite", Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if r.Calls < 1 || r.Lost != 0 || r.Dead != 0 {
		t.Errorf("%d calls, %d lost, %d dead", r.Calls, r.Lost, r.Dead)
	}
	may := []string{".machine.load_before", ".lost", ".dead", ".cost.written_bytes_per_event", ".database"} // be zero, the written bytes where the folder is in memory
	if empty := slices.DeleteFunc(zeros(reflect.ValueOf(r), ""), func(name string) bool { return slices.Contains(may, name) }); len(empty) > 0 {
		t.Errorf("not filled: %v", empty)
	}
	var text bytes.Buffer
	if err := r.Print(&text); err != nil || !strings.Contains(text.String(), "0 events or steps lost") {
		t.Errorf("%v\n%s", err, text.String())
	}
}

func TestEngineOptions(t *testing.T) {
	for _, o := range []bench.EngineOptions{
		{Producers: 0, Length: time.Second, Store: "sqlite"},
		{Producers: 1, Length: 0, Store: "sqlite"},
		{Producers: 1, Length: time.Second, Store: "paper"},
	} {
		o.Dir = t.TempDir()
		if _, err := bench.RunEngine(t.Context(), o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}

// Ensure that the plain job is measured, and that every job is done once and on record. How quick it is decides nothing.
func TestRunJob(t *testing.T) {
	o := options(t)
	r, err := bench.RunJob(t.Context(), bench.JobOptions{Clients: 4, Length: time.Second, Dir: o.Dir, Server: o.Server, Stderr: o.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	if r.Jobs < 4 || r.Took.Count < 1 || r.Lost != 0 || r.Doubled != 0 || r.Early != 0 {
		t.Errorf("%d jobs, %d timed, %d lost, %d doubled, %d early", r.Jobs, r.Took.Count, r.Lost, r.Doubled, r.Early)
	}
	may := []string{".load_before", ".written_bytes_per_event", ".lost", ".doubled", ".early"} // be zero, the written bytes where the folder is in memory
	if empty := slices.DeleteFunc(zeros(reflect.ValueOf(r), ""), func(name string) bool {
		return slices.ContainsFunc(may, func(m string) bool { return strings.HasSuffix(name, m) })
	}); len(empty) > 0 {
		t.Errorf("not filled: %v", empty)
	}
	var text bytes.Buffer
	if err := r.Print(&text); err != nil || !strings.Contains(text.String(), "0 doubled, 0 lost") {
		t.Errorf("%v\n%s", err, text.String())
	}
	for _, wrong := range []bench.JobOptions{{Length: time.Second, Server: o.Server}, {Clients: 1, Server: o.Server}, {Clients: 1, Length: time.Second}} {
		if _, err := bench.RunJob(t.Context(), wrong); err == nil {
			t.Errorf("%+v was taken", wrong)
		}
	}
}
