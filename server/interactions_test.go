package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	simgenesys "cordboard/sim/genesys"
)

// orgLimit guards tests against hanging; nothing else depends on it.
const orgLimit = time.Minute

// telephones are a simulated Genesys Cloud org.
type telephones struct {
	*simgenesys.Server
	t      *testing.T
	agents []string
}

func newTelephones(t *testing.T) *telephones {
	t.Helper()
	s := &telephones{Server: simgenesys.New(simgenesys.Config{Users: 3, RateLimit: -1}), t: t}
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := s.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { leave(); running.Wait() })
	for _, u := range s.Users() {
		s.agents = append(s.agents, u.ID)
	}
	return s
}

// config is a server's configuration for the org.
func (s *telephones) config() string {
	r := s.Ready()
	return fmt.Sprintf("desk: { open_tickets: true }\nconnections:\n  - name: pure\n    platform: genesys\n    settings: { url: %q, login_url: %q, client_id: %q, client_secret: %q }\n",
		r["url"], r["login_url"], r["client_id"], r["client_secret"])
}

// offer begins a call of which nothing is played but its first steps; the agents do the rest by their orders.
func (s *telephones) offer(script string, steps int, agents ...string) string {
	s.t.Helper()
	story, _ := simgenesys.Script(script)
	story.Steps = story.Steps[:steps]
	r, err := s.Start(story, simgenesys.Call{Agents: agents, Manual: true, Customer: "+15555550123"})
	if err != nil {
		s.t.Fatal(err)
	}
	return r.Conversation
}

// deskTab is an agent's tab at the server.
type deskTab struct {
	t     *testing.T
	conn  *websocket.Conn
	state deskState
	n     int64
}

type deskState struct {
	Interactions, Over []deskInteraction
	Controls           []string
}

type deskInteraction struct {
	ID, Call, Phase, Customer, Queue, Wrapup, Number string
	Controls                                         []string
	Consulting                                       bool
	Candidates                                       []deskRecord
	Log                                              *struct {
		Name, Related  *deskRecord
		Notes, Outcome string
		Saved          *struct{ State, URL string }
	}
}

type deskRecord struct{ Object, ID, Name string }

func openDeskTab(t *testing.T, url, agent, id string) *deskTab {
	t.Helper()
	body := `{"agent":"` + agent + `"}`
	resp, err := http.Post(url+"/desk/ticket", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var got struct{ Ticket string }
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	conn, _, err := websocket.Dial(t.Context(), strings.Replace(url, "http", "ws", 1)+"/desk/socket", &websocket.DialOptions{Subprotocols: []string{"cordboard.desk.v1"}})
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(-1)
	t.Cleanup(func() { conn.CloseNow() })
	d := &deskTab{t: t, conn: conn}
	d.say(map[string]any{"type": "hello", "ticket": got.Ticket, "tab": id, "host": "plain"})
	return d
}

func (d *deskTab) say(v any) {
	d.t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		d.t.Fatal(err)
	}
	if err := d.conn.Write(d.t.Context(), websocket.MessageText, b); err != nil {
		d.t.Fatal(err)
	}
}

// deskMessage is what a tab hears, as far as these tests need it.
type deskMessage struct {
	Type, Outcome, Reason, Detail string
	N                             int64
	State                         *deskState
}

func (d *deskTab) hear() (m deskMessage) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), orgLimit)
	defer cancel()
	_, b, err := d.conn.Read(ctx)
	if err != nil {
		d.t.Fatalf("%v; the state was %+v", err, d.state)
	}
	if err := json.Unmarshal(b, &m); err != nil {
		d.t.Fatalf("%s: %v", b, err)
	}
	if m.State != nil {
		d.state = *m.State
	}
	return m
}

// until hears until the state is as wanted.
func (d *deskTab) until(what string, fact func(deskState) bool) {
	d.t.Helper()
	d.t.Log("waiting until " + what)
	for !fact(d.state) {
		d.hear()
	}
}

