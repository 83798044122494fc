package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cordboard/store/postgres/pgtest"
	"cordboard/workspace"
)

// twoNodes starts two nodes on one database; the first one owns the connection.
func twoNodes(t *testing.T, more ...string) (db *pgtest.Server, calls func(), north, south string, stopNorth func()) {
	t.Helper()
	db = pgtest.Start(t)
	fin, connection := site(t)
	desks := "desk: { open_tickets: true }\n" + strings.Join(more, "")
	north, stopNorth = begin(t, onDatabase(db, "north")+desks+connection)
	await(t, "north owns the connection", func() bool { return state(t, north) == "up" })
	south, _ = begin(t, onDatabase(db, "south")+desks+connection)
	await(t, "south stands by", func() bool { return state(t, south) == "standby" })
	return db, func() { play(t, fin) }, north, south, stopNorth
}

// agentsPage is a page with an agent's workspace, subscribed to everything.
type agentsPage struct {
	conn    *websocket.Conn
	told    chan string // the events of calls
	answers chan string // to orders
	closed  chan websocket.StatusCode
}

func openPage(t *testing.T, url, agent string) *agentsPage {
	t.Helper()
	conn := dial(t, url, "/v1/workspace", workspace.Subprotocol, "cordboard.ticket."+ticket(t, url, agent))
	p := &agentsPage{conn: conn, told: make(chan string, 1000), answers: make(chan string, 10), closed: make(chan websocket.StatusCode, 1)}
	subscribed := make(chan struct{})
	go func() {
		for {
			_, raw, err := conn.Read(context.Background())
			if err != nil {
				p.closed <- websocket.CloseStatus(err)
				return
			}
			var m struct {
				Subtopic string
				Message  struct {
					ID   string
					Call struct{ Event string }
				}
			}
			if json.Unmarshal(raw, &m) != nil {
				continue
			}
			switch {
			case m.Message.Call.Event != "":
				p.told <- m.Message.Call.Event
			case m.Message.ID == "order":
				p.answers <- string(raw)
			case m.Subtopic == "Subscribe":
				close(subscribed)
			}
		}
	}()
	t.Cleanup(func() { conn.CloseNow() })
	if err := conn.Write(t.Context(), websocket.MessageText, []byte(`{"channel":"workspace","topic":"subscription","subtopic":"Subscribe","message":{"id":"1"}}`)); err != nil {
		t.Fatal(err)
	}
	<-subscribed
	return p
}

