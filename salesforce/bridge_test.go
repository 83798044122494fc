package salesforce_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"cordboard/desk"
	"cordboard/sim/host"
	"cordboard/sim/stage/stagetest"
)

const (
	anna  = "1001001"   // the agent that the signed-in user is
	limit = time.Minute // of every wait for a fact
)

// world is a page of an org with the bridge in it, a Cordboard server, and a page of somebody else.
type world struct {
	t       *testing.T
	hub     *desk.Hub
	server  *httptest.Server // the panel, its socket, and a page that says what the panel will say
	lex     *httptest.Server // the org's page
	evil    *httptest.Server
	browser context.Context

	mu      sync.Mutex
	tickets int
	refuse  string                      // why there is no ticket
	setting string                      // the origin that the org is configured with
	heard   map[string][]map[string]any // by the host that heard it
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, heard: map[string][]map[string]any{}}
	var compiled map[string]string
	node(t, &compiled, "compile.mjs", absolute(t, source+"/lwc/cordboardBridge"))
	w.browser = newBrowser(t)
	w.lex, w.server, w.evil = httptest.NewUnstartedServer(nil), httptest.NewUnstartedServer(nil), httptest.NewUnstartedServer(nil)
	w.setting = address(w.server)
	tickets := desk.NewTickets(nil)
	w.hub = desk.NewHub(desk.Config{Redeem: tickets.Redeem, Origins: []string{address(w.lex)}})

	served := http.NewServeMux()
	served.Handle("GET /desk/", w.hub.Panel(nil))
	served.Handle("GET /desk/socket", w.hub)
	w.frames(served, "server")
	w.server.Config.Handler = served
	elsewhere := http.NewServeMux()
	w.frames(elsewhere, "evil")
	w.evil.Config.Handler = elsewhere
	w.lex.Config.Handler = w.org(compiled, tickets)
	for _, s := range []*httptest.Server{w.lex, w.server, w.evil} {
		s.Start()
	}
	t.Cleanup(func() {
		chromedp.Cancel(w.browser) // closes all sockets; the servers would wait for them
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		w.hub.Drain(ctx)
		for _, s := range []*httptest.Server{w.lex, w.server, w.evil} {
			s.Close()
		}
	})
	w.do(chromedp.Navigate(address(w.lex)))
	w.until(`window.words?.() === 'Waiting for the agent panel.'`)
	return w
}

// org serves the page, the compiled bridge with LWC's real engine under it, and what stands for the platform.
func (w *world) org(compiled map[string]string, tickets *desk.Tickets) http.Handler {
	mux := http.NewServeMux()
	script := func(path, code string) {
		mux.HandleFunc("GET "+path, func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", "text/javascript")
			io.WriteString(rw, code)
		})
	}
	for name, code := range compiled {
		script("/bridge/"+name, code)
	}
	script("/bridge/cordboardBridge.css", "export default undefined")
	script("/bridge/cordboardBridge.scoped.css", "export default undefined")
	engine, err := os.ReadFile("strangers/node_modules/@lwc/engine-dom/dist/index.js")
	if err != nil {
		w.t.Fatal(err)
	}
	script("/lwc.js", "globalThis.process = { env: { NODE_ENV: 'production' } };\n"+string(engine))
	script("/channel.js", "export default { name: 'Cordboard_Client_Event__c' }")
	script("/settings.js", "export default async () => ({ server: await (await fetch('/apex/settings')).text(), prefix: 'PureCloud.' })")
	mux.HandleFunc("GET /apex/settings", func(rw http.ResponseWriter, _ *http.Request) {
		w.mu.Lock()
		defer w.mu.Unlock()
		io.WriteString(rw, w.setting)
	})
	script("/ticket.js", `export default async () => {
		const answer = await fetch('/apex/ticket', { method: 'POST' });
		if (!answer.ok) throw { body: { message: await answer.text() } }; // as the platform wraps an AuraHandledException
		return answer.text();
	}`)
	mux.HandleFunc("POST /apex/ticket", func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.tickets++
		refuse := w.refuse
		w.mu.Unlock()
		ticket, err := tickets.Issue(r.Context(), anna)
		if refuse != "" || err != nil {
			rw.WriteHeader(http.StatusInternalServerError)
			ticket = refuse
		}
		io.WriteString(rw, ticket)
	})
	page := host.New(host.Config{})
	for _, path := range []string{"/message-service.js", "/judge.js", "/client-events.js"} {
		mux.Handle("GET "+path, page)
	}
	mux.HandleFunc("GET /{$}", func(rw http.ResponseWriter, r *http.Request) { http.ServeFile(rw, r, "testdata/lightning.html") })
	return mux
}

