package desk_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cordboard/desk"
	"cordboard/screen"
)

func TestBadHello(t *testing.T) {
	s := newSite(t, nil)
	for name, first := range map[string]string{
		"no JSON":         "hello",
		"another message": `{"type":"receipt","key":"k","outcome":"shown"}`,
		"no tab":          `{"type":"hello","ticket":"` + s.ticket(anna) + `"}`,
		"endless tab":     `{"type":"hello","tab":"` + strings.Repeat("a", 65) + `"}`,
		"endless host":    `{"type":"hello","tab":"a","host":"` + strings.Repeat("a", 65) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			conn := s.must(s.dial(nil))
			if err := conn.Write(context.Background(), websocket.MessageText, []byte(first)); err != nil {
				t.Fatal(err)
			}
			listen(t, conn).wantClosed(desk.CloseProtocol)
		})
	}
}

func TestTickets(t *testing.T) {
	s := newSite(t, nil)
	used := s.ticket(anna)
	s.connect(map[string]any{"ticket": used, "tab": "a"}).next("welcome")
	expired := s.ticket(anna)
	s.clock.pass(desk.TicketLife + time.Second)
	for name, ticket := range map[string]string{"forged": "x", "missing": "", "used": used, "expired": expired} {
		t.Run(name, func(t *testing.T) {
			s.connect(map[string]any{"ticket": ticket, "tab": "b"}).wantClosed(desk.CloseNoTicket)
		})
	}
	if desk.Reconnect(desk.CloseNoTicket) || !desk.Reconnect(desk.CloseMoving) {
		t.Error("Reconnect does not know its codes")
	}
}

func TestOrigins(t *testing.T) {
	s := newSite(t, func(c *desk.Config) {
		c.Origins = []string{"https://org.example", "https://*.wild.example", "org.example", "https://path.example/x"}
	})
	for origin, want := range map[string]bool{
		"":                                 true,
		s.url:                              true,
		"https://org.example":              true,
		"https://ORG.example":              true,
		"http://org.example":               false,
		"https://org.example:8443":         false,
		"https://evil.example":             false,
		"https://a.wild.example":           false,
		"https://path.example":             false,
		"https://org.example.evil.example": false,
		"null":                             false,
	} {
		header := http.Header{}
		if origin != "" {
			header.Set("Origin", origin)
		}
		conn, answer, err := s.dial(header)
		if conn != nil {
			conn.CloseNow()
		}
		if (err == nil) != want {
			t.Errorf("origin %q: %v", origin, err)
		}
		if !want && (answer == nil || answer.StatusCode != http.StatusForbidden) {
			t.Errorf("origin %q is not refused with 403", origin)
		}
	}
}

func TestUnknownMessages(t *testing.T) {
	s := newSite(t, nil)
	for name, m := range map[string]map[string]any{
		"type":                  {"type": "shout"},
		"receipt without a key": {"type": "receipt", "outcome": "shown"},
		"the server's outcome":  {"type": "receipt", "key": "k", "outcome": "late"},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := s.tab(anna, "a")
			write(t, c.conn, m)
			c.wantClosed(desk.CloseProtocol)
		})
	}
}

func TestOversizedFrame(t *testing.T) {
	s := newSite(t, nil)
	c, _ := s.tab(anna, "a")
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	c.conn.Write(ctx, websocket.MessageText, make([]byte, 64<<10+1)) // may fail: the hub closes while it is written
	select {
	case <-c.closed:
	case <-ctx.Done():
		t.Fatal("the socket is still open")
	}
	await(t, "the tab is gone", func() bool { return len(s.hub.Tabs()) == 0 })
}

func TestTooManyTabs(t *testing.T) {
	s := newSite(t, nil)
	for i := range 16 {
		s.tab(anna, string(rune('a'+i)))
	}
	s.connect(map[string]any{"ticket": s.ticket(anna), "tab": "one more"}).wantClosed(desk.CloseTooMany)
	s.tab("1001002", "a") // another agent has room
}

// big are states that fill the buffers between hub and browser soon.
var big = [2]json.RawMessage{json.RawMessage(`"` + strings.Repeat("x", 1<<20) + `"`), json.RawMessage(`"` + strings.Repeat("y", 1<<20) + `"`)}

