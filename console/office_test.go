package console_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cordboard/action/page"
	"cordboard/action/pop"
	"cordboard/action/record"
	"cordboard/call"
	"cordboard/calling"
	"cordboard/catalog"
	"cordboard/console"
	"cordboard/engine"
	"cordboard/platform"
	"cordboard/store/sqlite"
	"cordboard/table"
	"cordboard/workflow"
	"cordboard/workflows"
)

// limit bounds every wait for a fact: far above what is needed, so that it decides nothing on a slow machine.
const limit = 3 * time.Minute

// office is a console over a real journal and a real engine with the shipped workflows. Only what the engine acts on is
// not real: the CRM and the agents' screens answer as the test says.
type office struct {
	t       testing.TB
	store   *sqlite.Store
	engine  *engine.Engine
	console *console.Console
	server  *httptest.Server
	rules   *workflow.Set

	mu          sync.Mutex
	do          map[string]func(engine.Input) engine.Outcome // by kind
	connections []platform.Status
	desks       []console.Desk
	records     atomic.Int64
	away        atomic.Bool
	gate        atomic.Pointer[chan struct{}] // what fragments wait for
	leave       func()                        // ends the console's Run
}

func newOffice(t testing.TB, own ...string) *office {
	t.Helper()
	o := &office{t: t, do: map[string]func(engine.Input) engine.Outcome{}, rules: shipped(t, own...)}
	var err error
	if o.store, err = sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), sqlite.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.store.Close() })
	actions := map[string]engine.Action{}
	for _, kind := range []string{"pop", "page", "create", "update"} {
		actions[kind] = fake{o, kind}
	}
	o.engine = engine.New(engine.Config{Journal: o.store, Rules: o.rules, Actions: actions})
	o.run(o.engine.Run)
	o.console, err = console.New(console.Config{
		Journal: o.store, Rules: func() console.Rules { return o.rules }, Connections: o.allConnections, Desks: o.allDesks,
		Repair: o.engine, Tables: table.New(o.store), Changes: o.engine.Watch, RecordURL: recordURL, Calling: &console.Calling{Gate: calling.NewGate(calling.Shipped(), o.store, nil), Ledger: o.store, Region: "US"}, Catalog: catalog.Default(), Log: quiet(t), Version: "v-test",
	})
	if err != nil {
		t.Fatal(err)
	}
	o.leave = o.run(o.console.Run)
	o.server = httptest.NewServer(http.HandlerFunc(o.serve))
	t.Cleanup(func() { o.leave(); o.server.Close() })
	return o
}

// serve answers, unless the test wants the server to be away or slow.
func (o *office) serve(w http.ResponseWriter, r *http.Request) {
	if o.away.Load() {
		panic(http.ErrAbortHandler)
	}
	if gate := o.gate.Load(); gate != nil && r.URL.Query().Has("fragment") {
		select {
		case <-*gate:
		case <-r.Context().Done():
		}
	}
	o.console.ServeHTTP(w, r)
}

// run runs something until the test ends or the returned function is called.
func (o *office) run(run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			o.t.Error(err)
		}
	})
	o.t.Cleanup(stop)
	return stop
}

// shipped are the shipped workflows and own ones, which are given as text.
func shipped(t testing.TB, own ...string) *workflow.Set {
	t.Helper()
	specs := append([]workflow.Spec{pop.Spec(), page.Spec()}, record.Specs()...)
	names, err := workflows.Recommended()
	if err != nil {
		t.Fatal(err)
	}
	var all []*workflow.Workflow
	for _, name := range names {
		src, err := workflows.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		ws, problems := workflow.Parse(name, src, specs)
		if problems.Errors() {
			t.Fatal(problems)
		}
		all = append(all, ws...)
	}
	for _, text := range own {
		ws, problems := workflow.Parse("site.yaml", []byte(text), specs)
		if problems.Errors() {
			t.Fatal(problems)
		}
		all = append(all, ws...)
	}
	set, err := workflow.Compile(all)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// fake performs steps of one kind as the test says.
type fake struct {
	o    *office
	kind string
}

func (f fake) Do(_ context.Context, in engine.Input) engine.Outcome {
	f.o.mu.Lock()
	do := f.o.do[f.kind]
	f.o.mu.Unlock()
	if do != nil {
		return do(in)
	}
	switch f.kind {
	case "pop":
		out := engine.Did(json.RawMessage(`{"id":"` + ines + `","type":"Contact","name":"Ines Roth","count":1,"by":"number"}`))
		out.Request, out.Answer = "find Contact, Lead by number …0123", "Contact "+ines+" (by number); record shown"
		return out
	case "create", "update":
		id := fmt.Sprintf("00T%012dAAA", f.o.records.Add(1))
		if in.Known != nil {
			id = in.Known.ID
		}
		out := engine.Did(json.RawMessage(`{"id":"` + id + `","created":true}`))
		out.Record = &engine.RecordRef{Object: "Task", ID: id}
		out.Request, out.Answer = "upsert by key Task {Subject: ‹19 characters›}", "created "+id
		return out
	}
	return engine.Did(nil)
}

// acts makes steps of a kind do something else.
func (o *office) acts(kind string, do func(engine.Input) engine.Outcome) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.do[kind] = do
}

