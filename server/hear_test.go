package server_test

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"cordboard/sim/connect"
	"cordboard/store/postgres/pgtest"
)

// Ensure that what a browser shows is heard, and refused, on whichever node the agent's desk hangs.
func TestPicturesOnAnotherNode(t *testing.T) {
	db := pgtest.Start(t)
	sim, connection := instance(t, "connect-hvoc", "      browsers: true\n")
	const desks = "desk: { open_tickets: true }\n"
	north, _ := begin(t, onDatabase(db, "north")+desks+connection)
	await(t, "north owns the connection", func() bool { return state(t, north) == "up" })
	south, _ := begin(t, onDatabase(db, "south")+desks+connection)
	await(t, "south stands by", func() bool { return state(t, south) == "standby" })

	var mu sync.Mutex
	var drawn []json.RawMessage
	sim.Tap(func(m connect.Message) {
		mu.Lock()
		defer mu.Unlock()
		if m.Source == connect.Streams && m.Agent == "agent1001" {
			drawn = append(drawn, m.Body)
		}
	})
	ids := phone(t, sim, "manual_outbound_consult_conference")
	mu.Lock()
	defer mu.Unlock()
	if got := show(t, south, "agent1001", drawn); strings.Trim(got, "s") != "" || len(got) < 5 {
		t.Errorf("%d pictures became %s", len(drawn), got)
	}
	// Only browsers show consults. Whether the colleague answered while the agent was on the line cannot be told of a call that is played
	// within a second, because contact events have whole seconds.
	await(t, "the consult is heard of", func() bool {
		heard := words(story(t, south, "acme:"+ids.Contact, "agent1001"), "agent1001")
		return slices.Contains(heard, "manual Inbound connecting") && slices.Contains(heard, "manual outbound DROPPED")
	})
	if got := show(t, south, "agent1002", drawn[:1]); got != "r" {
		t.Errorf("another agent's picture became %s", got)
	}
}

// show sends pictures from an agent's desk and returns the first letter of what became of each: stored, refused or busy.
func show(t *testing.T, url, agent string, drawn []json.RawMessage) (became string) {
	t.Helper()
	conn := dial(t, url, "/desk/socket", "cordboard.desk.v1")
	defer conn.CloseNow()
	say := func(m any) {
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.Write(t.Context(), websocket.MessageText, b); err != nil {
			t.Fatal(err)
		}
	}
	say(map[string]any{"type": "hello", "ticket": ticket(t, url, agent), "tab": "a", "host": "plain"})
	for n, picture := range drawn {
		say(map[string]any{"type": "picture", "n": n, "picture": picture})
	}
	for len(became) < len(drawn) {
		_, raw, err := conn.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var m struct{ Type, Outcome string }
		if json.Unmarshal(raw, &m) == nil && m.Type == "picture" {
			became += m.Outcome[:1]
		}
	}
	return became
}
