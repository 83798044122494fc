package bench

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"cordboard/call"
	"cordboard/catalog"
	"cordboard/engine"
	"cordboard/server"
)

// producers tell calls to an engine.
type producers struct {
	opts   EngineOptions
	engine *engine.Engine
	// database is the journal's server, if it has one.
	database database
	all      []producer
}

// producer is one agent's part of the site. Only its own goroutine touches it until it has ended.
type producer struct {
	agent string
	calls int64           // told to the end
	took  []time.Duration // of every event
	at    []time.Time     // when each was acknowledged
	err   error
}

func newProducers(o EngineOptions, e *engine.Engine) *producers {
	p := &producers{opts: o, engine: e, all: make([]producer, o.Producers)}
	for i := range p.all {
		p.all[i].agent = strconv.Itoa(1001001 + i)
	}
	return p
}

// run tells calls for the warm-up and the measured time, and fills in what the latter brought. Calls that have begun
// are told to their end.
func (p *producers) run(ctx context.Context, r *EngineReport) error {
	over := make(chan struct{})
	var telling sync.WaitGroup
	begin := time.Now().UnixMilli() * 1000 // dialogs of another run on the same database are others
	for i := range p.all {
		telling.Go(func() {
			one := &p.all[i]
			for n := int64(0); one.err == nil; n++ {
				select {
				case <-over:
					return
				default:
					one.err = p.tell(ctx, one, strconv.FormatInt(begin+n*int64(len(p.all))+int64(i), 10))
				}
			}
		})
	}
	var from, to snapshot
	err := rest(ctx, p.opts.Warmup)
	if err == nil {
		err = profiled(p.opts.Profile, func() error {
			var err error
			if from, err = p.take(ctx); err != nil {
				return err
			}
			if err := rest(ctx, p.opts.Length); err != nil {
				return err
			}
			to, err = p.take(ctx)
			return err
		})
	}
	close(over)
	telling.Wait()
	r.between(from, to)
	r.Database = p.database.cost(from.database, to.database, max(1, to.Events-from.Events), to.At.Sub(from.At))
	var took []time.Duration
	for i := range p.all {
		one := &p.all[i]
		err = errors.Join(err, one.err)
		for n, at := range one.at {
			if at.After(from.At) && at.Before(to.At) {
				took = append(took, one.took[n])
			}
		}
	}
	r.Acknowledged = spreadOf(took)
	return err
}

func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// tell tells one call.
func (p *producers) tell(ctx context.Context, one *producer, dialog string) error {
	for _, ev := range predictive(one.agent, dialog) {
		begin := time.Now()
		ev.Received = begin.UTC()
		if err := p.engine.Accept(ctx, []call.Event{ev}); err != nil {
			return err
		}
		now := time.Now()
		one.took, one.at = append(one.took, now.Sub(begin)), append(one.at, now)
	}
	one.calls++
	return nil
}

// calls is how many calls were told.
func (p *producers) calls() (n int64) {
	for i := range p.all {
		n += p.all[i].calls
	}
	return n
}