func (o *office) allConnections() []platform.Status {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]platform.Status(nil), o.connections...)
}

func (o *office) allDesks() []console.Desk {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]console.Desk(nil), o.desks...)
}

const (
	ines     = "003Wy00000AbCdEIAV"
	customer = "+15550100123"
)

func recordURL(object, id string) string {
	return "https://org.example/lightning/r/" + object + "/" + id + "/view"
}

// begun is when the first made-up call begins: earlier today, as far as the day allows.
func begun() time.Time { return time.Now().UTC().Truncate(time.Millisecond).Add(-5 * time.Minute) }

// told are events of one manual call: dialing, ringing, talking, on hold, talking, the end.
func told(ref, agent, number string, at time.Time) []call.Event {
	ev := func(n int, after time.Duration, name string, phase call.Phase) call.Event {
		return call.Event{
			ID: fmt.Sprint(ref, "/", n), Connection: "finesse", Platform: call.Cisco, Ref: ref, Leg: "leg-" + ref, Role: call.CustomerLeg,
			Agent: agent, Extension: "10" + agent[len(agent)-2:], Mode: call.Manual, CallType: "OUT", Name: name, Phase: phase, At: at.Add(after),
			Customer: number, Direction: "outbound", Campaign: "Winback", Vars: map[string]string{"LCMKey": "LK" + ref, "callVariable1": "back on " + number},
			Raw: []byte("<Update><data><dialog><id>" + ref + "</id><fromAddress>1001</fromAddress><toAddress>" + number + "</toAddress><state>" + name + "</state></dialog></data></Update>"),
		}
	}
	return []call.Event{
		ev(1, 0, "INITIATED", call.Dialing), ev(2, 4*time.Second, "ACTIVE", call.Answered),
		ev(3, 50*time.Second, "HELD", call.Held), ev(4, 70*time.Second, "ACTIVE", call.Answered), ev(5, 121*time.Second, "DROPPED", call.Ended),
	}
}

func (o *office) accept(events ...call.Event) {
	o.t.Helper()
	if err := o.engine.Accept(context.Background(), events); err != nil {
		o.t.Fatal(err)
	}
}

// call lets one whole call happen and waits until nothing is left to do at once; it returns its id.
func (o *office) call(ref, agent, number string) string {
	o.t.Helper()
	o.accept(told(ref, agent, number, begun())...)
	o.settled()
	return o.id(ref)
}

func (o *office) id(ref string) string { o.t.Helper(); return string(o.storyID(ref)) }

func (o *office) storyID(ref string) call.ID {
	o.t.Helper()
	rows, err := o.store.Calls(context.Background(), engine.Filter{Text: ref})
	if err != nil || len(rows) != 1 {
		o.t.Fatalf("call %s: %d rows, %v", ref, len(rows), err)
	}
	return rows[0].State.ID
}

// settled waits until no step is being performed.
func (o *office) settled() {
	o.t.Helper()
	await(o.t, "all steps are over or wait", func() bool {
		c, err := o.store.Counts(context.Background())
		return err == nil && c.Steps[engine.Pending] == 0
	})
}

// waits waits until so many steps are in a state.
func (o *office) waits(state engine.StepState, n int64) {
	o.t.Helper()
	await(o.t, fmt.Sprint(n, " steps are ", state), func() bool {
		c, err := o.store.Counts(context.Background())
		return err == nil && c.Steps[state] == n
	})
}

func await(t testing.TB, what string, fact func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !fact(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v", what, limit)
		}
	}
}

// get asks for a path and returns the status and the body.
func (o *office) get(path string) (int, http.Header, string) {
	o.t.Helper()
	answer, err := o.server.Client().Get(o.server.URL + path)
	if err != nil {
		o.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(body)
}

// page asks for a path that must be there.
func (o *office) page(path string) string {
	o.t.Helper()
	status, _, body := o.get(path)
	if status != http.StatusOK {
		o.t.Fatalf("%s: %d\n%s", path, status, body)
	}
	return body
}

func (o *office) wants(path string, words ...string) {
	o.t.Helper()
	body := o.page(path)
	for _, w := range words {
		if !strings.Contains(body, w) {
			o.t.Errorf("%s lacks %q\n%s", path, w, body)
		}
	}
}

// post sends a body and returns the answer.
func (o *office) post(path, kind, body string) (status int, header http.Header, answer string) {
	o.t.Helper()
	r, err := http.Post(o.server.URL+path, kind, strings.NewReader(body))
	if err != nil {
		o.t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return r.StatusCode, r.Header, string(b)
}

// upload sends a form with one CSV file, as the pages do.
func (o *office) upload(path, csv string) (status int, answer string) {
	o.t.Helper()
	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	file, err := parts.CreateFormFile("file", "rows.csv")
	if err != nil {
		o.t.Fatal(err)
	}
	io.WriteString(file, csv)
	parts.Close()
	status, _, answer = o.post(path, parts.FormDataContentType(), form.String())
	return status, answer
}