func dial(t *testing.T, url, path string, protocols ...string) *websocket.Conn {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(url, "http")+path, &websocket.DialOptions{Subprotocols: protocols})
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func ticket(t *testing.T, url, agent string) string {
	t.Helper()
	resp, err := http.Post(url+"/desk/ticket", "application/json", strings.NewReader(`{"agent":"`+agent+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct{ Ticket string }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || answer.Ticket == "" {
		t.Fatalf("no ticket: %v", err)
	}
	return answer.Ticket
}

// events are what the page was told until it was told of the call's end.
func (p *agentsPage) events(t *testing.T) (all []string) {
	t.Helper()
	for {
		select {
		case event := <-p.told:
			if all = append(all, event); event == "DROPPED" {
				return all
			}
		case <-time.After(time.Minute):
			t.Fatalf("not told of the end of the call, only %v", all)
		}
	}
}

// Ensure that an agent's page hears the same of his calls on whichever node it hangs, each event once and in order.
func TestPageOnAnotherNode(t *testing.T) {
	_, calls, north, south, _ := twoNodes(t)
	here, there := openPage(t, north, "1001001"), openPage(t, south, "1001001")
	stranger := openPage(t, south, "1001002")
	for range 3 {
		calls()
		want := here.events(t)
		if got := there.events(t); !slices.Equal(got, want) || len(want) < 3 {
			t.Errorf("on the other node %v, on the owner's %v", got, want)
		}
	}
	time.Sleep(100 * time.Millisecond)
	if n := len(stranger.told) + len(there.told) + len(here.told); n > 0 {
		t.Errorf("%d events were told twice, or to a stranger", n)
	}
}

// Ensure that a page that comes while a call goes on is told all of it that comes after the present state.
func TestPageComesToAnotherNodeDuringCalls(t *testing.T) {
	_, calls, _, south, _ := twoNodes(t)
	for range 5 {
		over := make(chan struct{})
		go func() { defer close(over); calls() }()
		p := openPage(t, south, "1001001")
		<-over
		calls() // whatever it came too late for: of this one it hears the end
		first := p.events(t)
		for i, event := range first {
			if i > 0 && event == first[i-1] {
				t.Errorf("told twice: %v", first)
			}
		}
		p.conn.CloseNow()
		<-p.closed
	}
}

// Ensure that an agent's page may give orders at any node: the owner of the connection passes them on, once, and its answer
// comes back.
func TestOrderOnAnotherNode(t *testing.T) {
	_, _, _, south, _ := twoNodes(t)
	p := openPage(t, south, "1001001")
	order := func(subtopic, message string) string {
		t.Helper()
		text := `{"channel":"cisco","topic":"command","subtopic":"` + subtopic + `","message":{"id":"order",` + message + `}}`
		if err := p.conn.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
			t.Fatal(err)
		}
		select {
		case answer := <-p.answers:
			return answer
		case <-time.After(time.Minute):
			t.Fatal("no answer")
		}
		return ""
	}
	var answer string
	await(t, "a node that has just come knows the other one", func() bool {
		answer = order("MakeCall", `"to":"+14155550123"`)
		return !strings.Contains(answer, "no node owns the connection")
	})
	if !strings.Contains(answer, `"success":true`) {
		t.Errorf("answered %s", answer)
	}
	for event := ""; event != "ACTIVE"; { // the far end picks up
		select {
		case event = <-p.told:
		case <-time.After(time.Minute):
			t.Fatal("the call does not come")
		}
	}
	if answer := order("MakeCall", `"to":"+14155550123"`); !strings.Contains(answer, `"reason":"refused"`) {
		t.Errorf("a second call beside the first: %s", answer)
	}
	if answer := order("Drop", `"x":1`); !strings.Contains(answer, `"success":true`) {
		t.Errorf("answered %s", answer)
	}
	for event := ""; event != "WRAP_UP"; { // it lasts until the agent is ready
		select {
		case event = <-p.told:
		case <-time.After(time.Minute):
			t.Fatal("the call does not end")
		}
	}
}

// Ensure that pages of a node read anew when another node dies that may not have told them everything.
func TestPagesReadAnewWhenANodeDies(t *testing.T) {
	db, calls, north, south, _ := twoNodes(t)
	there := openPage(t, south, "1001001")
	calls()
	there.events(t)
	db.Exec(t, "UPDATE cordboard.nodes SET until = clock_timestamp() - interval '1 ms' WHERE name = 'north' AND until > clock_timestamp()")
	select {
	case code := <-there.closed:
		if code != workspace.CloseMissed {
			t.Errorf("closed with %d", code)
		}
	case <-time.After(time.Minute):
		t.Error("the page hangs on as if nothing had happened")
	}
	_ = north
}

// Ensure that the console of each node lives with the calls of all, and shows all desks.
func TestConsoleOnAnotherNode(t *testing.T) {
	_, calls, north, south, _ := twoNodes(t)
	live := make(chan string, 1000)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, south+"/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	read := make(chan struct{})
	go func() {
		defer close(read)
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			live <- lines.Text()
		}
	}()
	<-live
	calls()
	var list struct {
		Calls []struct{ State struct{ ID string } }
	}
	await(t, "the call is in the journal", func() bool { ask(t, south+"/api/v1/calls", &list); return len(list.Calls) > 0 })
	id := list.Calls[0].State.ID
	for told := ""; !strings.Contains(told, id); {
		select {
		case told = <-live:
		case <-time.After(time.Minute):
			t.Fatalf("the other node's page is not told that %s changed", id)
		}
	}
	openDesk(t, north, "1001001")
	openDesk(t, south, "1001002")
	for _, url := range []string{north, south} {
		await(t, "all desks are shown", func() bool {
			var c struct {
				Desks []struct {
					Agent     string
					Elsewhere bool
				}
			}
			ask(t, url+"/api/v1/connections", &c)
			return fmt.Sprint(c.Desks) == fmt.Sprintf("[{1001001 %t} {1001002 %t}]", url == south, url == north)
		})
	}
	request{method: "GET", path: "/connections", status: 200, kind: "text/html", holds: "on another node"}.do(t, south)
	request{method: "GET", path: "/connections", status: 200, kind: "text/html", holds: "stands by"}.do(t, south)
}

func openDesk(t *testing.T, url, agent string) {
	t.Helper()
	conn := dial(t, url, "/desk/socket", "cordboard.desk.v1")
	t.Cleanup(func() { conn.CloseNow() })
	hello := fmt.Sprintf(`{"type":"hello","ticket":%q,"tab":"one","host":"plain"}`, ticket(t, url, agent))
	if err := conn.Write(t.Context(), websocket.MessageText, []byte(hello)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := conn.Read(t.Context()); err != nil { // the welcome
		t.Fatal(err)
	}
}

// Ensure that an agent's desk may hang on another node than the one that owns the connection: it is told of its interactions, and
// its orders reach the platform, and what it writes into the log of a call the CRM.
func TestDeskOnAnotherNode(t *testing.T) {
	org, crm := newOrg(t)
	ines := org.Add("Contact", map[string]any{"LastName": "Roth"})
	_, _, _, south, _ := twoNodes(t, crm)
	anna := openDeskTab(t, south, "1001001", "a")
	anna.until("calls can be placed", func(s deskState) bool { return slices.Contains(s.Controls, "MakeCall") })
	anna.take("MakeCall", "", "+1 (415) 555-0123", nil)
	anna.phase("answered", "Hold") // the far end picks up
	id := anna.state.Interactions[0].ID
	anna.take("SaveLog", id, "", map[string]string{"record": ines, "label": "Roth", "notes": "from the other node"})
	task(t, org, map[string]string{"WhoId": ines, "Description": "from the other node"})
	anna.until("the log says so", func(s deskState) bool {
		return len(s.Interactions) == 1 && s.Interactions[0].Log != nil && s.Interactions[0].Log.Name != nil && s.Interactions[0].Log.Name.ID == ines
	})
	anna.take("Hold", id, "", nil)
	anna.phase("held", "Retrieve")
	late := openDeskTab(t, south, "1001001", "late") // a page that comes in mid-call
	late.phase("held", "Retrieve")
	if m := anna.order("Hold", "nowhere", "", nil); m.Outcome != "refused" || m.Reason != "no-call" {
		t.Errorf("an unknown call: %+v", m)
	}
	anna.take("Retrieve", id, "", nil)
	anna.phase("answered", "Drop")
	anna.take("Drop", id, "", nil)
	anna.phase("wrapup", "WrapUp")
}
