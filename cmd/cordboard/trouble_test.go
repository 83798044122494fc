package main

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	simfinesse "cordboard/sim/finesse"
	simsalesforce "cordboard/sim/salesforce"
)

// playOne plays one predictive call and fails the test when that is not possible.
func (w *world) playOne(agent string) simfinesse.Result {
	w.t.Helper()
	script, _ := simfinesse.Script("predictive_plain")
	ids, err := w.site.Play(w.t.Context(), script, simfinesse.Call{Agents: []string{agent}, Customer: w.people[0].Number, Scale: 0.005})
	if err != nil {
		w.t.Fatal(err)
	}
	return ids
}

// hasLog reports whether the call has its one finished log.
func (w *world) hasLog(ids simfinesse.Result) bool {
	n := 0
	for _, task := range w.org.Records("Task") {
		if task["CallObject"] == "finesse:"+ids.Main && task["Status"] == "Completed" {
			n++
		}
	}
	return n == 1
}

// page returns a page of the console.
func (w *world) page(path string) string {
	w.t.Helper()
	var text string
	if err := w.get(path, &text); err != nil {
		w.t.Fatal(err)
	}
	return text
}

// Ensure that a notification that nobody can read is kept and shown, and holds nothing up.
func TestUnreadableMessage(t *testing.T) {
	wire := newWire(t)
	w := newWorld(t, worldOptions{config: wire.between})
	c := w.start()
	w.await("the sessions are up", func() bool { return w.up(4) })
	wire.inject(t, `<message xmlns="jabber:client" from="pubsub.finesse.example" to="1001001@finesse.example/x">`+
		`<event xmlns="http://jabber.org/protocol/pubsub#event"><items node="/finesse/api/User/1001001/Dialogs"><item id="1">`+
		`<notification xmlns="http://jabber.org/protocol/pubsub">&lt;Update&gt;&lt;data&gt;&lt;dialog&gt;&lt;id&gt;77</notification></item></items></event></message>`)
	w.await("the message is kept", func() bool {
		var n counts
		return w.get("/api/v1/counts", &n) == nil && n.Kept == 1
	})
	for _, agent := range w.agents {
		ids := w.playOne(agent)
		w.await("calls go on", func() bool { return w.hasLog(ids) })
	}
	if page := w.page("/attention"); !strings.Contains(page, "notification") || !strings.Contains(page, "could not be read") {
		t.Errorf("the page does not show what could not be read:\n%s", page)
	}
	// What is no XML at all is kept, too: over WebSocket every stanza is a message of its own.
	wire.inject(t, `<message><`)
	w.await("the stanza is kept", func() bool {
		var n counts
		return w.get("/api/v1/counts", &n) == nil && n.Kept == 2
	})
	ids := w.playOne(w.agents[0])
	w.await("calls go on", func() bool { return w.hasLog(ids) })
	if !c.running() {
		t.Error("the server ended")
	}
	w.checkLog()
}

// wire stands between the server and the site's notification service, and adds what the site would never say.
type wire struct {
	mu    sync.Mutex
	conns []*websocket.Conn // to the server
	site  string
	srv   *httptest.Server
}

// newWire returns a wire that ends with the test, after what is started later.
func newWire(t *testing.T) *wire {
	x := &wire{}
	x.srv = httptest.NewServer(x)
	t.Cleanup(x.srv.Close)
	return x
}

// between changes a configuration so that the server connects through the wire.
func (x *wire) between(config string) string {
	_, rest, _ := strings.Cut(config, "xmpp: ")
	x.site, _, _ = strings.Cut(rest, "\n")
	return strings.Replace(config, x.site, "ws"+strings.TrimPrefix(x.srv.URL, "http")+"/ws/", 1)
}