func TestSlowReaderIsClosedAlone(t *testing.T) {
	s := newSite(t, func(c *desk.Config) { c.Write = limit })
	conn := s.must(s.dial(nil))
	write(t, conn, map[string]any{"type": "hello", "ticket": s.ticket(anna), "tab": "slow"})
	other, _ := s.tab("1001002", "b")
	await(t, "the slow tab is there", func() bool { return len(s.hub.Tabs()) == 2 })
	for i := range 80 { // more than may wait
		s.hub.SetState(anna, big[i%2])
	}
	got := s.show("1001002", note("k"))
	other.next("pop")
	other.receipt("k", screen.Shown, "")
	outcome(t, got, screen.Shown)
	await(t, "the slow tab is off its desk", func() bool { return len(s.hub.Tabs()) == 1 })
	listen(t, conn).wantClosed(desk.CloseTooSlow) // it is told, if it reads on before the hub gives up
}

func TestStuckReaderIsCut(t *testing.T) {
	s := newSite(t, func(c *desk.Config) { c.Write = 20 * time.Millisecond })
	conn := s.must(s.dial(nil))
	write(t, conn, map[string]any{"type": "hello", "ticket": s.ticket(anna), "tab": "stuck"})
	await(t, "the tab is there", func() bool { return len(s.hub.Tabs()) == 1 })
	for i := range 10 {
		s.hub.SetState(anna, big[i%2])
	}
	await(t, "the stuck tab is gone", func() bool { return len(s.hub.Tabs()) == 0 })
}

func TestSilentTabGivesWay(t *testing.T) {
	s := newSite(t, func(c *desk.Config) { c.Ping = 50 * time.Millisecond })
	conn := s.must(s.dial(nil)) // nobody reads: no pong
	write(t, conn, map[string]any{"type": "hello", "ticket": s.ticket(anna), "tab": "silent"})
	await(t, "the silent tab is there", func() bool { return len(s.hub.Tabs()) == 1 })
	got := s.show(anna, note("k"))
	b, _ := s.tab(anna, "b")
	for done := false; !done; { // it may lead from the beginning, if the silent one is gone by now
		select {
		case m := <-b.heard:
			done = m.Type == "pop"
		case <-time.After(limit):
			t.Fatal("the second tab never gets the pop")
		}
	}
	b.receipt("k", screen.Shown, "")
	outcome(t, got, screen.Shown)
	listen(t, conn).wantClosed(desk.CloseSilent)
}

func TestTicketHandler(t *testing.T) {
	tickets := desk.NewTickets(nil)
	office := desk.TicketHandler(tickets, func(_ *http.Request, agent string) error {
		if agent == anna {
			return nil
		}
		return errors.New("not your desk")
	})
	for name, c := range map[string]struct {
		method, kind, origin, body string
		want                       int
	}{
		"fine":         {"POST", "application/json; charset=utf-8", "", `{"agent":"1001001"}`, 200},
		"not allowed":  {"POST", "application/json", "", `{"agent":"1001002"}`, 403},
		"foreign page": {"POST", "application/json", "https://evil.example", `{"agent":"1001001"}`, 403},
		"a form":       {"POST", "text/plain", "", `{"agent":"1001001"}`, 415},
		"no agent":     {"POST", "application/json", "", `{}`, 400},
		"no JSON":      {"POST", "application/json", "", `agent=1001001`, 400},
		"endless":      {"POST", "application/json", "", `{"agent":"` + strings.Repeat("1", 5000) + `"}`, 400},
		"get":          {"GET", "application/json", "", ``, 405},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(c.method, "http://desk.example/desk/ticket", strings.NewReader(c.body))
			r.Header.Set("Content-Type", c.kind)
			if c.origin != "" {
				r.Header.Set("Origin", c.origin)
			}
			w := httptest.NewRecorder()
			office.ServeHTTP(w, r)
			if w.Code != c.want {
				t.Fatalf("answered %d %s, want %d", w.Code, w.Body, c.want)
			}
			if c.want != 200 {
				return
			}
			var answer struct{ Ticket string }
			if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
				t.Fatal(err)
			}
			if agent, err := tickets.Redeem(t.Context(), answer.Ticket); err != nil || agent != anna {
				t.Errorf("the ticket opens the desk of %q: %v", agent, err)
			}
		})
	}
}

