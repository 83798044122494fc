package journaltest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"cordboard/call"
	"cordboard/engine"
)

// Feed makes groups as the engine would, over calls that run at the same time: each call has CallEvents events, two of
// which start a run of one step, which the next group completes. A raw message has 1.2 KB.
type Feed struct {
	// Pending are the steps that the next group completes.
	Pending []engine.Step
	// Scattered makes the platform's ids come in no order, as those of some platforms do; the ids of runs and steps
	// always do.
	Scattered bool
	// Began is when the first call begins.
	Began time.Time

	calls   []engine.Call
	turn    []int // how many events the call has had
	next    int
	first   int // the number of the first call
	started int
	raw     []byte
}

// NewFeed makes a feed over so many calls at a time. It numbers its calls from first on.
func NewFeed(parallel, first int) *Feed {
	return &Feed{
		Began: Morning, first: 16800000 + first, calls: make([]engine.Call, parallel), turn: make([]int, parallel),
		raw: []byte(strings.Repeat("<x/>", 300)),
	}
}

// Morning is when the calls of a feed begin.
var Morning = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// CallEvents is how many events a call of a feed has.
const CallEvents = 4

var moments = [CallEvents]struct {
	name  string
	phase call.Phase
}{{"ALERTING", call.Ringing}, {"ACTIVE", call.Answered}, {"HELD", call.Held}, {"DROPPED", call.Ended}}

// Group is the next group; it brings so many events.
func (f *Feed) Group(events int) engine.Group {
	g := engine.Group{Refs: map[call.Ref]call.ID{}, Steps: f.Pending}
	f.Pending = nil
	for range events {
		f.event(&g)
	}
	return g
}

func (f *Feed) event(g *engine.Group) {
	i := f.next
	f.next = (f.next + 1) % len(f.calls)
	c := &f.calls[i]
	if f.turn[i] == 0 {
		f.started++
		*c = engine.Call{}
	}
	ref := f.ref()
	if f.turn[i] > 0 {
		ref = c.State.Legs[0].Ref
	}
	m := moments[f.turn[i]]
	at := f.Began.Add(time.Duration(f.started) * time.Millisecond)
	agent := fmt.Sprint(1001000 + i)
	ev := call.Event{
		ID: ref + "/" + agent + "/" + m.name, Connection: "finesse", Platform: call.Cisco, Call: call.ID("finesse:" + ref), Ref: ref,
		Leg: "customer:" + agent, Role: call.CustomerLeg, Agent: agent, Extension: "2001", Mode: call.Predictive,
		CallType: "PREDICTIVE_OUTBOUND", Name: m.name, Phase: m.phase, At: at, Received: at, Customer: "+1415" + number(ref),
		Direction: "outbound", Campaign: "Winback", Raw: f.raw,
		Vars: map[string]string{"callVariable1": "0035g00000AbCdE", "BACampaign": "Winback", "BAStatus": "PC_D", "LCMKey": ref},
	}
	fresh := c.Stored == 0
	c.Due = time.Time{} // the step of its last event is done
	c.State = call.Apply(c.State, &ev)
	g.Events = append(g.Events, ev)
	if fresh {
		g.Refs[call.Ref{Connection: ev.Connection, Ref: ref}] = ev.Call
	}
	if f.turn[i]%2 == 0 {
		f.plan(g, c, &ev)
	}
	g.Calls = append(g.Calls, *c)
	c.Stored++
	f.turn[i] = (f.turn[i] + 1) % CallEvents
}

// ref is the platform's id of the newest call.
func (f *Feed) ref() string {
	id := fmt.Sprint(f.first + f.started)
	if f.Scattered {
		return scatter(id)[:32]
	}
	return id
}

// number is a customer's number; calls one after the other are with customers that have nothing to do with each other.
func number(ref string) string {
	sum := sha256.Sum256([]byte(ref))
	return fmt.Sprintf("%07d", (int(sum[0])<<16|int(sum[1])<<8|int(sum[2]))%10_000_000)
}

func scatter(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}

// plan adds the run of a rule with one step, which the next group completes.
func (f *Feed) plan(g *engine.Group, c *engine.Call, ev *call.Event) {
	run := engine.Run{
		ID: "r" + scatter(ev.Key())[:24], Call: ev.Call, Event: ev.Key(), Leg: ev.Leg, Agent: ev.Agent,
		Workflow: "Predictive calls", Rule: "pop", Revision: "1f0c", Started: ev.At,
	}
	st := engine.Step{
		ID: run.ID + ".0", Run: run.ID, Call: ev.Call, Leg: ev.Leg, Agent: ev.Agent, Workflow: run.Workflow, Seq: c.NextSeq,
		Lane: engine.WorkLane, Kind: "create", Key: run.ID, State: engine.Pending, Heard: ev.At, Due: ev.At,
		Plan: json.RawMessage(`{"object":"Task","set":{"Subject":"Call +14155550123","CallType":"Outbound","WhoId":"${pop.id}"}}`),
	}
	c.NextSeq++
	c.Fired = append(slices.Clone(c.Fired), run.ID)
	c.Due = ev.At
	g.Runs = append(g.Runs, run)
	g.Steps = append(g.Steps, st)
	st.Stored, st.State, st.Attempt, st.Due, st.Ended = st.State, engine.Done, 1, time.Time{}, ev.At
	st.Result = json.RawMessage(`{"id":"00T5g00000AbCdEFGH","created":true}`)
	st.Tries = []engine.Try{{At: ev.At, Took: 12.5, State: engine.Done, Request: strings.Repeat("q", 200), Answer: strings.Repeat("a", 100)}}
	f.Pending = append(f.Pending, st)
}

// Keys are the keys of events.
func Keys(events []call.Event) []string {
	out := make([]string, len(events))
	for i := range events {
		out[i] = events[i].Key()
	}
	return out
}

// CallsOf asks for the calls of a feed's events, whose ids begin with the platform id that names the call.
func CallsOf(keys []string) (ask engine.Ask) {
	for _, key := range keys {
		connection, id, _ := strings.Cut(key, "\x1f")
		ref, _, _ := strings.Cut(id, "/")
		ask.Calls = append(ask.Calls, call.ID(connection+":"+ref))
	}
	return ask
}

// Lacks returns which of the events are not known.
func Lacks(k engine.Known, keys []string) (missing []string) {
	stored := map[string]bool{}
	for _, w := range k.Calls {
		for _, key := range w.Events {
			stored[key] = true
		}
	}
	for _, key := range keys {
		if !stored[key] {
			missing = append(missing, key)
		}
	}
	return missing
}
