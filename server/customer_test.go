package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"cordboard/salesforce"
	"cordboard/sim/host"
	simsalesforce "cordboard/sim/salesforce"
	"cordboard/sim/scenario"
	"cordboard/sim/stage/stagetest"
	simwebex "cordboard/sim/webex"
)

// The pages of testdata/pages were written for Genesys Cloud for Salesforce, by its page "Events in Salesforce": one for each way
// in which it tells pages of calls. They know nothing of Cordboard, and are what a customer brings along.

// bench is a console of the org's with such a page in it, and Cordboard's panel; the server is connected to a platform.
type bench struct {
	t       *testing.T
	console *httptest.Server
	url     string // of the server
	browser context.Context
	tab     context.Context
	agent   string
}

// newBench prepares the console; its address is what the server has to know.
func newBench(t *testing.T) *bench {
	b := &bench{t: t, browser: stagetest.Chromium(t, stagetest.Loopback())}
	b.console = httptest.NewUnstartedServer(nil)
	return b
}

func (b *bench) origin() string { return "http://" + b.console.Listener.Addr().String() }

// desk is the part of the server's configuration that is about desks.
func (b *bench) desk() string {
	return fmt.Sprintf("desk: { open_tickets: true, host_url: %q, origins: [%[1]q], client_events: { numbers: true } }\n", b.origin())
}

// open serves the console and opens it in the browser, with the customer's page.
func (b *bench) open(url, agent string, put func(*bench, *http.ServeMux)) {
	b.t.Helper()
	b.url, b.agent = url, agent
	mux := http.NewServeMux()
	mux.Handle("/", host.New(host.Config{
		Panel: url + "/desk/?host=lightning", Classic: url + "/desk/?host=classic", Agent: agent,
		Ticket: func(context.Context, string) (string, error) { return ticket(b.t, url, agent), nil },
	}))
	put(b, mux)
	b.console.Config.Handler = mux
	b.console.Start()
	tab, cancel := chromedp.NewContext(b.browser)
	b.tab = tab
	b.t.Cleanup(func() {
		cancel()
		b.console.Close()
	})
	if err := chromedp.Do(tab); err != nil { // the tab lives as long as the context that made it
		b.t.Fatal(err)
	}
}

func (b *bench) visit(path string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.tab, limit)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 800), chromedp.Navigate(b.origin()+path)); err != nil {
		b.t.Fatal(err)
	}
	await(b.t, "the panel's desk", func() bool {
		var c struct{ Desks []struct{ Agent string } }
		ask(b.t, b.url+"/api/v1/connections", &c)
		return slices.ContainsFunc(c.Desks, func(d struct{ Agent string }) bool { return d.Agent == b.agent })
	})
}

// within puts html beside the console's own script.
func within(console http.Handler, html string) http.HandlerFunc {
	const script = `<script type="module" src="/console.js"></script>`
	return func(w http.ResponseWriter, r *http.Request) {
		page := httptest.NewRecorder()
		console.ServeHTTP(page, r)
		before, after, _ := strings.Cut(html, "<!-- console -->")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write(bytes.Replace(page.Body.Bytes(), []byte(script), []byte(before+script+after), 1))
	}
}

func (b *bench) eval(js string) string {
	b.t.Helper()
	return stagetest.Eval[string](b.t, b.tab, limit, js)
}

func (b *bench) until(js string) {
	b.t.Helper()
	stagetest.Until(b.t, b.tab, limit, js, `JSON.stringify(page.heard.slice(-12)) + JSON.stringify(page.fired ?? '') + JSON.stringify(host.calls.filter(c => c.ok === false))`)
}

// hears waits until the page has heard an event; what is a condition on it, e.
func (b *bench) hears(kind, category, what string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`page.heard.some((e) => e.type === %q && e.category === %q && (%s))`, kind, category, what))
}

// act has the page ask for an action.
func (b *bench) act(name string, data any) {
	b.t.Helper()
	text, err := json.Marshal(data)
	if err != nil {
		b.t.Fatal(err)
	}
	b.eval(fmt.Sprintf(`page.act(%q, %s), ''`, name, text))
}

type fields = map[string]any

func (b *bench) state(action, id string, more fields) {
	b.t.Helper()
	data := fields{"action": action, "id": id}
	for k, v := range more {
		data[k] = v
	}
	b.act("updateState", data)
}