// predictive is a plain predictive call as the Finesse connector tells it.
func predictive(agent, dialog string) [eventsPerCall]call.Event {
	customer := "1201" + dialog[len(dialog)-7:]
	vars := map[string]string{
		"BAAccountNumber": "ACC-" + dialog, "BABuddyName": "Quinn,Ivy", "BACampaign": "Spring renewals", "BADialedListID": dialog,
		"BAStatus": "PREDICTIVE_OUTBOUND", "LCMKey": "57|3|472", "callVariable2": "ACC-" + dialog, "callVariable3": "renewal, second letter",
	}
	at, raw := time.Now().UTC().Truncate(time.Millisecond), notification(agent, dialog, customer)
	var events [eventsPerCall]call.Event
	for i, m := range [eventsPerCall]struct {
		callType, rawType, name string
		vars                    map[string]string
		wrapup                  string
	}{
		{callType: "OTHER_IN", name: "ALERTING"},
		{"PREDICTIVE_OUTBOUND", "OUTBOUND", "ALERTING", vars, ""},
		{"PREDICTIVE_OUTBOUND", "OUTBOUND", "ACTIVE", vars, ""},
		{"PREDICTIVE_OUTBOUND", "OUTBOUND", "WRAP_UP", vars, ""},
		{"PREDICTIVE_OUTBOUND", "OUTBOUND", "DROPPED", vars, "Sale"},
	} {
		ev := &events[i]
		*ev = call.Event{
			ID:         agent + "/" + dialog + "/" + m.callType + "/" + m.name + "/" + strconv.FormatInt(at.UnixMilli(), 10),
			Connection: connection, Platform: call.Cisco, Ref: dialog, Leg: agent, Role: call.CustomerLeg, Agent: agent,
			Extension: "2" + agent[len(agent)-3:], Mode: call.Predictive, CallType: m.callType, RawType: m.rawType, Name: m.name,
			At: at, Customer: customer, Direction: "outbound", Campaign: "Spring renewals", Vars: m.vars, Wrapup: m.wrapup,
			Raw: raw,
		}
		server.SetPhase(catalog.Default(), ev)
		at = at.Add(20 * time.Second)
	}
	return events
}

// notification is a message of the size and the kind that Finesse publishes. One for all moments of a call is enough: making
// them is no part of what is measured.
func notification(agent, dialog, customer string) []byte {
	b := make([]byte, 0, 3072)
	b = append(b, `<message xmlns="jabber:client" from="pubsub.finesse.example" to="`+agent+`@finesse.example"><event xmlns="http://jabber.org/protocol/pubsub#event">`+
		`<items node="/finesse/api/User/`+agent+`/Dialogs"><item id="1d1e872f-0d9a-f016-5bfb-`+dialog+`"><notification xmlns="http://jabber.org/protocol/pubsub">`...)
	element := func(name, value string) {
		for _, part := range [...]string{"&lt;", name, "&gt;", value, "&lt;/", name, "&gt;"} {
			b = append(b, part...)
		}
	}
	b = append(b, "&lt;Update&gt;&lt;data&gt;&lt;dialog&gt;"...)
	for _, e := range [...][2]string{
		{"associatedDialogUri", ""}, {"fromAddress", agent}, {"id", dialog}, {"DNIS", customer}, {"callType", "OUTBOUND"}, {"dialedNumber", customer},
	} {
		element(e[0], e[1])
	}
	for _, v := range [...][2]string{
		{"callVariable1", ""}, {"callVariable2", "ACC-" + dialog}, {"callVariable3", "renewal, second letter"}, {"BACampaign", "Spring renewals"},
		{"BAAccountNumber", "ACC-" + dialog}, {"BAResponse", ""}, {"BAStatus", "PREDICTIVE_OUTBOUND"}, {"BADialedListID", dialog},
		{"BATimeZone", ""}, {"BABuddyName", "Quinn,Ivy"}, {"user.LCMKey", "57|3|472"},
	} {
		b = append(b, "&lt;CallVariable&gt;"...)
		element("name", v[0])
		element("value", v[1])
		b = append(b, "&lt;/CallVariable&gt;"...)
	}
	for _, party := range [...]string{agent, customer} {
		b = append(b, "&lt;Participant&gt;&lt;actions&gt;"...)
		for _, action := range [...]string{"TRANSFER_SST", "CONSULT_CALL", "HOLD", "UPDATE_CALL_DATA", "SEND_DTMF", "DROP"} {
			element("action", action)
		}
		b = append(b, "&lt;/actions&gt;"...)
		element("mediaAddress", party)
		element("startTime", "2026-11-25T21:13:46.888Z")
		element("state", "ACTIVE")
		element("stateChangeTime", "2026-11-25T21:13:47.719Z")
		b = append(b, "&lt;/Participant&gt;"...)
	}
	element("state", "ACTIVE")
	element("uri", "/finesse/api/Dialog/"+dialog)
	return append(b, "&lt;/dialog&gt;&lt;/data&gt;&lt;event&gt;PUT&lt;/event&gt;&lt;/Update&gt;</notification></item></items></event></message>"...)
}