// phase waits until the agent's only interaction is in a phase and offers an order.
func (d *deskTab) phase(phase, order string) {
	d.t.Helper()
	d.until(phase+" with "+order, func(s deskState) bool {
		return len(s.Interactions) == 1 && s.Interactions[0].Phase == phase && (order == "" || slices.Contains(s.Interactions[0].Controls, order))
	})
}

// order gives one and returns its answer.
func (d *deskTab) order(name, call, to string, args map[string]string) deskMessage {
	d.t.Helper()
	d.n++
	d.say(map[string]any{"type": "order", "n": d.n, "order": name, "call": call, "to": to, "args": args})
	for {
		if m := d.hear(); m.Type == "order" {
			if m.N != d.n {
				d.t.Errorf("order %d is answered as %d", d.n, m.N)
			}
			return m
		}
	}
}

func (d *deskTab) take(name, call, to string, args map[string]string) {
	d.t.Helper()
	if m := d.order(name, call, to, args); m.Outcome != "done" {
		d.t.Fatalf("%s: %+v", name, m)
	}
}

// TestInteractionsAndOrders takes a call through an agent's orders at the desk, and sees their effects as its interactions.
func TestInteractionsAndOrders(t *testing.T) {
	org := newTelephones(t)
	url := serve(t, org.config())
	anna, ben := openDeskTab(t, url, org.agents[0], "a"), openDeskTab(t, url, org.agents[1], "b")
	anna.until("there is a status to set", func(s deskState) bool { return slices.Contains(s.Controls, "SetStatus") })
	if err := org.AwaitUsers(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	id := org.offer("inbound", 3, org.agents[0])
	anna.until("a call is there", func(s deskState) bool { return len(s.Interactions) == 1 })
	if i := anna.state.Interactions[0]; i.ID != id || i.Customer != "··· 0123" || i.Number != "" || !slices.Contains(i.Controls, "Answer") || slices.Contains(i.Controls, "Hold") {
		t.Errorf("the call is told as %+v", i)
	}
	if m := ben.order("Answer", id, "", nil); m.Outcome != "refused" || m.Reason != "no-call" {
		t.Errorf("another agent's call: %+v", m)
	}
	anna.take("Answer", id, "", nil)
	anna.phase("answered", "Hold")
	anna.take("hold", "", "", nil)
	anna.phase("held", "Retrieve")

	late := openDeskTab(t, url, org.agents[0], "late") // a page that comes in mid-call
	late.phase("held", "Retrieve")

	anna.take("Retrieve", anna.state.Interactions[0].Call, "", nil)
	anna.phase("answered", "Mute")
	anna.take("Mute", id, "", nil)
	anna.take("SetData", id, "", map[string]string{"case": "7"})
	if m := anna.order("Retrieve", "nowhere", "", nil); m.Outcome != "refused" || m.Reason != "no-call" {
		t.Errorf("an unknown call: %+v", m)
	}
	if m := anna.order("Sing", id, "", nil); m.Outcome != "refused" || m.Reason != "unknown-command" {
		t.Errorf("an unknown order: %+v", m)
	}
	anna.take("Consult", id, org.agents[1], nil)
	ben.until("the consult rings", func(s deskState) bool {
		return len(s.Interactions) == 1 && slices.Contains(s.Interactions[0].Controls, "Answer")
	})
	ben.take("Answer", "", "", nil)
	anna.until("a colleague is consulted", func(s deskState) bool { return len(s.Interactions) == 1 && s.Interactions[0].Consulting })
	anna.take("Conference", id, "", nil)
	anna.phase("conferenced", "Drop")
	anna.take("Drop", id, "", nil)
	anna.phase("wrapup", "WrapUp")
	if m := anna.order("WrapUp", id, "", map[string]string{"code": "Nonsense"}); m.Outcome != "refused" || m.Reason != "refused" || m.Detail == "" {
		t.Errorf("a wrap-up code that does not exist: %+v", m)
	}
	anna.take("WrapUp", id, "", map[string]string{"code": "Sale", "notes": "wants the blue one"})
	anna.until("nothing is open", func(s deskState) bool { return len(s.Interactions) == 0 })
	anna.take("SetStatus", "", "Break", nil)
}