// wantNoComplaints looks whether the console found anything wrong with what the panel asked of it and told.
func (b *bench) wantNoComplaints() {
	b.t.Helper()
	if bad := b.eval(`JSON.stringify([host.calls.filter((c) => c.ok === false), window.problems ?? [], page.failed ?? []])`); bad != `[[],[],[]]` {
		b.t.Errorf("the console complains: %s", bad)
	}
}

func (b *bench) shoot(name string) {
	dir := os.Getenv("CORDBOARD_SHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.tab, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// postMessage puts the page of the window.postMessage API into the console.
func postMessage(b *bench, mux *http.ServeMux) {
	console := host.New(host.Config{Panel: b.url + "/desk/?host=lightning", Agent: b.agent})
	mux.HandleFunc("GET /post-message.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "testdata/pages/post-message.js") })
	mux.Handle("GET /{$}", within(console, `<script src="/post-message.js"></script><!-- console -->`))
}

// classicPage puts the page of the Classic console into reach.
func classicPage(_ *bench, mux *http.ServeMux) {
	mux.HandleFunc("GET /apex/CallsAtAGlance", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "testdata/pages/classic.html") })
}

// messageService puts the component of the Lightning Message Service and the package's bridge into the console, both compiled with
// Salesforce's own compiler; they speak on the channel of Genesys Cloud for Salesforce.
func messageService(b *bench, mux *http.ServeMux) {
	const tools = "../salesforce/strangers"
	stagetest.Install(b.t, tools, "@lwc/compiler")
	org := filepath.Join(b.t.TempDir(), "org")
	if err := salesforce.Write(org, "https://cordboard.example.com", "purecloud__ClientEvent__c"); err != nil {
		b.t.Fatal(err)
	}
	script := func(path, text string) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, text)
		})
	}
	for name, folder := range map[string]string{"cordboardBridge": org + "/force-app/main/default/lwc/cordboardBridge", "callsAtAGlance": "testdata/pages/callsAtAGlance"} {
		folder, err := filepath.Abs(folder)
		if err != nil {
			b.t.Fatal(err)
		}
		var compiled map[string]string
		if err := json.Unmarshal([]byte(stagetest.RunNode(b.t, tools, nil, "compile.mjs", folder)), &compiled); err != nil {
			b.t.Fatal(err)
		}
		for file, text := range compiled {
			script("/"+name+"/"+file, text)
		}
		for _, style := range []string{".css", ".scoped.css"} {
			script("/"+name+"/"+name+style, "export default undefined")
		}
	}
	engine, err := os.ReadFile(tools + "/node_modules/@lwc/engine-dom/dist/index.js")
	if err != nil {
		b.t.Fatal(err)
	}
	script("/lwc.js", "globalThis.process = { env: { NODE_ENV: 'production' } };\n"+string(engine))
	script("/channel.js", "export default { name: 'purecloud__ClientEvent__c' }")
	script("/settings.js", fmt.Sprintf("export default async () => ({ server: %q, prefix: 'PureCloud.' })", b.url))
	script("/ticket.js", "export default async () => (await fetch('/bridge-ticket')).text()")
	mux.HandleFunc("GET /bridge-ticket", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, ticket(b.t, b.url, b.agent)) })
	console := host.New(host.Config{Panel: b.url + "/desk/?host=lightning", Agent: b.agent})
	html, err := os.ReadFile("testdata/pages/lightning.html")
	if err != nil {
		b.t.Fatal(err)
	}
	mux.Handle("GET /{$}", within(console, string(html)))
}

// genesysSite is a simulated org of Genesys Cloud and one of Salesforce, a server that is connected to them, and a customer's page at its first agent.
type genesysSite struct {
	*bench
	org  *telephones
	crm  *simsalesforce.Server
	side *deskTab // the agent's second desk, for orders that pages have no action for
}