func (x *wire) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	site, _, err := websocket.Dial(r.Context(), x.site, &websocket.DialOptions{Subprotocols: []string{"xmpp"}})
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadGateway)
		return
	}
	defer site.CloseNow()
	server, err := websocket.Accept(rw, r, &websocket.AcceptOptions{Subprotocols: []string{"xmpp"}})
	if err != nil {
		return
	}
	defer server.CloseNow()
	x.mu.Lock()
	x.conns = append(x.conns, server)
	x.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	var both sync.WaitGroup
	defer both.Wait()
	defer cancel()
	both.Go(func() { defer cancel(); pass(ctx, server, site) })
	pass(ctx, site, server)
}

func pass(ctx context.Context, from, to *websocket.Conn) {
	from.SetReadLimit(-1)
	for {
		kind, b, err := from.Read(ctx)
		if err != nil || to.Write(ctx, kind, b) != nil {
			return
		}
	}
}

// inject says text on the first session.
func (x *wire) inject(t *testing.T, text string) {
	t.Helper()
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.conns[0].Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// Ensure that one wrong password costs one agent, and is shown.
func TestWrongPassword(t *testing.T) {
	w := newWorld(t, worldOptions{passwords: map[string]string{"1001002": "hush-wrong"}})
	w.start()
	w.await("the others are up", func() bool { return w.up(3) })
	ids := w.playOne("1001003")
	w.await("calls go on", func() bool { return w.hasLog(ids) })
	var c connections
	w.await("the refusal is shown", func() bool {
		return w.get("/api/v1/connections", &c) == nil && c.Connections[0].State == "degraded" && strings.Contains(c.Connections[0].Detail, "1 of 4 agents are refused")
	})
	if log := w.log(); !strings.Contains(log, "1001002") || strings.Contains(log, "hush-wrong") {
		t.Errorf("the log must name the agent and never the password:\n%s", log)
	}
	if page := w.page("/connections"); !strings.Contains(page, "some sessions are down") {
		t.Errorf("the page shows nothing of it:\n%s", page)
	}
}

// Ensure that a field that the org does not have makes the step dead with the field's name, where people see it, and that
// driving it again after the field is there makes the record right.
func TestMissingField(t *testing.T) {
	w := newWorld(t, worldOptions{})
	if err := w.org.AddFault(simsalesforce.Fault{Kind: simsalesforce.HiddenField, Object: "Task", Field: "CallDisposition"}); err != nil {
		t.Fatal(err)
	}
	w.start()
	w.await("the sessions are up", func() bool { return w.up(4) })
	ids := w.playOne("1001001")
	w.await("the step is dead", func() bool {
		var n counts
		return w.get("/api/v1/counts", &n) == nil && n.Steps["dead"] == 1
	})
	if page := w.page("/attention"); !strings.Contains(page, "CallDisposition") {
		t.Errorf("the page does not name the field:\n%s", page)
	}
	w.org.ClearFaults()
	s, _ := w.storyOf("finesse:" + ids.Main)
	dead := ""
	for _, m := range s.Timeline {
		for _, st := range m.Steps {
			if st.State == "dead" {
				dead = st.ID
			}
		}
	}
	if status := w.redrive(s.Call.ID, dead); status != http.StatusOK {
		t.Errorf("redrive answers %d", status)
	}
	w.await("the log is complete", func() bool { return w.hasLog(ids) })
	if n := w.settled(); n.Steps["dead"] != 0 {
		t.Errorf("%d steps are dead", n.Steps["dead"])
	}
	for id, want := range map[string]int{"r0.0": http.StatusNotFound, "": http.StatusBadRequest, dead: http.StatusConflict} {
		if status := w.redrive(s.Call.ID, id); status != want {
			t.Errorf("redriving %q answers %d, want %d", id, status, want)
		}
	}
}

// redrive presses the button of the page and returns the status of what comes.
func (w *world) redrive(call, step string) int {
	w.t.Helper()
	resp, err := w.client.PostForm("http://"+w.address+"/attention/redrive", url.Values{"call": {call}, "step": {step}})
	if err != nil {
		w.t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// Ensure that a server starts and takes calls while the org is down, and writes when it is back.
func TestOrgDownAtStart(t *testing.T) {
	front, org := freeAddress(t), ""
	w := newWorld(t, worldOptions{config: func(config string) string {
		_, rest, _ := strings.Cut(config, "salesforce:\n  url: ")
		org, _, _ = strings.Cut(rest, "\n")
		return strings.Replace(config, org, "http://"+front, 1)
	}})
	w.start()
	w.await("the sessions are up", func() bool { return w.up(4) })
	ids := w.playOne("1001001")
	w.await("the call is stored", func() bool {
		var n counts
		return w.get("/api/v1/counts", &n) == nil && n.Calls == 1 && n.Open == 0 && n.Steps["retrying"] > 0
	})
	target, err := url.Parse(org)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", front)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &http.Server{Handler: httputil.NewSingleHostReverseProxy(target), ReadHeaderTimeout: time.Minute}
	served := make(chan struct{})
	go func() { defer close(served); proxy.Serve(l) }()
	t.Cleanup(func() { proxy.Close(); <-served; http.DefaultClient.CloseIdleConnections() })
	w.await("the log is written", func() bool { return w.hasLog(ids) })
}

// Ensure that a server that cannot start says why, names the place, and ends with code 1.
func TestCannotStart(t *testing.T) {
	w := newWorld(t, worldOptions{noBrowsers: true})
	config, err := os.ReadFile(w.configFile())
	if err != nil {
		t.Fatal(err)
	}
	with := func(old, now string) func() {
		return func() { w.write("cordboard.yaml", strings.Replace(string(config), old, now, 1)) }
	}
	w.write("typo.yaml", "name: Typo\nplatform: cisco\nmode: predictive\nrules:\n  - name: Pop\n    on: PREDICTIVE_OUTBOUND ALERTNG\n    do:\n      - pop: { fnd: [Contact], by: call.customer }\n")
	for _, c := range []struct {
		name    string
		prepare func()
		want    []string
	}{
		{"port in use", func() {
			l, err := net.Listen("tcp", w.address)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { l.Close() })
		}, []string{w.address, "address already in use"}},
		{"data folder", with("data: data", "data: cordboard.yaml/data"), []string{"data folder", "cordboard.yaml", "not a directory"}},
		{"newer database", func() { with("data: data", "data: newer")(); newer(t, filepath.Join(w.dir, "newer")) },
			[]string{"newer release"}},
		{"misspelt key", with("data: data", "dta: data"), []string{"cordboard.yaml:2:1", `"dta"`, `did you mean "data"?`}},
		{"misspelt setting", with("agents_file", "agent_file"), []string{"cordboard.yaml:17:7", `did you mean "agents_file"?`}},
		{"workflow", with("[recommended]", "[typo.yaml]"), []string{"typo.yaml:6:9", "ALERTING", "typo.yaml:8:16", "find"}},
		{"no workflow file", with("[recommended]", "[absent.yaml]"), []string{"absent.yaml"}},
		{"no secret", with("org.secret", "absent.secret"), []string{"cordboard.yaml:9:", "absent.secret"}},
		{"no configuration", func() { os.Remove(w.configFile()) }, []string{"cordboard.yaml", "no such file"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.write("cordboard.yaml", string(config))
			c.prepare()
			code, _, stderr := command(t, t.Context(), "", "serve", "-c", w.configFile())
			if code != exitFailed {
				t.Errorf("exit code %d", code)
			}
			for _, want := range c.want {
				if !strings.Contains(stderr, want) {
					t.Errorf("it does not say %q:\n%s", want, stderr)
				}
			}
		})
	}
}

// newer makes a journal of a release that does not exist yet.
func newer(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, "cordboard.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(fmt.Sprintf("PRAGMA user_version = %d", 9999)); err != nil {
		t.Fatal(err)
	}
}