func TestPanelPage(t *testing.T) {
	hub := desk.NewHub(desk.Config{Origins: []string{"https://org.example", "https://*.bad.example"}})
	panel := hub.Panel(map[string]desk.Org{"main": {URL: "https://org.my.example/"}, "other": {URL: "https://other.my.example"}})
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		panel.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w
	}
	page := get("/desk/?host=lightning&org=main")
	if page.Code != 200 || page.Header().Get("Set-Cookie") != "" {
		t.Fatalf("answered %d, cookies %q", page.Code, page.Header().Get("Set-Cookie"))
	}
	want := "default-src 'none'; script-src 'self' https://org.my.example/support/api/66.0/lightning/opencti_min.js; style-src 'self'; " +
		"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self' https://org.example"
	if got := page.Header().Get("Content-Security-Policy"); got != want {
		t.Errorf("the policy is\n%s, want\n%s", got, want)
	}
	if page.Header().Get("Referrer-Policy") != "no-referrer" || page.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers %v", page.Header())
	}
	if policy := get("/desk/?host=classic&org=main").Header().Get("Content-Security-Policy"); !strings.Contains(policy,
		"script-src 'self' https://org.my.example/support/api/66.0/interaction.js https://org.my.example/support/console/66.0/integration.js;") {
		t.Errorf("in Classic the policy is %s", policy)
	}
	if policy := get("/desk/").Header().Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self';") {
		t.Errorf("without a host, foreign code may run: %s", policy)
	}
	for path, code := range map[string]int{
		"/desk/?host=lightning": 404, "/desk/?host=classic": 404, "/desk/?org=unknown": 404, "/desk/?host=fax": 404, "/desk/v/old/main.js": 200,
		"/desk/v/old/panel.html": 404, "/desk/v/old/nothing.js": 404, "/desk/?host=plain&org=other": 200,
	} {
		if w := get(path); w.Code != code {
			t.Errorf("%s answered %d, want %d", path, w.Code, code)
		}
	}
}

// TestRefusalsAreCounted has each thing that is refused refused once, beside a desk that works on.
func TestRefusalsAreCounted(t *testing.T) {
	s := newSite(t, nil)
	good, _ := s.tab("1001002", "b")
	if conn, _, err := s.dial(http.Header{"Origin": {"https://evil.example"}}); err == nil {
		conn.CloseNow()
		t.Error("a foreign page has a socket")
	}
	s.connect(map[string]any{"ticket": "forged", "tab": "a"}).wantClosed(desk.CloseNoTicket)
	odd, _ := s.tab(anna, "a")
	write(t, odd.conn, map[string]any{"type": "shout"})
	odd.wantClosed(desk.CloseProtocol)
	large, _ := s.tab(anna, "c")
	large.conn.Write(t.Context(), websocket.MessageText, make([]byte, 64<<10+1)) // may fail: the hub closes while it is written
	want := map[desk.Refused]int64{desk.RefusedOrigin: 1, desk.RefusedTicket: 1, desk.RefusedMalformed: 1, desk.RefusedOversized: 1}
	await(t, "all is counted", func() bool { return maps.Equal(s.hub.Refusals(), want) })
	write(t, good.conn, map[string]any{"type": "pages", "counts": map[string]int64{"foreign": 3, "taken": -1, "weather": 7}})
	await(t, "the report is counted", func() bool { return s.hub.PageMessages()[desk.PageForeign] == 3 })
	if n := s.hub.PageMessages(); n[desk.PageTaken] != 0 || len(n) != 6 {
		t.Errorf("counted %v", n)
	}
	got := s.show("1001002", note("k"))
	good.next("pop")
	good.receipt("k", screen.Shown, "")
	outcome(t, got, screen.Shown)
}

// When nobody can say whose a ticket is, the browser is asked to come back.
func TestTicketCannotBeLookedUp(t *testing.T) {
	s := newSite(t, func(c *desk.Config) {
		c.Redeem = func(context.Context, string) (string, error) { return "", errors.New("the database is away") }
	})
	s.connect(map[string]any{"ticket": s.ticket(anna), "tab": "a"}).wantClosed(desk.CloseUnsure)
	if !desk.Reconnect(desk.CloseUnsure) {
		t.Error("it does not come back")
	}
}