func newGenesysSite(t *testing.T, path string, put func(*bench, *http.ServeMux)) *genesysSite {
	b, org := newBench(t), newTelephones(t)
	_, connections, _ := strings.Cut(org.config(), "\n")
	crm, records := newOrg(t)
	url := serve(t, records+b.desk()+connections)
	b.open(url, org.agents[0], put)
	b.visit(path)
	if err := org.AwaitUsers(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	return &genesysSite{b, org, crm, openDeskTab(t, url, org.agents[0], "side")}
}

// asked waits until the org was asked for a change, by the end of its path and a part of its body.
func (s *genesysSite) asked(path, body string) {
	s.t.Helper()
	await(s.t, "the org is asked for "+path+" "+body, func() bool {
		for _, r := range s.org.Requests() {
			if r.Method != http.MethodGet && strings.HasSuffix(r.Path, path) && strings.Contains(r.Body, body) && r.Status < 300 {
				return true
			}
		}
		return false
	})
}

// begin offers the agent a call, which the page takes.
func (s *genesysSite) begin() string {
	s.t.Helper()
	id := s.org.offer("inbound", 3, s.agent)
	s.hears("Interaction", "add", fmt.Sprintf(`e.data.id === %q && e.data.state === 'ALERTING' && e.data.direction === 'Inbound' && e.data.phone === 'tel:+15555550123'`, id))
	s.hears("Notification", "interactionSelection", fmt.Sprintf(`e.data.interactionId === %q`, id))
	s.state("pickup", id, nil)
	s.hears("Interaction", "connect", fmt.Sprintf(`e.data.id === %q && e.data.isConnected`, id))
	return id
}

// finish wraps the call up.
func (s *genesysSite) finish(id string) {
	s.t.Helper()
	s.hears("Interaction", "disconnect", fmt.Sprintf(`e.data.id === %q && e.data.isDisconnected && e.data.endTime && e.data.interactionDurationSeconds >= 0`, id))
	s.hears("Interaction", "acw", fmt.Sprintf(`e.data.id === %q`, id))
	s.side.take("WrapUp", id, "", map[string]string{"code": "Sale"})
	s.hears("Interaction", "deallocate", fmt.Sprintf(`e.data === %q`, id))
}

// changed waits for a change between two states.
func (s *genesysSite) changed(id, from, to string) {
	s.t.Helper()
	s.hears("Interaction", "change", fmt.Sprintf(`e.data.new.id === %q && e.data.old.state === %q && e.data.new.state === %q`, id, from, to))
}

// story has the page do everything that it can, and hear of everything that happens.
func (s *genesysSite) story() {
	s.t.Helper()
	ben := s.org.agents[1]
	s.hears("UserAction", "login", fmt.Sprintf(`e.data.id === %q`, s.agent))

	id := s.begin()
	s.state("hold", id, nil)
	s.changed(id, "CONNECTED", "HELD")
	s.state("hold", id, nil)
	s.changed(id, "HELD", "CONNECTED")
	s.state("mute", id, nil)
	s.asked("", `"muted":true`)
	s.hears("Interaction", "change", `!e.data.old.isMuted && e.data.new.isMuted`)
	s.state("mute", id, nil)
	s.asked("", `"muted":false`)
	s.state("securePause", id, nil)
	s.asked("", `"recordingState":"PAUSED"`)
	s.hears("Interaction", "change", `e.data.new.recordingState === 'paused'`)
	s.state("securePause", id, nil)
	s.asked("", `"recordingState":"ACTIVE"`)
	s.act("addCustomAttributes", fields{"id": id, "attributes": fields{"record_url": "/0000413456"}})
	s.asked("/attributes", `"record_url":"/0000413456"`)
	john := s.crm.Add("Contact", map[string]any{"LastName": "Smith"})
	s.act("addAssociation", fields{"type": "contact", "id": john, "text": "John Smith", "select": true, "interactionId": id})
	task(s.t, s.crm, map[string]string{"WhoId": john})
	s.state("consultTransfer", id, fields{"participantContext": fields{"transferTarget": ben, "transferTargetType": "userId"}})
	s.hears("Interaction", "consultTransfer", fmt.Sprintf(`e.data === %q`, id))
	colleague := openDeskTab(s.t, s.url, ben, "colleague")
	colleague.until("the consult rings", func(d deskState) bool {
		return len(d.Interactions) == 1 && slices.Contains(d.Interactions[0].Controls, "Answer")
	})
	colleague.take("Answer", "", "", nil)
	s.side.until("there is somebody to transfer to", func(d deskState) bool { return len(d.Interactions) == 1 && d.Interactions[0].Consulting })
	s.shoot("customer-consulting")
	s.state("concludeTransfer", id, nil)
	s.hears("Interaction", "completeConsultTransfer", fmt.Sprintf(`e.data === %q`, id))
	s.finish(id)

	id = s.begin()
	s.state("blindTransfer", id, fields{"participantContext": fields{"transferTarget": "3175550123", "transferTargetType": "address"}})
	s.hears("Interaction", "blindTransfer", fmt.Sprintf(`e.data === %q`, id))
	s.asked("/replace", "3175550123")
	s.finish(id)

	id = s.begin()
	s.state("secureSession", id, fields{"secureSessionContext": fields{"flowId": s.org.Ready()["secure_flow_id"], "userData": "hello", "disconnect": false}})
	s.hears("Interaction", "secureSession", fmt.Sprintf(`e.data === %q`, id))
	s.asked("/secureivrsessions", `"userData":"hello"`)
	s.state("disconnect", id, nil)
	s.finish(id)

	var calls []string
	for i := range 2 {
		s.side.take("MakeCall", "", fmt.Sprintf("+1555555010%d", i), nil)
		s.until(fmt.Sprintf(`(window.calls = page.heard.filter((e) => e.type === 'Interaction' && e.category === 'connect' && e.data.direction === 'Outbound').map((e) => e.data.id)).length === %d`, i+1))
		calls = strings.Split(s.eval(`calls.join()`), ",")
	}
	s.act("createConference", fields{"interactionIds": calls})
	s.hears("Interaction", "deallocate", fmt.Sprintf(`e.data === %q || e.data === %q`, calls[0], calls[1]))

	s.act("updateStatus", fields{"id": "Break"})
	s.hears("UserAction", "status", `e.data.id === 'Break'`)
	await(s.t, "the agent has a break", func() bool { return s.org.Users()[0].Presence == "Break" })
}

// preview has the page take a preview, whose contact is called.
func (s *genesysSite) preview() {
	s.t.Helper()
	id := s.org.offer("preview_skipped", 2, s.agent)
	s.hears("Interaction", "add", fmt.Sprintf(`e.data.id === %q && e.data.isDialerPreview`, id))
	s.state("pickup", id, nil)
	s.side.until("the preview is accepted", func(d deskState) bool {
		return slices.ContainsFunc(d.Interactions, func(i deskInteraction) bool { return i.ID == id && slices.Contains(i.Controls, "Dial") })
	})
	s.side.take("Dial", id, "", nil)
	s.hears("Interaction", "callbackPlaced", fmt.Sprintf(`e.data.id === %q`, id))
	s.hears("Interaction", "connect", fmt.Sprintf(`e.data.id === %q`, id))
	s.state("disconnect", id, nil)
	s.hears("Interaction", "callbackCallEnded", fmt.Sprintf(`e.data.id === %q`, id))
}

func TestPageOfTheWindowTransport(t *testing.T) {
	s := newGenesysSite(t, "/", postMessage)
	s.until(`page.greeted === 1`)
	s.story()
	s.preview()
	s.wantNoComplaints()
	s.counted("taken", 20)
	for _, outcome := range []string{"refused", "malformed", "ignored", "foreign", "oversized"} {
		request{method: http.MethodGet, path: "/metrics", status: 200, holds: `cordboard_desk_page_messages_total{outcome="` + outcome + `"} 0`}.do(t, s.url)
	}
}

func TestPageOfTheMessageService(t *testing.T) {
	s := newGenesysSite(t, "/", messageService)
	s.until(`page.greeted === 1`)
	s.story()
	s.preview()
	s.wantNoComplaints()
}

func TestPageOfTheClassicConsole(t *testing.T) {
	s := newGenesysSite(t, "/classic", classicPage)
	s.eval(`host.addComponent('/apex/CallsAtAGlance'), Object.defineProperty(window, 'page', { get: () => document.querySelector('.component').contentWindow.page }), ''`)
	s.until(`page?.heard && host.consoleListeners.get('inin.salesforce.constants.consoleevent.pc.CLIENT_EVENT')?.size === 1`)
	s.until(`host.consoleListeners.get('inin.salesforce.constants.consoleevent.subscribe')?.size === 1`) // the panel hears it
	s.eval(`page.subscribe(), ''`)
	s.story()
	s.preview()
	s.until(`page.fired.includes('UPDATE_STATUS status_updated BREAK')`)
	for name, reason := range map[string]string{
		"INTERACTION_CONNECTED": "connected", "INTERACTION_DISCONNECTED": "disconnected", "ACW_REQUIRED": "acw_required", "ACW_COMPLETED": "acw_completed",
		"INTERACTION_EVENT": "interaction add", "INTERACTION_EVENT ": "interaction change",
	} {
		id := `page.heard.find((e) => e.category === 'add').data.id`
		s.until(fmt.Sprintf("page.fired.includes(`%s %s ${%s}`)", strings.TrimSpace(name), reason, id))
	}
	s.wantNoComplaints()
}

// counted waits until the server has counted so many messages of pages, or more.
func (b *bench) counted(outcome string, least int) {
	b.t.Helper()
	await(b.t, "the server has counted", func() bool {
		body := request{method: http.MethodGet, path: "/metrics", status: 200}.text(b.t, b.url)
		_, after, _ := strings.Cut(body, `cordboard_desk_page_messages_total{outcome="`+outcome+`"} `)
		var n int
		fmt.Sscan(after, &n)
		return n >= least
	})
}

// TestPageOfAnotherPlatform has the same page, unchanged, at an agent of Webex Contact Center.
func TestPageOfAnotherPlatform(t *testing.T) {
	org := simwebex.New(simwebex.Config{Agents: 2, Whole: true})
	stagetest.Run(t, org)
	b, ready := newBench(t), org.Ready()
	agents, list := ready["agents"].([]simwebex.AgentToken), ""
	for _, a := range agents {
		list += a.ID + "," + a.RefreshToken + "\n"
	}
	file := filepath.Join(t.TempDir(), "agents.csv")
	if err := os.WriteFile(file, []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	anna := agents[0].ID
	b.open(serve(t, b.desk()+fmt.Sprintf(`connections:
  - name: wx
    platform: webex
    settings: { url: %q, token_url: %q, client_id: %q, client_secret: %q, agents_file: %q, campaigns: { AutumnOffers: progressive, WinterSurvey: predictive } }
`, ready["url"], ready["token_url"], ready["client_id"], ready["client_secret"], file)), anna, postMessage)
	b.visit("/")
	if err := org.AwaitSockets(stagetest.Within(t), 2); err != nil {
		t.Fatal(err)
	}
	b.until(`page.greeted === 1`)
	side := openDeskTab(t, b.url, anna, "side")

	script := scenario.Script{Name: "long_preview", Steps: []scenario.Step{
		{Verb: scenario.Offer, Args: map[string]string{"mode": "preview"}}, {Verb: scenario.Accept}, {Verb: scenario.Answer, Actor: scenario.Customer},
	}}
	played := make(chan error, 1)
	ctx := stagetest.Within(t)
	go func() {
		_, err := org.Play(ctx, script, simwebex.Call{Agents: []string{anna}, Customer: "+15555550123", Manual: true})
		played <- err
	}()
	b.hears("Interaction", "add", `e.data.isDialerPreview && e.data.phone === 'tel:+15555550123'`)
	b.state("pickup", b.eval(`page.heard.find((e) => e.category === 'add').data.id`), nil)
	b.hears("Interaction", "connect", `e.data.isConnected`)
	if err := <-played; err != nil {
		t.Fatal(err)
	}
	id := b.eval(`page.heard.find((e) => e.category === 'connect').data.id`)
	change := `e.data.old.state === %q && e.data.new.state === %q`
	b.state("hold", id, nil)
	b.hears("Interaction", "change", fmt.Sprintf(change, "CONNECTED", "HELD"))
	b.state("hold", id, nil)
	b.hears("Interaction", "change", fmt.Sprintf(change, "HELD", "CONNECTED"))
	b.act("addCustomAttributes", fields{"id": id, "attributes": fields{"record_url": "/0000413456"}})
	b.state("mute", id, nil) // Webex mutes nobody
	b.counted("refused", 1)
	b.state("disconnect", id, nil)
	b.hears("Interaction", "disconnect", fmt.Sprintf(`e.data.id === %q`, id))
	b.hears("Interaction", "acw", fmt.Sprintf(`e.data.id === %q`, id))
	side.take("WrapUp", id, "", map[string]string{"code": "7", "reason": "Sale"})
	b.hears("Interaction", "deallocate", fmt.Sprintf(`e.data === %q`, id))
	b.wantNoComplaints()
}