// frames serves the page that says what its address holds and reports what it hears.
func (w *world) frames(mux *http.ServeMux, host string) {
	mux.HandleFunc("GET /frame", func(rw http.ResponseWriter, r *http.Request) { http.ServeFile(rw, r, "testdata/frame.html") })
	mux.HandleFunc("POST /heard", func(_ http.ResponseWriter, r *http.Request) {
		heard := []map[string]any{}
		json.NewDecoder(r.Body).Decode(&heard)
		w.mu.Lock()
		defer w.mu.Unlock()
		if old, ok := w.heard[host]; !ok || len(heard) >= len(old) {
			w.heard[host] = heard
		}
	})
}

// say opens an iframe of a server that says these messages, and waits until it has.
func (w *world) say(of *httptest.Server, host string, messages ...any) {
	w.t.Helper()
	w.mu.Lock()
	delete(w.heard, host)
	w.mu.Unlock()
	text, err := json.Marshal(messages)
	if err != nil {
		w.t.Fatal(err)
	}
	w.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf("frame(%q)", address(of)+"/frame#"+url.PathEscape(string(text)))))
	w.await("the frame of "+host+" has spoken", func() bool { return w.hearing(host) != nil })
}

func (w *world) hearing(host string) []map[string]any {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.heard[host]
}

func (w *world) await(what string, is func() bool) {
	w.t.Helper()
	for end := time.Now().Add(limit); !is(); {
		if time.Now().After(end) {
			w.t.Fatalf("not within %v: %s", limit, what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (w *world) do(actions ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.browser, limit)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) until(expression string) {
	w.t.Helper()
	w.await(expression, func() bool {
		ctx, cancel := context.WithTimeout(w.browser, limit)
		defer cancel()
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression))
		return err == nil && ok
	})
}

func newBrowser(t *testing.T) context.Context {
	t.Helper()
	return stagetest.Chromium(t, chromedp.Flag("site-per-process", true))
}

func address(s *httptest.Server) string { return "http://" + s.Listener.Addr().String() }

// TestBridgeHandsOutTickets lets the real panel sign in through the bridge.
func TestBridgeHandsOutTickets(t *testing.T) {
	w := newWorld(t)
	w.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf("frame(%q)", address(w.server)+"/desk/?host=plain")))
	w.await("the panel is at its desk", func() bool {
		tabs := w.hub.Tabs()
		return len(tabs) == 1 && tabs[0].Agent == anna
	})
	w.until(`words() === 'The agent panel is here.'`)
}

// TestBridgeTellsWhyThereIsNoTicket hands the panel the org's sentence.
func TestBridgeTellsWhyThereIsNoTicket(t *testing.T) {
	w := newWorld(t)
	w.mu.Lock()
	w.refuse = "Your user names no agent."
	w.mu.Unlock()
	w.say(w.server, "server", map[string]any{"type": "cordboard:ticket?", "question": "q1"})
	w.await("the answer comes", func() bool { return len(w.hearing("server")) == 1 })
	want := []map[string]any{{"type": "cordboard:ticket", "question": "q1", "error": "Your user names no agent."}}
	if diff := cmp.Diff(want, w.hearing("server")); diff != "" {
		t.Error(diff)
	}
	w.until(`words() === 'Your user names no agent.'`)
}

