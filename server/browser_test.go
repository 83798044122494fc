package server_test

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"cordboard/sim/connect"
	"cordboard/sim/stage/stagetest"
)

// limit is how long a page in a browser may take.
const limit = 2 * time.Minute

// strangers is where the programs that others wrote are installed.
const strangers = "../sim/connect/strangers"

// chromium starts a browser that reaches this machine only, and installs Amazon's own Streams if need be.
func chromium(t *testing.T) context.Context {
	t.Helper()
	stagetest.Install(t, strangers, "amazon-connect-streams")
	return stagetest.Chromium(t, stagetest.Loopback())
}

// agentPages serves the pages in which agents work: /?ccp=NAME&desk=NAME has one agent's contact control panel, and the other
// one's desk.
type agentPages struct {
	*httptest.Server
	sim    *connect.Server
	server string // Cordboard's address
}

func newAgentPages(t *testing.T, sim *connect.Server) *agentPages {
	p := &agentPages{sim: sim}
	page := template.Must(template.ParseFiles("testdata/agent.html"))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		http.SetCookie(w, &http.Cookie{Name: "desk", Value: r.FormValue("desk")})
		if err := page.Execute(w, map[string]string{"Server": p.server, "CCP": sim.Ready()["ccp_url"].(string) + "?agent=" + r.FormValue("ccp")}); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("GET /ticket", func(w http.ResponseWriter, r *http.Request) {
		desk, err := r.Cookie("desk")
		if err != nil {
			t.Error(err)
			return
		}
		fmt.Fprint(w, ticket(t, p.server, desk.Value))
	})
	mux.HandleFunc("GET /streams.js", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, os.DirFS(strangers+"/node_modules/amazon-connect-streams/release"), "connect-streams-min.js")
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

// open opens an agent's page and waits until Streams knows the agent and the server the desk.
func (p *agentPages) open(t *testing.T, browser context.Context, ccp, desk string) {
	t.Helper()
	tab, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	if err := chromedp.Do(tab, chromedp.Navigate(p.URL+"/?ccp="+ccp+"&desk="+desk)); err != nil {
		t.Fatal(err)
	}
	stagetest.Until(t, tab, limit, `window.agent !== undefined`, `document.body.innerText`)
	await(t, desk+"'s desk", func() bool {
		var c struct{ Desks []struct{ Agent string } }
		ask(t, p.server+"/api/v1/connections", &c)
		return slices.ContainsFunc(c.Desks, func(d struct{ Agent string }) bool { return d.Agent == desk })
	})
}

// pictures counts what became of the pictures that browsers have sent.
func pictures(t *testing.T, url, outcome string) string {
	t.Helper()
	body := request{method: http.MethodGet, path: "/metrics", status: 200}
	_, after, _ := strings.Cut(body.text(t, url), `cordboard_desk_pictures_total{outcome="`+outcome+`"} `)
	n, _, _ := strings.Cut(after, "\n")
	return n
}

// Amazon's own Streams in a real browser, with the script that Cordboard serves beside it: what only the browser knows becomes
// part of the call, and each moment counts once, from whichever source it comes first. A contact control panel beside another
// agent's desk is not believed.
func TestStreamsInABrowser(t *testing.T) {
	browser := chromium(t)
	sim, connection := instance(t, "connect-hvoc", "      browsers: true\n")
	pages := newAgentPages(t, sim)
	connection += fmt.Sprintf("      queue: %v\ndesk: { open_tickets: true, origins: [%q] }\n", sim.Ready()["queue_url"], pages.URL)
	pages.server = serve(t, connection)
	await(t, "the connection is up", func() bool { return state(t, pages.server) == "up" })
	pages.open(t, browser, "agent1001", "agent1001")
	await(t, "a first picture", func() bool { return pictures(t, pages.server, "stored") != "0" })

	ids := phone(t, sim, "manual_outbound_consult_conference")
	all := story(t, pages.server, "acme:"+ids.Contact, "agent1001")
	want := []string{"manual Inbound connected", "manual Inbound connecting", "manual outbound ACW", "manual outbound DROPPED", "manual outbound connected", "manual outbound connecting"}
	if got := words(all, "agent1001"); !slices.Equal(got, want) {
		t.Errorf("heard %q, want %q", got, want)
	}
	seen := map[string]bool{}
	for _, ev := range all {
		if key := ev.Leg + " " + ev.Name; ev.Name != "hold" && seen[key] {
			t.Errorf("%s is told twice", key)
		} else {
			seen[key] = true
		}
	}
	if n := pictures(t, pages.server, "refused"); n != "0" {
		t.Errorf("%s pictures were refused", n)
	}

	pages.open(t, browser, "agent1002", "agent1001")
	await(t, "the refusal", func() bool { return pictures(t, pages.server, "refused") != "0" })
}

// What an agent orders at the desk, Amazon's own Streams does in his browser, once; without a browser, and when Streams refuses,
// the agent is told why.
func TestOrdersInABrowser(t *testing.T) {
	browser := chromium(t)
	sim, connection := instanceOf(t, connect.Config{Agents: 2, RequestsPerSecond: -1, FarEnd: 50 * time.Millisecond}, "connect-hvoc", "      browsers: true\n")
	pages := newAgentPages(t, sim)
	connection += fmt.Sprintf("desk: { open_tickets: true, origins: [%q] }\n", pages.URL)
	pages.server = serve(t, connection)
	await(t, "the connection is up", func() bool { return state(t, pages.server) == "up" })
	tab := openDeskTab(t, pages.server, "agent1001", "another tab")
	refused := func(name, to, why string) {
		t.Helper()
		if m := tab.order(name, "", to, nil); m.Outcome != "refused" || !strings.Contains(m.Detail, why) {
			t.Errorf("%s: %+v, want it refused with %q", name, m, why)
		}
	}
	refused("MakeCall", "+12025550143", "open in no browser")
	pages.open(t, browser, "agent1001", "agent1001")
	tab.until("calls can be made", func(s deskState) bool { return slices.Contains(s.Controls, "MakeCall") })
	refused("SetStatus", "Gone fishing", "no such status")
	tab.take("MakeCall", "", "+1 (202) 555-0143", nil)
	tab.phase("answered", "Hold")
	tab.take("Hold", "", "", nil)
	tab.phase("held", "Retrieve")
	tab.take("Retrieve", "", "", nil)
	tab.phase("answered", "Consult")
	refused("Conference", "", "no third party")
	refused("Consult", "Front office", "no such quick connect")
	tab.take("Consult", "", "back office", nil)
	is := func(phase string) func(deskState) bool {
		return func(s deskState) bool {
			for _, i := range s.Interactions {
				if i.Phase == phase {
					return true
				}
			}
			return false
		}
	}
	tab.until("a colleague is consulted", is("consulting"))
	await(t, "the colleague is on the line", func() bool { return tab.order("Conference", "", "", nil).Outcome == "done" })
	tab.until("all three talk", is("conferenced"))
	tab.take("EndConsult", "", "", nil)
	tab.phase("answered", "Drop")
	tab.take("Drop", "", "", nil)
	tab.phase("wrapup", "WrapUp")
	tab.take("WrapUp", "", "", nil)
	tab.until("nothing is left", func(s deskState) bool { return len(s.Interactions) == 0 })
	done := map[string]int{}
	for _, o := range sim.Orders() {
		if o.Agent == "agent1001" {
			done[o.What]++
		}
	}
	for what, times := range map[string]int{"createOutboundContact": 1, "holdConnection": 1, "resumeConnection": 1, "destroyConnection": 2} {
		if done[what] != times {
			t.Errorf("Streams did %s %d times, want %d; all: %v", what, done[what], times, done)
		}
	}
}
