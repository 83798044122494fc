package dialer_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/catalog"
	"cordboard/platform"
	"cordboard/platform/dialer"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// told is one message of a story: after how many seconds, of whose part in which call, and its words.
type told struct {
	after           float64
	agent, id       string
	callType, event string
	campaignType    string
	vars            map[string]string
	timed           bool
	name            string // the sender's name for the message
}

// raw is the message as the dialer sends it.
func (m told) raw() []byte {
	vars := map[string]string{"CampaignName": "Spring", "Phone": "+12025550143", "LCMKey": "L7"}
	if m.campaignType != "" {
		vars["CampaignType"] = m.campaignType
	}
	maps.Copy(vars, m.vars)
	message := map[string]any{
		"channel": "Amazon", "topic": "OutboundCall", "subtopic": "OutboundCallStateChange",
		"message": map[string]any{"source": "event", "call": map[string]any{
			"id": m.id, "event": m.event, "CallType": m.callType, "CallVariables": vars,
			"ResponseFields": map[string]any{"fromAddress": "+12025550143", "CallState": m.event}, "ResponseActual": map[string]any{},
			"ButtonStates": map[string]any{"items": map[string]any{}, "count": 0}, "User": map[string]any{"UserId": m.agent, "Extension": m.agent},
		}},
	}
	if m.timed {
		message["at"] = m.time().Format(time.RFC3339Nano)
	}
	if m.name != "" {
		message["id"] = m.name
	}
	b, err := json.Marshal(message)
	if err != nil {
		panic(err) // plain data
	}
	return b
}

func (m told) time() time.Time { return noon.Add(time.Duration(m.after * float64(time.Second))) }

func (m told) heard() platform.Message {
	return platform.Message{At: m.time(), Connection: "dialer", Source: dialer.Source, Message: m.raw()}
}

// story reads lines of "seconds agent id type event [campaign type]".
func story(t testing.TB, text string) []told {
	t.Helper()
	var all []told
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		after, err := strconv.ParseFloat(f[0], 64)
		if err != nil || len(f) < 5 {
			t.Fatalf("%q is no line of a story", line)
		}
		m := told{after: after, agent: f[1], id: f[2], callType: f[3], event: f[4]}
		if len(f) > 5 {
			m.campaignType = strings.Join(f[5:], " ")
		}
		all = append(all, m)
	}
	return all
}

// hear decodes a story.
func hear(t testing.TB, d *dialer.Decoder, all []told) []call.Event {
	t.Helper()
	var events []call.Event
	for _, m := range all {
		got, err := d.Decode(m.heard())
		if err != nil {
			t.Fatalf("%s %s: %v", m.id, m.event, err)
		}
		events = append(events, got...)
	}
	return events
}

// words are the events as "mode type event role agent phase"; a wordless end is "end role agent phase".
func words(events []call.Event) string {
	var b strings.Builder
	for _, ev := range events {
		switch {
		case !ev.DataOnly():
			phase := ev.Phase
			if p, ok := catalog.Default().Phase(ev.Platform, ev.Mode, ev.CallType, ev.Name, ev.Role); ok {
				phase = p
			}
			fmt.Fprintln(&b, ev.Mode, ev.CallType, ev.Name, ev.Role, ev.Agent, phase)
		case ev.Phase != "":
			fmt.Fprintln(&b, "end", ev.Role, ev.Agent, ev.Phase)
		}
	}
	return b.String()
}

// fold is the call's state after the events, as the engine makes it.
func fold(events []call.Event) map[call.ID]call.State {
	index, states := call.NewIndex(), map[call.ID]call.State{}
	for i := range events {
		ev := events[i]
		index.Resolve(&ev)
		if p, ok := catalog.Default().Phase(ev.Platform, ev.Mode, ev.CallType, ev.Name, ev.Role); ok && !ev.DataOnly() {
			ev.Phase = p
		}
		states[ev.Call] = call.Apply(states[ev.Call], &ev)
	}
	return states
}

func trim(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if s := strings.TrimSpace(line); s != "" {
			lines = append(lines, s)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}