// TestBridgeCarriesMessages takes events from the panel to the channel and actions from the channel to the panel, and
// nothing else.
func TestBridgeCarriesMessages(t *testing.T) {
	w := newWorld(t)
	w.say(w.server, "server",
		map[string]any{"type": "Handshake"},
		map[string]any{"type": "interaction", "category": "change", "data": map[string]any{"new": map[string]any{"id": "7c1e"}}},
		map[string]any{"type": "PureCloud.Interaction.updateState", "data": 1}, "text", nil, map[string]any{"type": 7},
		map[string]any{"type": "constructor"}, map[string]any{"type": "UserAction", "category": "login"})
	w.until(`published.length === 3`)
	w.until(`JSON.stringify(published) === JSON.stringify([{type: 'InitialSetup'},
		{type: 'Interaction', category: 'change', data: {new: {id: '7c1e'}}}, {type: 'UserAction', category: 'login'}])`)
	w.do(chromedp.Evaluate[chromedp.Void](`tell({type: 'Interaction', data: 2}); tell({type: 'Other.subscribe'}); tell({});
		tell({type: 'purecloud.Subscribe', data: {type: 'Interaction', categories: ['add']}, more: 3})`))
	w.await("the action arrives", func() bool { return len(w.hearing("server")) > 0 })
	want := []map[string]any{{"type": "purecloud.Subscribe", "data": map[string]any{"type": "Interaction", "categories": []any{"add"}}}}
	if diff := cmp.Diff(want, w.hearing("server")); diff != "" {
		t.Error(diff)
	}
}

// TestBridgeHearsNobodyElse has a page of another origin say everything that the panel may say. What the panel says after
// it is heard, so that the stranger's had its time.
func TestBridgeHearsNobodyElse(t *testing.T) {
	w := newWorld(t)
	w.say(w.evil, "evil", map[string]any{"type": "Handshake"}, map[string]any{"type": "Interaction", "category": "add"},
		map[string]any{"type": "cordboard:ticket?", "question": "q1"})
	w.say(w.server, "server", map[string]any{"type": "Notification", "category": "last"}, map[string]any{"type": "cordboard:ticket?", "question": "q2"})
	w.await("the panel has its ticket", func() bool { return len(w.hearing("server")) == 1 })
	w.do(chromedp.Evaluate[chromedp.Void](`tell({type: 'PureCloud.User.updateStatus', data: {id: 'x'}})`))
	w.await("the panel has the action", func() bool { return len(w.hearing("server")) == 2 })
	w.until(`JSON.stringify(published) === '[{"type":"Notification","category":"last"}]'`)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.tickets != 1 || len(w.heard["evil"]) != 0 {
		t.Errorf("%d tickets, and the stranger heard %v", w.tickets, w.heard["evil"])
	}
}

// TestBridgeLeavesNothingBehind takes the component off the page and puts a new one there.
func TestBridgeLeavesNothingBehind(t *testing.T) {
	w := newWorld(t)
	w.do(chromedp.Evaluate[chromedp.Void](`unmount()`))
	w.until(`subscribers() === 0`)
	w.say(w.server, "server", map[string]any{"type": "Interaction", "category": "unheard"})
	w.do(chromedp.Evaluate[chromedp.Void](`mount()`))
	w.until(`words() === 'Waiting for the agent panel.'`)
	w.say(w.server, "server", map[string]any{"type": "Interaction", "category": "heard"})
	w.until(`JSON.stringify(published.map((m) => m.category)) === '["heard"]' && subscribers() === 1`)
}

// TestBridgeWantsAnOrigin looks at settings that name none: nothing is heard then.
func TestBridgeWantsAnOrigin(t *testing.T) {
	w := newWorld(t)
	for _, server := range []string{address(w.server) + "/desk/", "*", "", "data:text/html,x"} {
		w.mu.Lock()
		w.setting = server
		w.mu.Unlock()
		w.do(chromedp.Evaluate[chromedp.Void](`unmount(); mount()`))
		w.until(`words().startsWith('The Cordboard Setting "Default" is not as it should be: ') && subscribers() === 0`)
	}
}
